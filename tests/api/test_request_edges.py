"""Every field of every request at the edges of what the protocol can carry: no traceback, and the next request is answered.

A request is one that a client would send, with one field changed (each once), or with some (drawn by Hypothesis, the same in
each run; `KAFKA_COMPAT_EDGES=2000` draws so many of each API). What a broker says of it is for the conformance tests; it may
not be UNKNOWN_SERVER_ERROR, and what closes the connection must say so in the log.
"""

from __future__ import annotations

import logging
import os
import select
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import decode_response, encode_request
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.registry import request_class
from kafka_compat.protocol.schema import fields_of
from kafka_compat.testing import Cluster, ManualClock
from tests.api.worlds import World
from tests.support.edge_requests import GROUP, LONGEST, TOPIC, Path, edges_at, places, request_of
from tests.support.logged import LOGGERS, LoggedLines
from tests.support.wire_client import ConnectionClosed, WireClient

# Where Apache Kafka says UNKNOWN_SERVER_ERROR too: by the API the fields that do it. So does LONGEST anywhere, where a message
# quotes it that is too long for the answer then. tests/conformance/test_request_edges.py and its like compare them.
SERVER_ERRORS: dict[ApiKey, set[str]] = {
    ApiKey.PRODUCE: {"records"},
    ApiKey.FETCH: {"isolation_level", "max_bytes", "partition_max_bytes"},
    ApiKey.LIST_OFFSETS: {"isolation_level"},
    ApiKey.METADATA: {"name"},
    ApiKey.INCREMENTAL_ALTER_CONFIGS: {"config_operation"},
    ApiKey.CREATE_DELEGATION_TOKEN: {"owner_principal_type"},
    ApiKey.WRITE_TXN_MARKERS: {"producer_id", "producer_epoch", "transaction_version"},
}
# Their likely request is one already: a salted password of no bytes, which Java makes no key of.
ALWAYS_SERVER_ERRORS = {ApiKey.ALTER_USER_SCRAM_CREDENTIALS}

EXAMPLES = int(os.environ.get("KAFKA_COMPAT_EDGES", "40"))
SERVER_ERROR = -1
_ANSWER_S = 0.15
_LOOK_ID = 77


class Edges:
    """A broker in process, a client that sends it odd requests, and what the broker logs meanwhile."""

    def __init__(self, cluster: Cluster, api_key: ApiKey, lines: LoggedLines) -> None:
        self._cluster = cluster
        self._api_key = api_key
        self._lines = lines
        self._client: WireClient | None = None
        with World(cluster) as world:
            self._topic_id = world.topic_id(TOPIC)

    def send(self, version: int, changes: Mapping[Path, Any]) -> None:
        """Send a request with these changes, and see that the broker takes the next one."""
        request = request_of(request_class(self._api_key), version, self._topic_id, changes)
        client = self._client = self._client or WireClient(self._cluster.bootstrap, timeout_s=20)
        client.send_bytes(encode_request(self._api_key, version, 1, "edges", request))
        client.send_bytes(encode_request(ApiKey.API_VERSIONS, 3, _LOOK_ID, "edges", ApiVersionsRequest()))
        try:
            errors = self._errors(client, version)
        except (ConnectionClosed, BrokenPipeError):
            self.close()
            assert any("closing connection" in line for line in self._lines.lines), f"closed without a word: {request}"
            errors = set()
        except TimeoutError:  # it waits for others, as a member does
            self.close()
            errors = set()
        self._check(request)
        may_fail = LONGEST in changes.values() or any(path[-1] in SERVER_ERRORS.get(self._api_key, ()) for path in changes)
        assert SERVER_ERROR not in errors or may_fail or self._api_key in ALWAYS_SERVER_ERRORS, request

    def _errors(self, client: WireClient, version: int) -> set[int]:
        """The codes of the answer, if there is one; what waits for the time gets a minute."""
        codes: set[int] = set()
        quarters = 0
        while True:
            if not select.select([client.socket], [], [], _ANSWER_S)[0]:
                if quarters == 4:
                    raise TimeoutError
                quarters += 1
                self._cluster.advance(15_000)
                continue
            frame = client.receive_frame()
            if int.from_bytes(frame[:4], "big") == _LOOK_ID:
                return codes
            codes |= error_codes(decode_response(self._api_key, version, frame)[1])

    def look(self) -> None:
        """The broker serves, and its timers and tasks find nothing wrong."""
        self.close()
        self._cluster.advance(11 * 60_000)
        with World(self._cluster) as world:
            world.client().call(ApiVersionsRequest(), 0, ApiVersionsResponse)
        self._check(None)

    def _check(self, request: Message | None) -> None:
        lines = self._lines.taken()
        assert not any(line.startswith("ERROR") for line in lines), f"{request}\n" + "\n".join(lines)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def error_codes(message: Message) -> set[int]:
    """All error codes in an answer."""
    codes: set[int] = set()
    for field in fields_of(type(message)):
        value = getattr(message, field.attribute)
        if field.is_struct and value is not None:
            codes |= {code for struct in (value if field.is_array else [value]) for code in error_codes(struct)}
        elif field.attribute == "error_code":
            codes.add(value)
    return codes


@pytest.fixture
def lines() -> Iterator[LoggedLines]:
    """What the broker logs of connections that it closes, and everything worse."""
    lines = LoggedLines(logging.DEBUG)
    lines.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    before = [logger.level for logger in LOGGERS]
    for logger in LOGGERS:
        logger.addHandler(lines)
        logger.setLevel(logging.DEBUG)
    yield lines
    for logger, level in zip(LOGGERS, before, strict=True):
        logger.removeHandler(lines)
        logger.setLevel(level)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={TOPIC: 2}, clock=ManualClock()) as cluster:
        with World(cluster) as world:
            world.group(GROUP)
            world.produce(TOPIC, 3)
        yield cluster


@pytest.mark.parametrize("api_key", HANDLERS, ids=lambda key: ApiKey(key).name.lower())
def test_one_field_at_an_edge(cluster: Cluster, lines: LoggedLines, api_key: int) -> None:
    """In the highest version each field that it has; in the lowest those that the highest has no more."""
    edges = Edges(cluster, ApiKey(api_key), lines)
    handler = HANDLERS[api_key]
    request = request_class(api_key)
    seen: set[Path] = set()
    for version in dict.fromkeys((handler.max_version, handler.min_version)):
        edges.send(version, {})
        for place in places(request, version):
            if place.path in seen:
                continue
            seen.add(place.path)
            for value in edges_at(place, version):
                edges.send(version, {place.path: value})
    edges.look()


@pytest.mark.parametrize("api_key", HANDLERS, ids=lambda key: ApiKey(key).name.lower())
def test_some_fields_at_an_edge(cluster: Cluster, lines: LoggedLines, api_key: int) -> None:
    edges = Edges(cluster, ApiKey(api_key), lines)
    handler = HANDLERS[api_key]
    request = request_class(api_key)

    @settings(
        max_examples=EXAMPLES,
        derandomize="KAFKA_COMPAT_EDGES" not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def play(data: st.DataObject) -> None:
        version = data.draw(st.integers(handler.min_version, handler.max_version))
        all_places = list(places(request, version))
        changes: dict[Path, Any] = {}
        if all_places:
            for place in data.draw(st.lists(st.sampled_from(all_places), min_size=2, max_size=5)):
                if values := edges_at(place, version):
                    changes[place.path] = data.draw(st.sampled_from(values))
        edges.send(version, changes)

    play()
    edges.look()
