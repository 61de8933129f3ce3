"""What is said in public: one mention, and what the encoder made of its text.

Field by field the meaning is that of ActivityStreams 2.0. Everything here comes from outside and is data, never markup:
whoever shows it makes it literal first.
"""

from datetime import datetime
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta, Struct, field
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Unit length, shape (d,)."""
Moment = Annotated[datetime, Meta(tz=True)]
"""A point in time with its zone; UTC wherever we made it."""

MENTION_KINDS = frozenset({"post", "comment", "article", "review", "video", "tip", "other"})


class Author(Struct, frozen=True, kw_only=True):
    """Who said it. `id` is a keyed hash; the rest is shown but never used as a label."""

    id: str | None = None
    handle: str | None = None
    followers: int | None = None
    created_at: Moment | None = None
    verified: bool | None = None


class Engagement(Struct, frozen=True, kw_only=True):
    """Reactions as seen at `arrived_at`."""

    likes: int | None = None
    reposts: int | None = None
    replies: int | None = None
    views: int | None = None


Uncovered = Literal["language", "uncalibrated", "shattered"]
"""Why a text was not embedded: its language is not one of the model's, or one of which nobody knows what its cosines
mean, or the tokenizer shatters it."""


class Encoding(Struct, frozen=True, kw_only=True):
    """What the encoder made of a mention's text.

    Either `vector` or `uncovered` is set; neither where the text has no words.
    """

    model: str
    """The model's id and version: vectors of different models never meet."""
    language: str
    """BCP 47, `und` where unknown."""
    vector: bytes | None = None
    """Unit length, float16, little endian."""
    uncovered: Uncovered | None = None


class Mention(Struct, frozen=True, kw_only=True):
    """One public utterance.

    `id` is the same whenever the same utterance is read again. `at` is event time, `arrived_at` when we got it (`match`
    fills it in where the producer did not). `clock_ahead`, `encoding` and `marks` are ours: `match` sets them, and no
    producer can.
    """

    id: str
    channel: str
    at: Moment
    text: str
    kind: str = "post"
    title: str | None = None
    url: str | None = None
    in_reply_to: str | None = None
    repost_of: str | None = None
    arrived_at: Moment | None = None
    author: Author = Author()
    lang: str | None = None
    links: tuple[str, ...] = ()
    metrics: Engagement = Engagement()
    country: str | None = None
    synthetic: bool = False
    # Named so that no producer's own field is taken for ours.
    clock_ahead: bool = field(default=False, name="groundswell:clock_ahead")
    encoding: Encoding | None = field(default=None, name="groundswell:encoding")
    marks: tuple[str, ...] = field(default=(), name="groundswell:marks")
    """Which of the organisation's lists of words it holds words of: see `detectors/marks.py`."""

    @property
    def vector(self) -> Vector | None:
        """The text's direction in the model's space, or None where it was not embedded."""
        if self.encoding is None or self.encoding.vector is None:
            return None
        return np.frombuffer(self.encoding.vector, dtype="<f2").astype(np.float32)

    @property
    def language(self) -> str:
        """As identified by us, else as the source says, else `und`."""
        if self.encoding is not None:
            return self.encoding.language
        return self.lang or "und"
