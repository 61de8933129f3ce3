"""What is counted of each mention, over its wording and its narrative."""

from zlib import crc32

from detectors import distinct
from detectors.narratives import loudness, waves
from detectors.narratives.clustering.texts import Text
from detectors.narratives.stance.reading import stance
from detectors.narratives.state import LETTERS, Heard, Narrative, NarrativeState, WordingState, exemplar
from detectors.narratives.tally import KEPT, Tally


def count(state: NarrativeState, text: Text, wording: WordingState, narrative: Narrative, *, is_copy: bool) -> bool:
    """Counts a mention that the state's clock has come to; True where a wave began, or grew by an account."""
    heard, clock = text.heard, state.clock
    # What comes more than a day late is counted, but must not move the beginning of what is told today.
    is_fresh = clock is None or heard.at > clock - KEPT
    loudness.hear(state.loudness, heard.language, heard.at)
    state.norms.learn(
        clock or heard.at, heard.author, heard.channel, heard.links, is_copy=is_copy, is_new=heard.is_new_account
    )
    said = stance(text.clean)
    for tally in (wording.tally, narrative.tally):
        _tally(tally, heard, is_copy=is_copy, is_fresh=is_fresh)
        tally.denying += said == "denies"
        tally.asking += said == "asks"
    distinct.remember(narrative.authors_now, heard.author)
    if narrative.episode is not None:
        narrative.episode.mentions += 1
        distinct.remember(narrative.episode.author_hashes, heard.author)
    if is_fresh and heard.at < narrative.first.at:
        narrative.first = exemplar(heard)
    if heard.at >= narrative.newest.at:
        narrative.newest = exemplar(heard)
    if (heard.followers or 0) > (narrative.widest.followers or 0):
        narrative.widest = exemplar(heard)
    return not heard.is_repost and _is_wave(state, text, wording, narrative)


def _is_wave(state: NarrativeState, text: Text, wording: WordingState, narrative: Narrative) -> bool:
    """Whether a wave began or grew: of the same words, or else of the same link in whatever words."""
    author, seconds = text.heard.author, text.heard.at.timestamp()
    before = len(wording.waves) + len(narrative.waves)
    is_one = waves.notice(wording, author, seconds, text.opening)
    if not waves.is_in_one(wording, seconds, text.opening):
        for link in text.heard.links:
            is_one |= waves.notice(narrative, author, seconds, crc32(link.encode("utf-8", "replace")))
    if len(wording.waves) + len(narrative.waves) > before:
        state.norms.notice_wave()
    return is_one


def _tally(tally: Tally, heard: Heard, *, is_copy: bool, is_fresh: bool) -> None:
    tally.mentions += 1
    if is_fresh:
        tally.span(heard.at)
        tally.quarters.add(heard.at)
    tally.add_author(heard.author)
    tally.add_place(heard.channel, heard.language)
    for link in heard.links:
        tally.add_link(link)
    tally.by_letters += heard.space == LETTERS
    tally.near_duplicates += is_copy and tally.mentions > 1
    tally.known_ages += heard.is_new_account is not None
    tally.new_accounts += bool(heard.is_new_account)
    tally.most_followers = max(tally.most_followers, heard.followers or 0)
    for mark in heard.marks:
        tally.marks[mark] = tally.marks.get(mark, 0) + 1
