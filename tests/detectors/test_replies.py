from detectors.narratives.stance.replies import Answerable, Replies


def test_a_reply_is_led_to_the_wording_that_the_mention_it_answers_went_to() -> None:
    answerable = Answerable()
    answerable.remember("x:1", 7)
    answerable.remember("x:2", 9)

    assert answerable.wording_of("x:1") == 7
    assert answerable.wording_of("x:2") == 9
    assert answerable.wording_of("x:3") is None
    assert answerable.wording_of(None) is None


def test_only_the_newest_mentions_are_remembered() -> None:
    answerable = Answerable()
    for number in range(Answerable.SIZE + 3):
        answerable.remember(f"x:{number}", number)

    assert answerable.wording_of("x:2") is None
    assert answerable.wording_of("x:3") == 3
    assert answerable.wording_of(f"x:{Answerable.SIZE + 2}") == Answerable.SIZE + 2
    assert sum(map(len, answerable.parts())) == 16 * Answerable.SIZE


def test_of_two_mentions_with_one_id_the_newer_one_is_found_and_outlives_the_older_one() -> None:
    answerable = Answerable()
    answerable.remember("twice", 1)
    for number in range(Answerable.SIZE - 1):
        answerable.remember(f"x:{number}", number)
    answerable.remember("twice", 2)  # takes the place of the first
    answerable.remember("other", 3)

    assert answerable.wording_of("twice") == 2


def test_the_table_is_the_same_after_a_restart_and_goes_on_alike() -> None:
    for before in (0, 5, Answerable.SIZE, Answerable.SIZE + 700):
        lasting = Answerable()
        for number in range(before):
            lasting.remember(f"x:{number % 3000}", number)
        restarted = Answerable(lasting.remembered, lasting.parts())
        for number in range(2000):
            for answerable in (lasting, restarted):
                answerable.remember(f"y:{number}", number)

        ids = [f"{letter}:{number}" for letter in "xy" for number in range(3000)]
        assert [restarted.wording_of(each) for each in ids] == [lasting.wording_of(each) for each in ids]
        assert restarted.parts() == lasting.parts()


def test_a_part_of_the_state_changes_only_where_something_was_remembered() -> None:
    answerable = Answerable()
    before = answerable.parts()
    answerable.remember("x:1", 1)

    assert [old == new for old, new in zip(before, answerable.parts(), strict=True)] == [False] + [True] * 7


def test_replies_are_counted_by_stance_and_united() -> None:
    some, others = Replies(), Replies()
    for said in ("denies", "denies", "asks", None):
        some.add(said)
    others.add("asks")
    some.unite(others)

    assert some == Replies(heard=5, denying=2, asking=2)
