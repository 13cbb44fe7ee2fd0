"""Bytes of Kafka's own classes become the same values here, and the values the same bytes."""

from __future__ import annotations

from collections import Counter

from kafka_compat.protocol.json_form import from_json, to_json
from kafka_compat.protocol.registry import MODULES, message_class
from kafka_compat.wire.primitives import Reader, Writer
from kafka_compat.wire.types import join_parts
from tests.support.protocol_vectors import vectors, without_tagged_defaults


def test_every_vector_decodes_to_its_json() -> None:
    for vector in vectors():
        message = message_class(vector.message)
        reader = Reader(vector.encoded)
        decoded = message.decode(reader, vector.version)
        assert reader.remaining == 0, vector
        assert to_json(decoded, vector.version) == without_tagged_defaults(message, vector.json, vector.version), vector


def test_every_vector_encodes_to_its_bytes() -> None:
    for vector in vectors():
        value = from_json(message_class(vector.message), vector.json, vector.version)
        writer = Writer()
        value.encode(writer, vector.version)
        assert writer.size == len(vector.encoded)
        assert writer.to_bytes() == vector.encoded, vector
        assert join_parts(writer.chunks()) == vector.encoded


def test_vectors_cover_every_version_of_every_message() -> None:
    covered = Counter((vector.message, vector.version) for vector in vectors())
    for name in MODULES:
        message = message_class(name)
        for version in range(message.MIN_VERSION, message.MAX_VERSION + 1):  # type: ignore[attr-defined]
            assert covered.pop((name, version), 0) == 5
    assert not covered


def test_reading_a_view_inside_a_larger_buffer_gives_the_same_value() -> None:
    for vector in vectors()[::7]:
        message = message_class(vector.message)
        inside = memoryview(b"before" + vector.encoded + b"behind")[6:-6]
        assert message.decode(Reader(inside), vector.version) == message.decode(Reader(vector.encoded), vector.version)
