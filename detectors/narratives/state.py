"""What the narrative detector remembers: mentions that wait, wordings, narratives and their episodes."""

from datetime import UTC
from hashlib import blake2b
from urllib.parse import urlsplit

from msgspec import Struct, field

from detectors.detection import EarlierLife, Exemplar, MatchedClaim, Turn
from detectors.links import links_of
from detectors.mention import Mention, Moment
from detectors.narratives.clustering.background import Learned
from detectors.narratives.clustering.clusters import NarrativeCluster, Wording
from detectors.narratives.clustering.recent import RecentText
from detectors.narratives.loudness import Loudness
from detectors.narratives.norms import Norms
from detectors.narratives.stance.replies import Replies
from detectors.narratives.tally import Tally

LETTERS = "letters"
"""The space of texts without a vector: they are compared by their letters only."""
_TEXT_KEPT = 1000
_TEXT_SHOWN = 600
_NEW_ACCOUNT_DAYS = 30


class Heard(Struct, frozen=True, kw_only=True):
    """What is kept of a mention until the watermark has passed it. All text in it is foreign."""

    id: str
    at: Moment
    channel: str
    language: str
    text: str
    """Title and text, at most 1,000 characters."""
    author: str
    """A key of 16 hexadecimal digits."""
    handle: str | None = None
    url: str | None = None
    followers: int | None = None
    is_new_account: bool | None = None
    is_repost: bool = False
    links: tuple[str, ...] = ()
    """As `detectors/links.py` writes them."""
    in_reply_to: str | None = None
    """Id of the mention that it answers."""
    space: str = LETTERS
    vector: bytes = b""
    """As in `Encoding`; empty in the space of letters."""
    marks: tuple[str, ...] = ()


class Wave(Struct, kw_only=True):
    """An occasion on which several accounts posted near-copies, or the same link, within a minute."""

    ends: float
    """When the last of them was posted, seconds since 1970."""
    authors: list[str]
    """At most 16."""
    opening: int
    """Hash of the first words, or of the link."""


class WordingState(Wording, kw_only=True):
    """Texts of near-equal wording."""

    sample: Exemplar
    """The first of them."""
    texts: list[str] = field(default_factory=list)
    """Hashes of up to 16 cleaned texts that are in it: the same text again needs no search."""
    tally: Tally = field(default_factory=Tally)
    recent: list[tuple[str, float, int]] = field(default_factory=list)
    """Authors, times (seconds since 1970) and hashes of the first words of the last 16 mentions, reposts aside."""
    waves: list[Wave] = field(default_factory=list)
    """The first 8."""
    replies: Replies = field(default_factory=Replies)
    answering: int = 0
    """Mentions that answer one of another narrative that is told."""


class Episode(Struct, kw_only=True):
    """A time in which a narrative is clearly above its usual, from when it is told until it is calm again."""

    starts_at: Moment
    usual: float
    """Mentions per window before it."""
    needed: float
    """Mentions in a window that made it one."""
    because: str
    """What asked for so many: the `least` number, other `newborns`, its own `usual`, what was told of it before it
    `parted`; or that a `claim` needs no more."""
    unmatched: float
    """How many it would have needed without a known claim."""
    louder: float
    """By how much the least number was raised, since all other talk in its language was louder than usual."""
    mentions: int
    """Since it began, of all that belongs to the narrative now; so are the authors."""
    author_hashes: list[int]
    """As `detectors/distinct.py` counts them; so are those of a narrative."""
    told_at: Moment
    level: int
    doublings: int
    """As the level, of mentions: it is told again when either grows, and only people raise the level."""
    kinds: list[str]
    """With `coordinated` where that was told, whatever the kind."""
    claims: list[str]
    """Ids of the claims of which it was told that it matches, followed by `!` where this was told as certain."""
    channels: list[str]
    languages: list[str]


class Narrative(NarrativeCluster, kw_only=True):
    """Mentions of near-equal meaning."""

    tally: Tally = field(default_factory=Tally)
    first: Exemplar
    newest: Exemplar
    widest: Exemplar
    authors_before: list[int] = field(default_factory=list)
    authors_now: list[int] = field(default_factory=list)
    """Hashes of those who spoke in the window before this one, and in this one; windows begin with the clock."""
    usual: float = 0.0
    """The most mentions in a window, of the past; fades slowly."""
    was_newborn: bool = False
    """Whether it has entered the statistics of how far new narratives usually come."""
    claim: MatchedClaim | None = None
    synchronous: int = 0
    """On how many occasions accounts posted near-copies within a minute, the first and those that repeat it."""
    recent: list[tuple[str, float, int]] = field(default_factory=list)
    """As of a wording, of links instead of first words; so are the waves."""
    waves: list[Wave] = field(default_factory=list)
    replies: Replies = field(default_factory=Replies)
    answering: int = 0
    match_at: int = 0
    """From how many mentions on it is to be compared with the known claims again."""
    episode: Episode | None = None
    formerly: list[str] = field(default_factory=list)
    """Ids of narratives that were told and are part of this one now, oldest first; at most 20."""
    parted_from: str | None = None
    """The narrative that it was a part of when that was told."""
    told_within: int = 0
    """How many mentions of it were told as a part of that one."""
    turns: list[Turn] = field(default_factory=list)
    """The newest five, oldest first."""
    earlier: EarlierLife | None = None


