"""Known claims with their texts encoded, so that mentions can be compared with them."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from msgspec import structs

from detectors.known_claim import KnownClaim
from streams.settings import config

if TYPE_CHECKING:
    from streams.encoding.encoder import Encoder

Texts = tuple[str, ...]
"""All on which the vectors of a claim depend, beside the model."""
Vectors = dict[Texts, tuple[bytes, ...]]


def with_vectors(claims: Sequence[KnownClaim], settings: config.Encoder) -> tuple[KnownClaim, ...]:
    """The same claims, each with the vectors of those of its texts that the model covers.

    In a process of its own: the model's memory is given back when it is done. Raises `EncoderUnavailable`.
    """
    if not claims:
        return ()
    # spawn: a fork of a process with threads may hang.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_encode, tuple(claims), settings).result()


def encode_claims(claims: Sequence[KnownClaim], encoder: "Encoder") -> tuple[KnownClaim, ...]:
    """The same, with an encoder that is open."""
    return tuple(structs.replace(claim, vectors=_vectors(claim, encoder)) for claim in claims)


def with_known_vectors(claims: Sequence[KnownClaim], known: Vectors) -> tuple[KnownClaim, ...]:
    """The same, with vectors that were made before."""
    return tuple(structs.replace(claim, vectors=known[made_of(claim)]) for claim in claims)


def texts_of(claim: KnownClaim) -> list[str]:
    """The texts that are encoded, in the order of their vectors."""
    return [claim.claim, *([claim.title] if claim.title else []), *claim.also]


def stated_languages(claim: KnownClaim) -> list[str | None]:
    """What the claim says of the language of each of its texts: its first one, but of other wordings of several."""
    first = claim.languages[0] if claim.languages else None
    others = first if len(claim.languages) == 1 else None
    return [first, *([first] if claim.title else []), *[others] * len(claim.also)]


def made_of(claim: KnownClaim) -> Texts:
    """Each text with the language that it is said to be in."""
    return tuple(f"{stated}\0{text}" for stated, text in zip(stated_languages(claim), texts_of(claim), strict=True))


def _encode(claims: tuple[KnownClaim, ...], settings: config.Encoder) -> tuple[KnownClaim, ...]:
    from streams.encoding.encoder import open_encoder

    return encode_claims(claims, open_encoder(settings))


def _vectors(claim: KnownClaim, encoder: "Encoder") -> tuple[bytes, ...]:
    texts = texts_of(claim)
    encodings = encoder.encodings(texts, stated_languages(claim))
    return tuple(encoding.vector for encoding in encodings if encoding.vector is not None)
