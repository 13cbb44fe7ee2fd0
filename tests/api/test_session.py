"""What a broker knows of a client: what it says of itself, and how long it has to wait."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import cast

import pytest

from kafka_compat.api.context import RequestContext, Services
from kafka_compat.api.handlers import api_versions
from kafka_compat.api.handlers.join_group import _java_host
from kafka_compat.api.session import Session
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import RequestHeader
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest
from kafka_compat.security.principal import ANONYMOUS

SERVICES = cast(
    Services,
    SimpleNamespace(
        config=SimpleNamespace(text=lambda name: None),
        controller=SimpleNamespace(metadata_offset=0),
        image=SimpleNamespace(feature_levels={}),
        api_limits={},
    ),
)


def session(host: str = "127.0.0.1") -> Session:
    return Session(host, 1, "PLAINTEXT", 1)


@pytest.mark.parametrize(
    ("version", "said", "known"),
    [
        (3, ("librdkafka", "2.1"), ("librdkafka", "2.1")),
        (4, ("a" * 1000, "1"), ("a" * 200, "1")),
        (4, ("in valid", "1"), ("unknown", "unknown")),
        (2, ("", ""), ("unknown", "unknown")),
    ],
)
def test_a_client_names_its_software_with_api_versions(version: int, said: tuple[str, str], known: tuple[str, str]) -> None:
    client = session()
    context = RequestContext(SERVICES, RequestHeader(ApiKey.API_VERSIONS, version, 1, None, 2), client)
    api_versions.handle(context, ApiVersionsRequest(client_software_name=said[0], client_software_version=said[1]))
    assert (client.software_name, client.software_version) == known


def test_the_longer_time_to_be_mute_counts() -> None:
    client = session()
    client.mute(0)
    assert client.muted_until_ns == 0
    client.mute(60_000)
    until = client.muted_until_ns
    assert until - time.monotonic_ns() > 50_000_000_000
    client.mute(1)
    assert client.muted_until_ns == until


def test_nobody_has_said_who_he_is() -> None:
    assert session().principal == ANONYMOUS


@pytest.mark.parametrize(
    ("host", "address", "java_host"),
    [
        ("127.0.0.1", "127.0.0.1:1", "/127.0.0.1"),
        ("::1", "[::1]:1", "/0:0:0:0:0:0:0:1"),
        ("fe80::1:0:2%eth0", "[fe80::1:0:2%eth0]:1", "/fe80:0:0:0:0:1:0:2"),
    ],
)
def test_hosts_are_written_for_logs_and_as_java_does(host: str, address: str, java_host: str) -> None:
    assert (session(host).address, _java_host(host)) == (address, java_host)
