"""A checkable statement that somebody has fact-checked, in the words of schema.org's ClaimReview."""

from datetime import date

from msgspec import Struct


class KnownClaim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of a claims file.

    The verdict is the fact-checker's and is always told with who gave it: we call nothing false ourselves.
    """

    id: str
    claim: str
    """The statement as people make it (`claimReviewed`)."""
    verdict: str
    """The fact-checker's word for it (`reviewRating.alternateName`)."""
    checked_by: str
    """Who checked it (`author.name`)."""
    url: str | None = None
    """Where the fact-check can be read."""
    checked_on: date | None = None
    """`datePublished`."""
    languages: tuple[str, ...] = ("en",)
    """In which it goes round, as ISO 639 codes: first that of the claim; other wordings may be in any of them."""
    title: str | None = None
    """The headline of the fact-check."""
    also: tuple[str, ...] = ()
    """Other wordings in which the claim goes round."""
    answer: str | None = None
    """What the organisation has approved to say."""
    owner: str | None = None
    """Who is to be asked."""
    vectors: tuple[bytes, ...] = ()
    """Set by us, not in the file: `claim`, then `title` and `also` where there are any, encoded as in `Encoding`."""
