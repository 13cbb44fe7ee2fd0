"""Connections to the brokers of a cluster, and requests in versions that both sides know."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import decode_response, encode_request
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.metadata import (
    MetadataRequest,
    MetadataRequestTopic,
    MetadataResponse,
    MetadataResponseTopic,
)
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from kafka_compat.security.sasl.client import NotTheBroker, client_exchange
from kafka_compat.testing.real.credentials import Credentials
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.framing import check_frame_size

_CLIENT_ID: Final = "kafka_compat.testing"
_CONNECT_S: Final = 10.0
# A session is given up, and another begun, before the broker would end it.
_OF_SESSION: Final = 0.8
_ANSWER_S: Final = 30.0
# Of an answer: whoever is at the other end may be somebody else (CVE-2026-10142).
_MOST_FRAME_BYTES: Final = 100 << 20
_SETTLE_S: Final = 20.0
_FIRST_PAUSE_S: Final = 0.005
_LONGEST_PAUSE_S: Final = 0.1
# What a broker says while it does not know yet what the controller has decided, or a coordinator is being loaded.
NOT_YET: Final = frozenset(
    {
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.UNKNOWN_TOPIC_ID,
        ErrorCode.LEADER_NOT_AVAILABLE,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.NOT_CONTROLLER,
    }
)

R = TypeVar("R", bound=Message)
T = TypeVar("T")


class Connections:
    """One connection to each broker that is asked; used on one event loop.

    Args:
        bootstrap_servers: `host:port`, separated by commas.
        credentials: who asks; None: nobody in particular, in plain text.

    Raises:
        ConnectionError: (from all that ask) a broker cannot be reached, does not let in, or has closed the connection.
    """

    def __init__(self, bootstrap_servers: str, credentials: Credentials | None = None) -> None:
        self._credentials = credentials
        self._bootstrap = [_address(each) for each in bootstrap_servers.split(",")]
        self._open: dict[tuple[str, int], _Connection] = {}
        self._addresses: dict[int, tuple[str, int]] = {}

    async def close(self) -> None:
        """Close all."""
        for connection in self._open.values():
            await connection.close()
        self._open.clear()

    async def ask_any(self, request: Message, response_type: type[R], *, highest: int | None = None) -> R:
        """What the first broker that can be reached answers; in version `highest` at most."""
        problem: Exception | None = None
        for address in [*self._bootstrap, *self._addresses.values()]:
            try:
                return await self._ask_at(address, request, response_type, highest)
            except OSError as error:
                problem = error
        raise ConnectionError(f"no broker can be reached: {problem}")

    async def ask(self, node_id: int, request: Message, response_type: type[R], *, highest: int | None = None) -> R:
        """What one broker answers."""
        if node_id not in self._addresses:
            await self.metadata(())
        address = self._addresses.get(node_id)
        if address is None:
            raise KafkaError(ErrorCode.BROKER_NOT_AVAILABLE, f"there is no broker {node_id}")
        return await self._ask_at(address, request, response_type, highest)

    async def metadata(self, topics: tuple[str, ...] | None, *, create: bool = False) -> MetadataResponse:
        """What is known of topics, None for all."""
        asked = None if topics is None else [MetadataRequestTopic(name=name) for name in topics]
        request = MetadataRequest(topics=asked, allow_auto_topic_creation=create)
        answer = await self.ask_any(request, MetadataResponse)
        self._addresses = {broker.node_id: (broker.host, broker.port) for broker in answer.brokers}
        return answer

    async def topic(self, name: str, *, create: bool = False) -> MetadataResponseTopic | None:
        """A topic; None when there is none."""
        (found,) = (await self.metadata((name,), create=create)).topics
        if found.error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            return None
        raise_for(found.error_code)
        return found

    async def node_ids(self) -> list[int]:
        """Of all brokers that run."""
        return sorted(broker.node_id for broker in (await self.metadata(())).brokers)

    async def coordinator(self, key: str, key_type: int = 0) -> int:
        """The node id of the coordinator of a group (key type 0) or transactional id (1)."""

        async def find() -> int:
            request = FindCoordinatorRequest(key_type=key_type, coordinator_keys=[key])
            (found,) = (await self.ask_any(request, FindCoordinatorResponse, highest=4)).coordinators
            raise_for(found.error_code, found.error_message)
            return found.node_id

        return await settled(find)

    async def _ask_at(self, address: tuple[str, int], request: Message, response_type: type[R], highest: int | None) -> R:
        connection = self._open.get(address)
        if connection is not None and connection.is_over:
            await connection.close()
        if connection is None or connection.is_closed:
            connection = self._open[address] = await _Connection.to(address, self._credentials)
        return await connection.ask(request, response_type, highest)


class _Connection:
    """One request at a time."""

    def __init__(self, address: tuple[str, int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._address = address
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()
        self._correlation_id = 0
        self._versions: Mapping[int, tuple[int, int]] = {ApiKey.API_VERSIONS: (0, 0)}
        self._ends_s: float | None = None
        self.is_closed = False

    @property
    def is_over(self) -> bool:
        """Whether the session of whoever authenticated ends about now."""
        return self._ends_s is not None and time.monotonic() > self._ends_s

    @classmethod
    async def to(cls, address: tuple[str, int], credentials: Credentials | None) -> _Connection:
        """A connection that knows what the broker speaks, and that the broker lets in."""
        tls = None if credentials is None else credentials.tls_context()
        try:
            reader, writer = await asyncio.wait_for(asyncio.open_connection(*address, ssl=tls), _CONNECT_S)
        except (OSError, TimeoutError) as error:
            raise ConnectionError(f"{address[0]}:{address[1]} cannot be reached: {error or 'no answer'}") from None
        connection = cls(address, reader, writer)
        answer = await connection.ask(ApiVersionsRequest(), ApiVersionsResponse, None)
        connection._versions = {each.api_key: (each.min_version, each.max_version) for each in answer.api_keys}
        if credentials is not None and credentials.is_sasl:
            try:
                await connection._authenticate(credentials)
            except BaseException:
                await connection.close()
                raise
        return connection

    async def _authenticate(self, credentials: Credentials) -> None:
        who = f"{self._address[0]}:{self._address[1]} does not let {credentials.name} in"
        assert credentials.name is not None
        assert credentials.password is not None
        exchange = client_exchange(credentials.mechanism, credentials.name, credentials.password)
        hello = await self.ask(SaslHandshakeRequest(mechanism=credentials.mechanism), SaslHandshakeResponse, None)
        if hello.error_code:
            known = ", ".join(hello.mechanisms)
            raise ConnectionError(f"{who}: it has not the mechanism {credentials.mechanism}, but {known}")
        message = next(exchange)
        while True:
            answer = await self.ask(SaslAuthenticateRequest(auth_bytes=message), SaslAuthenticateResponse, None)
            if answer.error_code:
                raise ConnectionError(f"{who}: {answer.error_message or ErrorCode(answer.error_code).name}")
            try:
                message = exchange.send(answer.auth_bytes)
            except StopIteration:
                break
            except NotTheBroker as error:
                raise ConnectionError(f"{self._address[0]}:{self._address[1]}: {error}") from None
        if answer.session_lifetime_ms:
            self._ends_s = time.monotonic() + answer.session_lifetime_ms / 1000 * _OF_SESSION

    async def ask(self, request: Message, response_type: type[R], highest: int | None) -> R:
        api_key: int = type(request).__dict__["API_KEY"]
        version = self._version(type(request), api_key, highest)
        async with self._turn:
            self._correlation_id += 1
            try:
                async with asyncio.timeout(_ANSWER_S):
                    self._writer.write(encode_request(api_key, version, self._correlation_id, _CLIENT_ID, request))
                    (size,) = struct.unpack(">i", await self._reader.readexactly(4))
                    frame = await self._reader.readexactly(check_frame_size(size, _MOST_FRAME_BYTES))
            except WireError as error:
                await self.close()
                raise ConnectionError(
                    f"{self._address[0]}:{self._address[1]} does not speak Kafka's protocol: {error}"
                ) from None
            except (OSError, EOFError, TimeoutError) as error:
                await self.close()
                name = ApiKey(api_key).name
                why = "has not answered in time" if isinstance(error, TimeoutError) else "has closed the connection"
                raise ConnectionError(f"{self._address[0]}:{self._address[1]} {why} ({name} version {version})") from None
            except BaseException:  # cancelled: the answer is still to come
                await self.close()
                raise
        _, response = decode_response(api_key, version, frame)
        assert isinstance(response, response_type)
        return response

    async def close(self) -> None:
        self.is_closed = True
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    def _version(self, message: type[Message], api_key: int, highest: int | None) -> int:
        """The highest version that both know.

        Raises:
            KafkaError: UNSUPPORTED_VERSION.
        """
        ours: tuple[int, int] = (message.__dict__["MIN_VERSION"], message.__dict__["MAX_VERSION"])
        lowest, most = self._versions.get(api_key, (0, -1))
        version = min(most, ours[1] if highest is None else highest)
        if version < max(lowest, ours[0]):
            name = ApiKey(api_key).name
            raise KafkaError(ErrorCode.UNSUPPORTED_VERSION, f"the broker does not speak {name} in a version known here")
        return version


async def settled(work: Callable[[], Awaitable[T]], timeout_s: float = _SETTLE_S) -> T:
    """What `work` gives once the cluster has come to know what it was told a moment ago.

    Raises:
        KafkaError: another error, or one of `NOT_YET` after all this time.
    """
    deadline_s = time.monotonic() + timeout_s
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except KafkaError as error:
            if error.error_code not in NOT_YET or time.monotonic() > deadline_s:
                raise
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def raise_for(error_code: int, message: str | None = None) -> None:
    """Raise KafkaError for what is not NONE."""
    if error_code:
        raise KafkaError(ErrorCode(error_code), message)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    return host.strip("[]"), int(port)