class Past(Struct, frozen=True, kw_only=True):
    """A narrative that was told, kept to know it when it comes back. The centre is float16, little-endian."""

    space: str
    first_at: Moment
    last_at: Moment
    mentions: int
    dense: bytes
    """The mean of its texts' vectors."""
    places: bytes
    """Which of the lexical components are greatest, uint16."""
    weights: bytes
    """Their values."""


class Newborn(Struct, frozen=True, kw_only=True):
    """How far a narrative came in its first window."""

    at: Moment
    mentions: int


class Watched(Struct, kw_only=True):
    """What is remembered of one language of one space, to see whether the model still tells its texts apart."""

    vector: bytes = b""
    """Of the newest text."""
    words: tuple[int, ...] = ()
    """Hashes of that text's words."""
    author: str = ""
    heard_at: Moment
    """The greatest event time."""
    cosines: list[int] = field(default_factory=list)
    """Of the last pairs of texts that have nothing to do with each other, in thousandths, oldest first."""
    since: Moment | None = None
    """Since when the model no longer tells texts of it apart; None while it does."""


class NarrativeState(Struct, kw_only=True):
    """All that the detector remembers of a monitor."""

    held: dict[str, Heard] = field(default_factory=dict)
    wordings: dict[str, WordingState] = field(default_factory=dict)
    narratives: dict[str, Narrative] = field(default_factory=dict)
    frequencies: dict[str, bytes] = field(default_factory=dict)
    """Pieces of `Frequencies`, of words and of letters."""
    recent: dict[str, RecentText] = field(default_factory=dict)
    """By `space/row`."""
    backgrounds: dict[str, Learned] = field(default_factory=dict)
    """By space; not for letters."""
    texts: tuple[int, int] = (0, 0)
    """How many texts these count."""
    taken: int = 0
    """Mentions taken in so far."""
    regrouped_at: int = 0
    """`taken` when wordings were last regrouped."""
    learned_at: tuple[int, Moment | None] = (0, None)
    """`taken` and the time when the backgrounds last learned."""
    number: int = 0
    """Of the newest cluster."""
    began: Moment | None = None
    clock: Moment | None = None
    """The greatest event time taken in."""
    next_tick: Moment | None = None
    space: str = LETTERS
    """Of the newest vector: the one that the known claims' vectors are of."""
    loudness: dict[str, Loudness] = field(default_factory=dict)
    """By language, at most 20 and a rest."""
    norms: Norms = field(default_factory=Norms)
    newborns: list[Newborn] = field(default_factory=list)
    watched: dict[str, Watched] = field(default_factory=dict)
    """By `space|language`: see `detectors/narratives/clustering/drift.py`."""
    answerable: dict[str, bytes] = field(default_factory=dict)
    """Parts of `Answerable`, by number; `remembered` is how many mentions it was told of."""
    remembered: int = 0
    pasts: dict[str, Past] = field(default_factory=dict)
    """Narratives that were told, by id: those still open and those forgotten; at most 200."""
    due: list[str] = field(default_factory=list)
    """Ids of narratives that are to be told again at once, since alerts are to follow."""
    claims: str = ""
    """Hash of the known claims with which all narratives were compared."""
    spoke_at: Moment | None = None
    """The time of the newest detection."""


def hear(mention: Mention) -> Heard:
    """What is to be kept of a mention."""
    author, vector = mention.author, b""
    space = LETTERS
    if mention.encoding is not None and mention.encoding.vector:
        vector = mention.encoding.vector
        space = f"{mention.encoding.model}/{len(vector) // 2}"
    # A clock that runs ahead says nothing. The pipeline then gives stream time, which depends on who reads: a replay
    # would open other narratives. When it came, all that read it know alike.
    at = mention.arrived_at if mention.clock_ahead and mention.arrived_at is not None else mention.at
    title = f"{mention.title}\n" if mention.title and not mention.text.startswith(mention.title) else ""
    return Heard(
        id=mention.id,
        at=at.astimezone(UTC),
        channel=mention.channel[:64],
        language=mention.language[:16],
        text=(title + mention.text)[:_TEXT_KEPT],
        author=_author_key(mention),
        handle=author.handle and author.handle[:200],
        url=mention.url and mention.url[:500],
        followers=author.followers,
        is_new_account=None if author.created_at is None else (at - author.created_at).days < _NEW_ACCOUNT_DAYS,
        is_repost=mention.repost_of is not None,
        links=links_of(mention),
        in_reply_to=mention.in_reply_to and mention.in_reply_to[:300],
        space=space,
        vector=vector,
        marks=mention.marks,
    )


def exemplar(heard: Heard) -> Exemplar:
    """As evidence; `exemplars.py` gives it its role."""
    return Exemplar(
        role="typical",
        mention_id=heard.id[:300],
        at=heard.at,
        channel=heard.channel,
        text=heard.text[:_TEXT_SHOWN],
        language=heard.language,
        handle=heard.handle,
        url=heard.url,
        followers=heard.followers,
    )


def _author_key(mention: Mention) -> str:
    """Where nobody is named, a whole site or channel counts as one author."""
    author = mention.author
    name = author.id or author.handle or (mention.url and _host(mention.url)) or mention.channel
    return blake2b(name.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # for example a bracket that is not closed
        return None
