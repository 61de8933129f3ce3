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


def _encode(claims: tuple[KnownClaim, ...], settings: config.Encoder) -> tuple[KnownClaim, ...]:
    from streams.encoding.encoder import open_encoder

    return encode_claims(claims, open_encoder(settings))


def _vectors(claim: KnownClaim, encoder: "Encoder") -> tuple[bytes, ...]:
    texts = [claim.claim, *([claim.title] if claim.title else []), *claim.also]
    # A claim known in several languages does not say in which of them each text is.
    given = claim.languages[0] if len(claim.languages) == 1 else None
    encodings = encoder.encodings(texts, [given] * len(texts))
    return tuple(encoding.vector for encoding in encodings if encoding.vector is not None)
