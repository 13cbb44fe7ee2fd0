"""What is encoded in a version is what is decoded from it, for every message."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafka_compat.protocol.json_form import from_json, to_json
from kafka_compat.protocol.registry import MODULES, message_class
from kafka_compat.wire.primitives import Reader, Writer
from tests.protocol.strategies import messages


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_version_carries_its_values(name: str) -> None:
    message = message_class(name)
    versions = range(message.MIN_VERSION, message.MAX_VERSION + 1)  # type: ignore[attr-defined]

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        for version in versions:
            value = data.draw(messages(message, version))
            writer = Writer()
            value.encode(writer, version)
            reader = Reader(writer.to_bytes())
            assert message.decode(reader, version) == value
            assert reader.remaining == 0
            assert from_json(message, to_json(value, version), version) == value

    check()
