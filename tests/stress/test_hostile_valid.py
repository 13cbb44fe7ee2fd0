"""A short round of `scripts/soak hostile-valid`: valid requests that cost much do not hold up the other clients.

The bounds on time are generous, because tests run on busy machines and on the interpreted modules; the soak has the real ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.envelope import read_request_header
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import request_class
from kafka_compat.wire.primitives import Reader
from scripts.soak_support.hostile_valid.batches import small_batch
from scripts.soak_support.hostile_valid.catalogue import all_cases
from scripts.soak_support.hostile_valid.frames import Existing, Kind, Path, array_paths, wide_frame
from scripts.soak_support.hostile_valid.runner import Bounds, Brokers, Case, run_case

BOUNDS = Bounds(wait_ms=2000, p99_ms=2000, newcomer_ms=3000, grow_mib=200)
ANSWER_WITHIN_S = 30
SHORT = [case for case in all_cases() if case.short is not None]


@pytest.fixture
def brokers() -> Iterator[Brokers]:
    ours = Brokers("ours", [sys.executable, "-m", "kafka_compat.cli.main"])
    yield ours
    ours.close()


@pytest.mark.parametrize("case", SHORT, ids=lambda case: case.name)
def test_others_do_not_wait_long_and_memory_stays(case: Case, brokers: Brokers) -> None:
    assert case.short is not None
    result = run_case(case, brokers, BOUNDS, answer_within_s=ANSWER_WITHIN_S, scale=case.short, measure_s=0.5)
    assert not result.out, f"{result.out}; it got {result.got}; {result.log_errors}"


def paths() -> list[tuple[int, int, Path]]:
    return [
        (key, version, path)
        for key, handler in HANDLERS.items()
        for version in {handler.max_version, handler.min_version}
        for path in array_paths(request_class(key), version)
    ]


@pytest.mark.parametrize("kind", ["empty", "existing", "distinct"])
def test_wide_frames_are_what_they_say(kind: Kind) -> None:
    """A frame that is refused for its form would be a cheap one, whatever it was meant to cost."""
    for key, version, path in paths():
        wide = wide_frame(
            key, version, path, kind, entries=3, existing=Existing(topic_id=bytes(range(16))), records=small_batch()
        )
        reader = Reader(memoryview(wide.frame)[4:])
        header = read_request_header(reader)
        assert (header.api_key, header.api_version) == (key, version)
        request = request_class(key).decode(reader, version)
        assert reader.position == len(wide.frame) - 4, (key, version, path)
        entries = filled(request, path)
        assert len(entries) == 3, (key, version, path)
        assert (entries[0] == entries[1]) == (kind != "distinct"), (key, version, path)


def filled(request: Message, path: Path) -> list[object]:
    """The array at the path, through the only entries of those that lead to it."""
    value: object = request
    for attribute in path:
        if isinstance(value, list):
            (value,) = value
        value = getattr(value, attribute)
    assert isinstance(value, list)
    return value
