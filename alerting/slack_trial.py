"""Posts a sample story, and says what a workspace made of it: which blocks it took, and whether it is found again."""

from collections.abc import AsyncIterator
from datetime import datetime

from alerting.alert import Story
from alerting.slack_blocks import Shape, SlackMessage, shaped_message
from alerting.slack_finding import Finding, Verdict, refused
from alerting.slack_marks import STORY, Mark, is_bare
from alerting.slack_sample import sample_story
from alerting.slack_sending import BLOCKS_REFUSED, POSTED_AS_IT_IS
from alerting.slack_web import Answer, SlackWeb


async def post_sample(web: SlackWeb, channel: str, at: datetime, *, is_classic: bool = False) -> AsyncIterator[Finding]:
    """Post it in the fullest shape that is taken."""
    story, fullest = sample_story(at), Shape(classic=is_classic)
    shape, message = fullest, shaped_message(story, fullest)
    mark = Mark(event=STORY, receiver="sample", about=story.id, ids=(story.id,))
    refusal, posted = "", await _post(web, channel, message, mark)
    while posted.error in BLOCKS_REFUSED and message.blocks:
        refusal, shape = posted.error or "", shape.plainer(message, fullest)
        message = shaped_message(story, shape)
        posted = await _post(web, channel, message, mark)
    if posted.error is not None:
        yield Finding(what="sample", verdict=Verdict.MISSING, **refused(posted, channel))
        return
    yield Finding(what="sample", verdict=Verdict.GOOD, told="posted: look at it in Slack, and delete it there")
    yield _charts(shape, refusal)
    if not message.blocks:
        told = f"this workspace refuses them all ({refusal}): stories come as text alone, without buttons"
        yield Finding(what="blocks", verdict=Verdict.LACKING, told=told)
    elif shape.classic and not is_classic:
        told = f"this workspace refuses rich text ({refusal}): stories come in sections, which is seen to"
        yield Finding(what="blocks", verdict=Verdict.LACKING, told=told)
    yield await _found_again(web, channel, story, message, mark)


async def _post(web: SlackWeb, channel: str, message: SlackMessage, mark: Mark) -> Answer:
    blocks = mark.on(message.blocks)
    arguments = {"channel": channel, "text": message.text, "blocks": blocks, **POSTED_AS_IT_IS}
    return await web.call("chat.postMessage", **arguments, metadata=mark.metadata())


def _charts(shape: Shape, refusal: str) -> Finding:
    if shape.chart and shape.budget_bytes:
        return Finding(what="charts", verdict=Verdict.GOOD, told="taken: look whether the sample shows one")
    told = f"this workspace refuses them ({refusal}): stories come with a line of bars instead, which is seen to"
    return Finding(what="charts", verdict=Verdict.LACKING, told=told)


async def _found_again(web: SlackWeb, channel: str, story: Story, message: SlackMessage, mark: Mark) -> Finding:
    what = "found again"
    read = await web.read("conversations.history", channel=channel, limit="20", include_all_metadata="true")
    messages = read.data.get("messages")
    for found in messages if isinstance(messages, list) else ():
        if not isinstance(found, dict):
            continue
        if mark.told_in(found):
            by = "metadata" if found.get("metadata") else "blocks, since no metadata is kept here"
            return Finding(what=what, verdict=Verdict.GOOD, told=f"the sample, by its {by}")
        if is_bare(found, message.text):
            told = "the sample, but only by its words: after a crash in the wrong moment a story may be told twice"
            return Finding(what=what, verdict=Verdict.LACKING, told=told)
    why = f" ({read.error})" if read.error else ""
    told = f"not the sample{why}: after a crash in the wrong moment a story may be told twice"
    return Finding(what=what, verdict=Verdict.LACKING, told=told)
