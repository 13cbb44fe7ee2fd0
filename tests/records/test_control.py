from __future__ import annotations

import struct

import pytest

from kafka_compat.records.control import ControlType, control_key, parse_control_type, parse_end_transaction_marker
from kafka_compat.records.errors import InvalidRecord
from kafka_compat.records.record import Record


@pytest.mark.parametrize("control_type", [t for t in ControlType if t >= 0])
def test_key_round_trip(control_type: ControlType) -> None:
    assert parse_control_type(control_key(control_type)) is control_type


def test_types_and_versions_of_a_later_kafka_are_read() -> None:
    assert parse_control_type(struct.pack(">hh", 0, 99)) is ControlType.UNKNOWN
    assert parse_control_type(struct.pack(">hh", 5, 1) + b"more") is ControlType.COMMIT


@pytest.mark.parametrize("key", [None, b"", b"\0\0\0", struct.pack(">hh", -1, 0)])
def test_broken_keys_are_invalid(key: bytes | None) -> None:
    with pytest.raises(InvalidRecord):
        parse_control_type(key)


@pytest.mark.parametrize("value", [None, b"\0" * 5, struct.pack(">hi", -1, 0)])
def test_broken_marker_values_are_invalid(value: bytes | None) -> None:
    with pytest.raises(InvalidRecord):
        parse_end_transaction_marker(Record(0, 0, control_key(ControlType.ABORT), value))


def test_other_control_records_are_no_markers() -> None:
    with pytest.raises(InvalidRecord, match="LEADER_CHANGE"):
        parse_end_transaction_marker(Record(0, 0, control_key(ControlType.LEADER_CHANGE), b"\0" * 6))
