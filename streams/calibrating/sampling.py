"""A few thousand different texts of each language, from recordings of any length, with their vectors.

Which texts are taken follows from their hashes: they lie all over the recording, and the same recording gives the same.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, datetime
from heapq import heappush, heappushpop

from msgspec import Struct, structs

from detectors.mention import Mention
from detectors.narratives.state import LETTERS, Heard, hear
from streams.calibrating.drawing import Texts
from streams.encoding.encoder import Encoder
from streams.encoding.languages import identify
from streams.encoding.text_cleaning import cleaned, has_words
from streams.reading import read_mention

MOST_TEXTS = 8_000
"""Of a language."""
_AT_ONCE = 256


class Sample(Struct):
    """Texts of one language: those with the greatest hashes, each once."""

    mentions: int = 0
    kept: list[tuple[bytes, Mention]] = []
    hashes: set[bytes] = set()

    def offer(self, text: str, mention: Mention, most: int) -> None:
        self.mentions += 1
        digest = hashlib.blake2b(text.casefold().encode("utf-8", "replace"), digest_size=12).digest()
        if digest in self.hashes:
            return
        if len(self.kept) < most:
            heappush(self.kept, (digest, mention))
            self.hashes.add(digest)
        elif digest > self.kept[0][0]:
            gone, _ = heappushpop(self.kept, (digest, mention))
            self.hashes.add(digest)
            self.hashes.discard(gone)


def sample(
    lines: Iterable[bytes], wanted: Container[str], most: int, advance: Callable[[], None]
) -> tuple[dict[str, Sample], int]:
    """Samples by language, of the languages that are wanted; and how many lines are no mention.

    `advance` is called after each line. What the encoder says of the language later is what counts; this only chooses.
    """
    samples: dict[str, Sample] = {}
    unreadable, now = 0, datetime.now(UTC)
    for line in lines:
        mention = read_mention(line, now)
        advance()
        if not isinstance(mention, Mention):
            unreadable += 1
            continue
        text = cleaned(f"{mention.title}. {mention.text}" if mention.title else mention.text)
        if mention.synthetic or not has_words(text):
            continue
        language = identify(text, mention.lang)
        if language in wanted:
            samples.setdefault(language, Sample()).offer(text, mention, most)
    return samples, unreadable


def encoded(samples: Mapping[str, Sample], encoder: Encoder, advance: Callable[[int], None]) -> list[Texts]:
    """The texts of each language with their vectors, by language. `advance` is told how many are done."""
    heard: dict[str, list[Heard]] = {language: [] for language in samples}
    shattered: Counter[str] = Counter()
    # In order of time, as a monitor would hear them: words and background are learned in it.
    chosen = sorted(
        (mention for each in samples.values() for _, mention in each.kept), key=lambda each: (each.at, each.id)
    )
    for start in range(0, len(chosen), _AT_ONCE):
        some = chosen[start : start + _AT_ONCE]
        for mention, encoding in zip(some, encoder.encode(some), strict=True):
            if encoding.uncovered == "shattered":
                shattered[encoding.language] += 1
            elif encoding.vector is not None:
                found = hear(structs.replace(mention, encoding=encoding))
                if found.space != LETTERS:
                    heard.setdefault(encoding.language, []).append(found)
        advance(start + len(some))
    return [
        Texts(
            language=language,
            mentions=samples[language].mentions if language in samples else len(texts),
            heard=tuple(texts),
            shattered=shattered[language],
        )
        for language, texts in sorted(heard.items())
    ]


def count(samples: Iterable[Sample]) -> int:
    """How many texts are to be encoded."""
    return sum(len(each.kept) for each in samples)
