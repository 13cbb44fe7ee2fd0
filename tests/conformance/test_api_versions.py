"""ApiVersions 0-4 against Apache Kafka: client names, versions nobody has, features."""

from __future__ import annotations

import struct

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest
from tests.conformance.both import ANY_ERROR, CLOSED, Both, Side
from tests.conformance.normalise import Normal, Replacement
from tests.support.wire_client import ConnectionClosed

NAMES = (
    "", "a", "apache-kafka-java", "A.b-c", "-a", "a-", ".a", "a.", "a b", "a_b", "ä", "a" * 300, "1", "1.2.3", "-",
    "a--b", "a\n", "a/b",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_client_software(both: Both, name: str) -> None:
    # What is listed has tests of its own: a broker may still lack APIs. The epoch counts metadata records.
    rules: dict[str, Replacement] = {
        "api_keys": lambda value: "<listed>" if value else [],
        "finalized_features_epoch": lambda value: -1 if value == -1 else 0,
    }
    kept = {"supported_features": "<listed>", "finalized_features": "<listed>"}
    for label, request in (
        ("name", ApiVersionsRequest(client_software_name=name, client_software_version="1.0")),
        ("version", ApiVersionsRequest(client_software_name="kafka-compat", client_software_version=name)),
    ):
        both.compare(f"software {label} {name!r}", request, range(5), replace={**rules, **kept}, expect=ANY_ERROR)


def _raw(side: Side, frame: bytes) -> Normal:
    side.close()
    try:
        side.client.send_bytes(struct.pack(">i", len(frame)) + frame)
        return side.client.receive_frame()
    except (ConnectionClosed, ConnectionError):
        return CLOSED
    finally:
        side.close()


@pytest.mark.parametrize("version", [5, 6, 100, 32767, -1, -32768])
@pytest.mark.parametrize("header", ["v1", "v2"])
@pytest.mark.parametrize("body", [b"", b"\x00", b"garbage", b"\x02a\x021\x00"])
def test_unsupported_version(both: Both, version: int, header: str, body: bytes) -> None:
    tags = b"\x00" if header == "v2" else b""
    frame = struct.pack(">hhih", ApiKey.API_VERSIONS, version, 77, 1) + b"c" + tags + body
    both.compare_values(
        f"ApiVersions v{version} {body!r}", ApiKey.API_VERSIONS, *(_raw(side, frame) for side in both.sides), expect=ANY_ERROR
    )


def test_what_is_listed(both: Both) -> None:
    """All APIs with all their versions, and all features."""
    epoch = {"finalized_features_epoch": "<epoch>"}
    request = ApiVersionsRequest(client_software_name="kafka-compat", client_software_version="1")
    both.compare("listed", request, range(5), replace=epoch, unordered=("api_keys", "supported_features", "finalized_features"))
