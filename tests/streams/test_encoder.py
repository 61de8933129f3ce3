from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from detectors.mention import Encoding
from streams.encoding.encoder import LONGEST, Encoder
from streams.encoding.exported_model import Ids, LoadedModel, Manifest
from streams.encoding.outcomes import outcome_of
from tests.building import mention

TEXTS = [
    "they sell our census answers to everybody",
    "stop it",
    "the office says no",
    "so now or never we must stop it",
]
ENGLISH = frozenset({"en"})


class CountingEngine:
    """Gives each text a direction that follows from its words alone, and notes the batches."""

    batch = 4

    def __init__(self) -> None:
        self.shapes: list[tuple[int, int]] = []
        self.go = Event()
        self.go.set()

    def run(self, ids: Ids, mask: Ids) -> NDArray[np.float32]:
        self.go.wait(10)
        self.shapes.append((ids.shape[0], ids.shape[1]))
        rows = np.stack(
            [np.bincount(row[row_mask == 1] % 8, minlength=8) for row, row_mask in zip(ids, mask, strict=True)]
        )
        vectors: NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return vectors

    @property
    def texts(self) -> int:
        return sum(rows for rows, _ in self.shapes)


def small_encoder(
    languages: frozenset[str] = ENGLISH, max_tokens: int = 16, calibrated: frozenset[str] | None = None
) -> tuple[Encoder, CountingEngine]:
    """An encoder whose tokenizer knows the words of these tests and nothing else."""
    words = ["?", *dict.fromkeys(" ".join(TEXTS).split())]
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="?"))
    tokenizer.pre_tokenizer = Whitespace()
    engine = CountingEngine()
    manifest = Manifest(model="small-1", source="small", dimensions=8, max_tokens=max_tokens, pad_id=0, unknown_id=0)
    loaded = LoadedModel(manifest=manifest, tokenizer=tokenizer, engine=engine)
    return Encoder(loaded, languages, calibrated=calibrated), engine


def encode(encoder: Encoder, text: str, lang: str | None = "en") -> Encoding:
    return encoder.encode([mention(text, lang=lang)])[0]


def cosine(one: Encoding, other: Encoding) -> float:
    assert one.vector is not None
    assert other.vector is not None
    vectors = [np.frombuffer(each.vector or b"", dtype="<f2").astype(np.float32) for each in (one, other)]
    return float(vectors[0] @ vectors[1])


def test_each_mention_gets_its_own_encoding_in_order() -> None:
    encoder, _ = small_encoder()
    together = encoder.encode([mention(text) for text in TEXTS])
    assert together == [encode(small_encoder()[0], text) for text in TEXTS]
    assert {encoding.model for encoding in together} == {"small-1"}


def test_equal_texts_are_encoded_once_within_a_batch_and_ever_after() -> None:
    encoder, engine = small_encoder()
    variants = ["they sell it now", "@ada they sell it now https://t.example/1", "they  sell it now"]
    first, *others = encoder.encode([mention(text) for text in variants])
    assert others == [first, first]
    assert encode(encoder, variants[0]) == first
    assert engine.texts == 1
    assert (encoder.stats.encoded, encoder.stats.cached) == (1, 3)


def test_texts_of_like_length_run_together_in_small_batches() -> None:
    encoder, engine = small_encoder()
    long = "we must stop it now or never they sell our census answers to"
    encoder.encode(
        [
            mention(f"{long} {word}" if number % 2 else f"{word} it")
            for number, word in enumerate(["the", "office", "says", "no", "our", "answers", "so", "everybody"])
        ]
    )
    assert engine.shapes == [(4, 2), (4, 14)]


def test_a_language_that_is_not_covered_is_marked_and_not_embedded() -> None:
    encoder, engine = small_encoder()
    made = encode(encoder, "国勢調査の回答が保険会社に売られるらしい", lang="ja")
    assert (made.language, made.uncovered, made.vector) == ("ja", "language", None)
    assert engine.texts == 0
    assert encoder.stats.language == 1


