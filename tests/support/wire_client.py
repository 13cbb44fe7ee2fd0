"""A blocking client that sends any message in any version, and any bytes: what conformance and server tests speak with."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from types import TracebackType
from typing import Self, TypeVar, cast

from kafka_compat.protocol.envelope import decode_response, encode_request
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from tests.support.sasl_clients import Exchange, client_exchange

M = TypeVar("M", bound=Message)


class ConnectionClosed(Exception):
    """The broker closed the connection instead of answering."""


class NotAuthenticated(Exception):
    """The broker refuses the credentials or the mechanism; its arguments are error code and message."""


class WireClient:
    """One connection; `call` sends a request and decodes its response.

    With a `user` it authenticates at once, with `tls` over that.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        client_id: str | None = "wire-client",
        timeout_s: float = 20.0,
        user: str | None = None,
        password: str = "",
        mechanism: str = "PLAIN",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        host, port = bootstrap.rsplit(":", 1)
        self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self._client_id = client_id
        self._correlation_id = 0
        if user is not None:
            try:
                self.authenticate(user, password, mechanism)
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def call(self, request: Message, version: int, response_type: type[M]) -> M:
        """Send `request` in `version` and return its response."""
        self.send(request, version)
        return self.receive(request, version, response_type)

    def authenticate(self, user: str, password: str, mechanism: str = "PLAIN", *, version: int = 2) -> int:
        """Authenticate, for the first time or again; returns how long the session lasts in milliseconds, 0 for no end.

        Raises:
            NotAuthenticated: the broker refuses.
        """
        return self.authenticate_by(client_exchange(mechanism, user, password), mechanism, version=version)

    def authenticate_by(self, exchange: Exchange, mechanism: str, *, version: int = 2) -> int:
        """As `authenticate`, with an exchange by hand."""
        handshake = self.call(SaslHandshakeRequest(mechanism=mechanism), 1, SaslHandshakeResponse)
        if handshake.error_code:
            raise NotAuthenticated(ErrorCode(handshake.error_code), f"offered are {', '.join(handshake.mechanisms)}")
        message = next(exchange)
        while True:
            answer = self.call(SaslAuthenticateRequest(auth_bytes=message), version, SaslAuthenticateResponse)
            if answer.error_code:
                raise NotAuthenticated(ErrorCode(answer.error_code), answer.error_message or "")
            try:
                message = exchange.send(bytes(answer.auth_bytes))
            except StopIteration:
                return answer.session_lifetime_ms

    def send(self, request: Message, version: int) -> None:
        self._correlation_id += 1
        self.send_bytes(encode_request(api_key_of(request), version, self._correlation_id, self._client_id, request))

    def receive(self, request: Message, version: int, response_type: type[M]) -> M:
        correlation_id, response = decode_response(api_key_of(request), version, self.receive_frame())
        assert correlation_id == self._correlation_id
        assert isinstance(response, response_type)
        return response

    def send_bytes(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def receive_frame(self) -> bytes:
        """One response without its size.

        Raises:
            ConnectionClosed: the broker closed instead.
        """
        size = struct.unpack(">i", self._receive(4))[0]
        return self._receive(cast(int, size))

    def is_closed_by_peer(self) -> bool:
        """Wait for the broker's next word: True when it closes, False when it sends something."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _receive(self, size: int) -> bytes:
        received = bytearray()
        while len(received) < size:
            try:
                part = self.socket.recv(size - len(received))
            except ConnectionResetError:
                part = b""
            if not part:
                raise ConnectionClosed
            received += part
        return bytes(received)


def wait_until_led(client: WireClient, topic: str, partitions: int, timeout_s: float = 60.0) -> None:
    """Return when the broker itself leads all partitions of a topic; it may have to be created, or loaded after a start.

    Apache Kafka answers CreateTopics, and shows leaders in Metadata, a little before its log layer knows of them; who
    produces at once may get NOT_LEADER_OR_FOLLOWER or UNKNOWN_TOPIC_OR_PARTITION.
    """
    wanted = [ListOffsetsPartition(partition_index=index, timestamp=-1) for index in range(partitions)]
    request = ListOffsetsRequest(topics=[ListOffsetsTopic(name=topic, partitions=wanted)])
    deadline_s = time.monotonic() + timeout_s
    while True:
        found = client.call(request, 6, ListOffsetsResponse).topics[0].partitions
        if all(partition.error_code == 0 for partition in found):
            return
        assert time.monotonic() < deadline_s, f"{topic} is not led: {found}"
        time.sleep(0.005)


def create_topic(bootstrap: str, name: str, partitions: int = 1) -> None:
    """Create a topic and return when it is there."""
    topic = CreatableTopic(name=name, num_partitions=partitions, replication_factor=1, assignments=[], configs=[])
    with WireClient(bootstrap, timeout_s=60) as client:
        response = client.call(CreateTopicsRequest(topics=[topic], timeout_ms=60_000), 5, CreateTopicsResponse)
        codes = {ErrorCode(result.error_code) for result in response.topics}
        assert codes <= {ErrorCode.NONE, ErrorCode.TOPIC_ALREADY_EXISTS}, codes
        wait_until_led(client, name, partitions)


def api_key_of(message: Message) -> int:
    """The API key of a request or response class."""
    key = type(message).__dict__["API_KEY"]
    assert isinstance(key, int)
    return key
