"""The recordings of the reference's answers: their files, and that a test passes with what was recorded only."""

from __future__ import annotations

from pathlib import Path

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from tests.conformance.both import ANY_ERROR, CLOSED, Both, Expected, Score, Side, Tape, collected_key
from tests.conformance.normalise import Normal
from tests.conformance.recording import Answer, Recordings, recorded_form

LIVE, REPLAY = ("reference", "ours"), ("ours",)
RECORDED = [Answer("first v0", {"error_code": 0}), Answer("second v0", {"error_code": 3})]


def both(kinds: tuple[str, ...], played: list[Answer] | None) -> Both:
    return Both(tuple(Side(kind, "127.0.0.1:1") for kind in kinds), Tape("test_it.py::test_it", played), Score())


def compare(pair: Both, label: str, *answers: Normal) -> None:
    pair.compare_values(label, ApiKey.METADATA, *answers, expect=ANY_ERROR)


def test_answers_come_back_as_they_were_saved(tmp_path: Path) -> None:
    answers: list[Normal] = [
        None,
        True,
        0,
        -1,
        1.5,
        "größer \ud800 😀",
        b"",
        b"\x00\xff",
        [],
        [[b"a"], {}],
        {"a": {"b": b"c"}},
    ]
    recordings = Recordings(tmp_path)
    recordings.replace("test_it", "test_one[a]", [Answer(f"case {number}", answer) for number, answer in enumerate(answers)])
    recordings.save()
    read = Recordings(tmp_path).of("test_it")["test_one[a]"]
    assert [answer for _, answer in read] == answers
    assert [type(answer) for _, answer in read] == [type(answer) for answer in answers]


def test_a_file_depends_on_the_answers_alone(tmp_path: Path) -> None:
    for directory, tests in ((tmp_path / "a", ("one", "two")), (tmp_path / "b", ("two", "one"))):
        recordings = Recordings(directory)
        for test in tests:
            recordings.replace("test_it", test, RECORDED)
        recordings.save()
    assert (tmp_path / "a" / "test_it.jsonl.gz").read_bytes() == (tmp_path / "b" / "test_it.jsonl.gz").read_bytes()


def test_a_module_without_answers_has_no_file(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    recordings.replace("test_it", "test_one", RECORDED)
    recordings.save()
    assert list(recordings.modules()) == ["test_it"]
    recordings.forget("test_it", "test_one")
    recordings.save()
    assert list(recordings.modules()) == []


@pytest.mark.parametrize("make", [lambda n: "x" * n, bytes, lambda n: [0] * n], ids=["text", "bytes", "list"])
def test_what_is_large_is_told_by_its_digest(make: type[bytes]) -> None:
    assert recorded_form(make(1000)) == make(1000)
    large, larger = recorded_form(make(1001)), recorded_form(make(1002))
    assert isinstance(large, str)
    assert large != larger
    assert len(large) < 80
    assert recorded_form(large) == large


def test_the_output_of_compressors_is_not_recorded() -> None:
    batch: dict[str, Normal] = {"attributes": 0, "body": b"plain", "crc": 1, "batch_length": 54, "max_timestamp": 7}
    assert recorded_form(batch) == batch
    squeezed = recorded_form({**batch, "attributes": 4})
    assert squeezed == {**batch, "attributes": 4, **dict.fromkeys(("body", "crc", "batch_length"), "<of the codec>")}


def test_a_replay_compares_with_the_recording() -> None:
    pair = both(REPLAY, RECORDED)
    compare(pair, "first v0", {"error_code": 0})
    compare(pair, "second v0", {"error_code": 3})
    pair.finish()
    pair = both(REPLAY, RECORDED)
    compare(pair, "first v0", {"error_code": 0})
    compare(pair, "second v0", {"error_code": 4})
    with pytest.raises(pytest.fail.Exception, match=r"second v0: error_code\s+reference 3\s+ours      4"):
        pair.finish()


@pytest.mark.parametrize("played", [None, [], RECORDED[1:]], ids=["none", "empty", "of another case"])
def test_a_replay_of_what_is_not_recorded_fails(played: list[Answer] | None) -> None:
    pair = both(REPLAY, played)
    with pytest.raises(pytest.fail.Exception, match=r"no recording of 'first v0'.*--record 'test_it.py::test_it'"):
        compare(pair, "first v0", {"error_code": 0})


def test_a_replay_has_to_come_to_the_end_of_the_recording() -> None:
    pair = both(REPLAY, RECORDED)
    compare(pair, "first v0", {"error_code": 0})
    with pytest.raises(pytest.fail.Exception, match=r"1 of 2 recorded answers, from 'second v0' on: .*--record"):
        pair.finish()


def test_a_live_run_finds_what_is_recorded_otherwise() -> None:
    for played, others in ((RECORDED, 0), (RECORDED[:1], 1), ([RECORDED[1], RECORDED[1]], 1), ([], 2), (None, 0)):
        pair = both(LIVE, played)
        for label, answer in RECORDED:
            compare(pair, label, answer, answer)
        if not others:
            pair.finish()
            continue
        with pytest.raises(
            pytest.fail.Exception, match=r"not as recorded: with Java, `.* --record 'test_it.py::test_it'`"
        ) as told:
            pair.finish()
        assert str(told.value).count("not as recorded") == others


REFUSED: Normal = {"error_code": 0, "topics": [{"name": "a", "error_code": 3}, {"name": "b", "error_code": 0}]}
GRANTED: Normal = {"error_code": 0, "topics": []}


@pytest.mark.parametrize("kinds", [LIVE, REPLAY])
@pytest.mark.parametrize(
    ("answer", "expect", "said"),
    [
        (GRANTED, (), None),
        (REFUSED, {3}, None),
        (REFUSED, ANY_ERROR, None),
        (CLOSED, {CLOSED}, None),
        ([b"answer", CLOSED], {CLOSED}, None),
        (REFUSED, (), "expected no error, but the reference answers ['UNKNOWN_TOPIC_OR_PARTITION']"),
        (REFUSED, {3, 17}, "expected ['INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_OR_PARTITION'], but the reference"),
        (GRANTED, {3}, "expected ['UNKNOWN_TOPIC_OR_PARTITION'], but the reference answers no error"),
        (CLOSED, (), "expected no error, but the reference answers ['connection closed']"),
    ],
)
def test_equal_errors_pass_only_where_they_are_expected(
    kinds: tuple[str, ...], answer: Normal, expect: Expected, said: str | None
) -> None:
    pair = both(kinds, [Answer("case", answer)])
    pair.compare_values("case", ApiKey.METADATA, *[answer] * len(kinds), expect=expect)
    if said is None:
        pair.finish()
        return
    with pytest.raises(pytest.fail.Exception) as told:
        pair.finish()
    assert said in str(told.value)


def test_names_are_the_same_in_every_run_and_of_one_test_only() -> None:
    assert both(REPLAY, None).name("orders") == both(LIVE, []).name("orders")
    other = Both((Side("ours", "127.0.0.1:1"),), Tape("test_it.py::test_another", None), Score())
    pair = both(REPLAY, None)
    assert len({pair.name("orders"), pair.name("orders"), other.name("orders")}) == 3


def test_every_recording_is_of_a_test(pytestconfig: pytest.Config) -> None:
    """Of the modules that this run has collected, and of no others than there are."""
    recordings = Recordings()
    assert [module for module in recordings.modules() if not (Path(__file__).parent / f"{module}.py").exists()] == []
    for module, tests in pytestconfig.stash[collected_key].items():
        assert set(recordings.of(module)) <= tests, module