def test_an_unknown_language_is_given_to_models_of_many_languages_only() -> None:
    few, _ = small_encoder()
    many, _ = small_encoder(frozenset(f"{a}{b}" for a in "abcde" for b in "fghij"))
    assert encode(few, "stop", lang=None).uncovered == "language"
    assert encode(many, "stop", lang=None).vector is not None


def test_a_language_that_is_not_calibrated_is_marked_and_not_embedded() -> None:
    encoder, engine = small_encoder(frozenset({"en", "ja"}), calibrated=frozenset({"ja"}))
    made = encode(encoder, "they sell our census answers", lang="en")
    assert (made.language, made.uncovered, made.vector) == ("en", "uncalibrated", None)
    assert engine.texts == 0
    assert (encoder.stats.uncalibrated, encoder.stats.language) == (1, 0)
    assert encode(encoder, "Sie verkaufen die Antworten der Volkszählung", lang="de").uncovered == "language"
    assert encode(encoder, "", lang="en").uncovered is None


def test_a_calibrated_language_is_embedded() -> None:
    encoder, _ = small_encoder(calibrated=frozenset({"en"}))
    assert encode(encoder, "they sell our census answers").vector is not None
    nothing_calibrated, _ = small_encoder(calibrated=frozenset())
    assert encode(nothing_calibrated, "they sell our census answers").uncovered == "uncalibrated"


def test_texts_of_unknown_language_need_a_calibration_of_their_own() -> None:
    many = frozenset(f"{a}{b}" for a in "abcde" for b in "fghij")
    without, _ = small_encoder(many, calibrated=many)
    with_one, _ = small_encoder(many, calibrated=many | {"und"})
    assert encode(without, "stop", lang=None).uncovered == "uncalibrated"
    assert encode(with_one, "stop", lang=None).vector is not None


def test_hindi_in_latin_letters_is_embedded_by_no_model() -> None:
    encoder, engine = small_encoder(frozenset({"en", "hi"}))
    made = encode(encoder, "kya hua bhai, ye log humare data bech rahe hain", lang=None)
    assert (made.language, made.uncovered) == ("hi", "language")
    assert encode(encoder, "mujhe nahi pata", lang="en").uncovered == "language"
    assert engine.texts == 0


def test_the_same_text_over_and_over_is_encoded_once() -> None:
    encoder, engine = small_encoder()
    mentions = [mention("they sell our census answers")] * 1000
    for _ in range(10):
        encoder.encode(mentions)
    assert engine.texts == 1
    assert encoder.stats.cached == 9_999
    assert encode(encoder, "BREAKING: they sell our census answers via @ada").vector is not None
    assert engine.texts == 1


def test_a_text_that_the_tokenizer_shatters_is_not_embedded() -> None:
    encoder, _ = small_encoder()
    assert encode(encoder, "they zell our zenzuz to everybody").uncovered == "shattered"
    assert encode(encoder, "a" * 60).uncovered == "shattered"
    assert encoder.stats.shattered == 2


def test_emoji_do_not_shatter_a_text() -> None:
    encoder, _ = small_encoder()
    assert encode(encoder, "they sell our census 😂 answers 🔥 to everybody 🤔🤔").uncovered is None


def test_a_text_without_words_is_neither_embedded_nor_uncovered() -> None:
    encoder, _ = small_encoder()
    for text in ("", "https://t.example/1", "@ada 😂 12 !!!", "\u202e\ud800"):
        made = encode(encoder, text)
        assert (made.vector, made.uncovered, made.language) == (None, None, "und")
    assert encoder.stats.no_words + encoder.stats.cached == 4


def test_a_title_is_part_of_the_text_once() -> None:
    encoder, _ = small_encoder()
    alone = encode(encoder, "the office says no. they sell it")
    titled = mention("they sell it", title="the office says no")
    repeated = mention("the office says no. they sell it", title="the office says no")
    assert encoder.encode([titled, repeated]) == [alone, alone]


