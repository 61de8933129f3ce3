"""English words that say nothing of what a text is about, for monitors and lists that are too small to show it.

In how many of 100 texts each stands: from ordinary posts and claims, by no more than one digit's accuracy. It counts as
`PRIOR` texts that were heard before all others, and so has no weight left where thousands were.
"""

PRIOR = 300

_SHARES = {
    50: "the",
    45: "a",
    40: "to",
    35: "of in",
    24: "and",
    19: "is for",
    15: "that on was",
    11: "with from by an",
    9: "it this i at be are as s",
    7: "you u his t not have he has they we who",
    5: "their about will after all can if or just were said up my so",
    4: "during her because one out but new no would what our more them your like been she when now should",
    3: "year over being had old there get us him me only do than re how show shows people says say day today",
    2: "before did don into first m years while down some against make made found its time which then know never why "
    "two even here other these those use used back still off last via again any under could go once got where let "
    "see need put please every each much very many also too ever through between am does doing done having such "
    "own same both few most until really going come came take took want think thing things way well "
    "good saying tell told may might must shall another without upon whether since around heard "
    "true everyone everything anything something",
}
COMMON = {word: share * PRIOR // 100 for share, words in sorted(_SHARES.items()) for word in words.split()}
"""In how many of `PRIOR` texts each stands."""