def test_a_long_text_is_cut_to_what_the_model_takes() -> None:
    encoder, engine = small_encoder(max_tokens=16)
    made = encode(encoder, "they sell our census answers to everybody now " * 200_000)
    assert made.vector is not None
    assert engine.shapes == [(1, 16)]
    assert encode(encoder, "they sell our census answers to everybody now " * LONGEST) == made


def test_claims_can_be_encoded_as_texts() -> None:
    encoder, _ = small_encoder()
    rows = encoder.encode_texts(["they sell it", "国勢調査"])
    assert rows.shape == (2, 8)
    assert rows.dtype == np.float32
    claims = encoder.encodings(["they sell it now", "国勢調査"], ["en", "ja"])
    assert [claim.uncovered for claim in claims] == [None, "language"]
    assert encoder.encode_texts([]).shape == (0, 8)
    assert encoder.encode([]) == []


def test_calls_from_two_threads_wait_for_each_other() -> None:
    encoder, engine = small_encoder()
    engine.go.clear()
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(encode, encoder, "they sell our census answers now") for _ in range(2)]
        engine.go.set()
        first, second = (call.result(10) for call in calls)
    assert first == second
    assert engine.texts == 1


def test_the_offline_model_tells_paraphrases_from_other_matters(encoder: Encoder) -> None:
    sold, paraphrase, other = encoder.encode(
        [
            mention("The census office sells our answers to insurance companies."),
            mention("BREAKING: your census data is being SOLD to insurers!!! @ada"),
            mention("Lovely weather for the marathon in the city centre today."),
        ]
    )
    assert cosine(sold, paraphrase) > 0.6 > 0.3 > cosine(sold, other)
    assert cosine(sold, sold) == pytest.approx(1, abs=2e-3)  # float16
    assert len(sold.vector or b"") == 2 * encoder.dimensions == 768


def test_the_offline_model_refuses_what_is_not_english(encoder: Encoder) -> None:
    texts = [
        "国勢調査の回答が保険会社に売られるらしい。",
        "인구조사 답변이 보험사에 팔린다고 합니다.",
        "Die Antworten der Volkszählung werden an Versicherungen verkauft, sagt man.",
        "سمعت أن مكتب التعداد يبيع بياناتنا لشركات التأمين!",
    ]
    made = encoder.encode([mention(text, lang=None) for text in texts])
    assert [(each.language, each.uncovered) for each in made] == [
        (lang, "language") for lang in ("ja", "ko", "de", "ar")
    ]
    hidden = encoder.encode([mention("Z̷̢a̸l̴g̶o̵ ⴰⵣⵓⵍ ⴰⵎⵖⵏⴰⵙ", lang="en")])[0]
    assert hidden.vector is None


def test_a_text_in_a_batch_and_alone_is_the_same_to_the_offline_model(encoder: Encoder) -> None:
    texts = [f"The office counted {'very ' * number}many people." for number in range(40)]
    together = encoder.encode_texts(texts)
    alone = np.concatenate([encoder.encode_texts([text]) for text in texts[::13]])
    assert (together[::13] * alone).sum(axis=1).min() > 0.9999


def test_what_becomes_of_texts_can_be_asked_without_embedding_them() -> None:
    encoder, engine = small_encoder()
    mentions = [
        mention("they sell our census answers"),
        mention("国勢調査の回答が売られる", lang="ja"),
        mention("they zell our zenzuz to everybody"),
        mention("😂"),
        mention("they sell our census answers"),
    ]
    said = [("en", "encoded"), ("ja", "language"), ("en", "shattered"), ("und", "no_words"), ("en", "encoded")]
    assert encoder.outcomes(mentions) == said
    assert engine.texts == 0
    assert [(each.language, outcome_of(each)) for each in encoder.encode(mentions)] == said
