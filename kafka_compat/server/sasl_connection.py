"""Connections of listeners that ask for SASL: nothing but what authentication needs is taken before a client is known.

Each frame goes to the connection's `SaslAuthenticator` first; what belongs to it and has a request's header goes through the
dispatcher like any other request, so that whoever observes requests sees it. Until it is complete, and while a client
authenticates again, a frame may have `sasl.server.max.receive.size` bytes.

Who is not known yet has the back seat (`Strangers`). All of them share a slice of each turn of the loop for their steps, which
may cost a signature, and stand in a line of their own. Frames above 64 KiB, which no mechanism needs, do not count in the
broker's budget, where clients that are known would wait for them; they may be under way in a few of these connections
together, and one more ends the one that has been at it for longest.

A failed authentication is answered, and the connection closed, after `connection.failed.authentication.delay.ms`; until then
nothing more is read of it, and nothing kept of what was. The log has a line for each, as long as they are few.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from struct import Struct
from time import monotonic, perf_counter
from typing import Final, NamedTuple

from kafka_compat.api.context import CloseConnection
from kafka_compat.api.dispatch import Pending
from kafka_compat.api.interception import Chunks, Outcome
from kafka_compat.api.memory import MemoryBudget
from kafka_compat.clock import Clock
from kafka_compat.config.listeners import Listener, join_address
from kafka_compat.pacing import Turns
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.sasl.authenticator import Admission, Failure, SaslAuthenticator, SaslOffer
from kafka_compat.server.connection import Connection, ConnectionOwner
from kafka_compat.server.large_frame import LargeFrames
from kafka_compat.wire.errors import WireError

logger = logging.getLogger(__name__)

_HEADER: Final = Struct(">hh")
_SIZE: Final = Struct(">i")
# Kafka ends the connection at once behind the answer. There are clients that see the end first, and then do not look at the
# answer, but try again for as long as they may: kafka-python. This is for them to read it.
_LINGER_S: Final = 0.1
_MOST_LARGE: Final = 16
_REASON_CHARACTERS: Final = 300
_API_KEYS: Final = frozenset(map(int, ApiKey))
_SASL_HANDSHAKE: Final = ApiKey.SASL_HANDSHAKE.to_bytes(2)


class SaslListener(NamedTuple):
    """What the connections of one listener share.

    Attributes:
        offer: the mechanisms.
        clock: by which sessions end.
        max_receive_bytes: of a frame before authentication.
        failure_delay_s: until a failed authentication is answered.
        log: of failures.
        strangers: what all listeners have for clients that are not known yet.
    """

    offer: SaslOffer
    clock: Clock
    max_receive_bytes: int
    failure_delay_s: float
    log: FailureLog
    strangers: Strangers


class Strangers:
    """What clients that are not known yet have of a broker.

    Attributes:
        turns: their steps.
        memory: of their large frames; nobody waits for it, because these are few.
    """

    def __init__(self) -> None:
        self.turns = Turns()
        self.memory = MemoryBudget(1 << 40)
        self._large: dict[SaslConnection, None] = {}  # who has one under way, the longest there first

    def begin_large(self, connection: SaslConnection) -> None:
        """A large frame is under way; one too many ends another one."""
        while len(self._large) >= _MOST_LARGE:
            oldest = next(iter(self._large))
            del self._large[oldest]
            oldest.give_up_large()
        self._large[connection] = None

    def end_large(self, connection: SaslConnection) -> None:
        """It has been handled, or will never be whole."""
        self._large.pop(connection, None)


class FailureLog:
    """Writes a line for each failed authentication, `most` in a second, and says how many it left out."""

    def __init__(self, most: int = 10) -> None:
        self._most = most
        self._second = 0
        self._written = 0
        self._left_out = 0

    def write(self, level: int, line: str, now_s: int) -> None:
        """Write the line, unless there were too many in this second."""
        if now_s != self._second:
            if self._left_out:
                logger.info("%d more failed authentications", self._left_out)
            self._second, self._written, self._left_out = now_s, 0, 0
        if self._written < self._most:
            self._written += 1
            logger.log(level, "%s", line)
        else:
            self._left_out += 1


def shown(text: str) -> str:
    """A text with something of a client's in it, as one line of the log and not a long one."""
    text = text if len(text) <= _REASON_CHARACTERS else f"{text[:_REASON_CHARACTERS]}..."
    return text if text.isprintable() else text.encode("unicode_escape").decode()


class SaslConnection(Connection):
    """The protocol object of one accepted socket of a SASL listener."""

    def __init__(self, owner: ConnectionOwner, listener: Listener, connection_id: int, sasl: SaslListener) -> None:
        super().__init__(owner, listener, connection_id)
        self._shared = sasl
        self._sasl = self.session.sasl = SaslAuthenticator(sasl.offer)
        self._max_frame_bytes = sasl.max_receive_bytes
        self._large = self._large_frames(sasl.strangers.memory)
        self._stands_in_line = False  # for a step
        self._delayed: asyncio.TimerHandle | None = None  # while a failure waits for its answer, or behind that for the end
        self._is_told = False

    def _dispatch(self, frame: memoryview, *, keeps_frame: bool = False) -> None:
        sasl = self._sasl
        if sasl.is_complete and (sasl.expires_at_ms is None or self._may_go_on(frame)):
            super()._dispatch(frame, keeps_frame=keeps_frame)
        elif not self._closing:
            turns = self._shared.strangers.turns
            if turns.has_time():
                began_s = perf_counter()
                self._authenticate(frame)
                turns.spend(perf_counter() - began_s)
            else:
                self._stands_in_line = True
                turns.later(partial(self._take_step, frame if keeps_frame else memoryview(bytes(frame))))

    def _is_busy(self) -> bool:
        return self._stands_in_line or super()._is_busy()

    def _take_step(self, frame: memoryview) -> None:
        self._stands_in_line = False
        if not self._closing:
            self._authenticate(frame)
            self._sender.flush()
        self._continue()

    def _large_frames(self, memory: MemoryBudget) -> LargeFrames:
        return LargeFrames(memory, self, self._pause_reading, self._receive_on)

    def _begin_session(self) -> None:
        """Requests of all kinds are taken."""
        self._max_frame_bytes = self._owner.max_request_bytes
        self._large.drop()
        self._large = self._large_frames(self._owner.memory)

    def _may_go_on(self, frame: memoryview) -> bool:
        """Whether a request of a session that ends is one like any other: neither too late, nor a new authentication."""
        now_ms = self._shared.clock.monotonic_ms()
        if frame[:2] == _SASL_HANDSHAKE and self._sasl.begin_again(now_ms):
            self._max_frame_bytes = self._shared.max_receive_bytes
            return False
        if self._sasl.is_expired(now_ms):
            self.close("its session has expired", level=logging.DEBUG)
            return False
        return True

    def _authenticate(self, frame: memoryview) -> None:
        answer: Chunks | Pending | None
        try:
            answer = self._token(frame) if self._sasl.takes_tokens else self._request(frame)
        except CloseConnection as reason:
            self._sasl.unreadable(str(reason))
            answer = None
        self._shared.strangers.end_large(self)
        if isinstance(answer, Pending):
            self._pending = answer
            answer.future.add_done_callback(self._answered)
        elif self._sasl.failure is not None:
            self._fail(self._sasl.failure, answer)
        else:
            if self._sasl.is_complete:
                self._begin_session()
            if answer is not None and self._transport is not None:
                self._sender.add(answer)

    def _token(self, frame: memoryview) -> Chunks | None:
        clock = self._shared.clock
        token = self._sasl.token(bytes(frame), clock.wall_ms(), clock.monotonic_ms())
        self.session.take_identity()
        return None if token is None else [bytearray(_SIZE.pack(len(token)) + token)]

    def _request(self, frame: memoryview) -> Chunks | Pending | None:
        if len(frame) < _HEADER.size:
            raise CloseConnection("it is too short for a request")
        api_key, version = _HEADER.unpack_from(frame)
        if api_key not in _API_KEYS:
            raise CloseConnection(f"unknown API key {api_key}")
        admission = self._sasl.admit(api_key, version)
        if admission is Admission.HANDLE:
            return self._owner.dispatcher.dispatch(frame, self.session)
        if admission is Admission.REFUSE:
            error = KafkaError(ErrorCode.ILLEGAL_SASL_STATE, self._sasl.unexpected_in_exchange(api_key))
            return self._owner.dispatcher.refuse(frame, self.session, error)
        return None

    def _answered(self, future: asyncio.Future[Outcome]) -> None:
        pending, failure = self._pending, self._sasl.failure
        if failure is None or pending is None:
            if self._sasl.is_complete:
                self._begin_session()
            super()._answered(future)
            return
        self._pending = None
        try:
            answer = pending.chunks()
        except CloseConnection:
            answer = None
        self._fail(failure, None if isinstance(answer, Pending) else answer)

    def _begin_large(self, received: memoryview, size: int) -> None:
        if not self._sasl.is_complete:
            self._shared.strangers.begin_large(self)
        super()._begin_large(received, size)

    def give_up_large(self) -> None:
        """Others have more right to send a large frame."""
        self._large.drop()
        self._sasl.too_large()
        assert self._sasl.failure is not None
        self._fail(self._sasl.failure, None)

    def _refuse_size(self, error: WireError, size: memoryview) -> None:
        if self._sasl.is_complete:
            super()._refuse_size(error, size)
        else:
            self._sasl.too_large()
            assert self._sasl.failure is not None
            self._fail(self._sasl.failure, None)

    # --- failures

    def _fail(self, failure: Failure, answer: Chunks | None) -> None:
        """End the connection, with the answer, after a while."""
        if not failure.is_answered:
            answer = None
        who = self._who()
        reason = shown(failure.reason)
        if failure.is_unexpected:
            line = f"Unexpected error from {who}; closing connection: {reason}"
        else:
            line = f"Failed {'re-' if self._sasl.is_again else ''}authentication with {who} ({reason})"
        level = logging.WARNING if failure.is_unexpected else logging.INFO
        self._shared.log.write(level, line, int(monotonic()))
        self._owner.dispatcher.observers.tell_refused(self.session, reason)
        self._closing = True
        self._backlog = bytearray()
        self._sender.flush()
        delay_s = self._shared.failure_delay_s if failure.is_delayed else 0.0
        if self._transport is None or delay_s <= 0:
            self._end(answer)
        else:
            self._delayed = asyncio.get_running_loop().call_later(delay_s, self._end, answer)

    def _who(self) -> str:
        """The client as Kafka's Selector names it in its log."""
        local = None if self._transport is None else self._transport.get_extra_info("sockname")
        here = join_address(*local[:2]) if isinstance(local, tuple) else "?"
        session = self.session
        return f"/{session.host} (channelId={here}-{session.address}-0-{session.connection_id})"

    def _end(self, answer: Chunks | None) -> None:
        self._delayed = None
        if answer is not None and self._transport is not None:
            self._is_told = True
            self._delayed = asyncio.get_running_loop().call_later(_LINGER_S, self._leave)
            self._sender.add(answer)
            self._sender.flush()
        else:
            self._close_when_sent()

    def _leave(self) -> None:
        self._delayed = None
        self._close_when_sent()

    def _close_when_sent(self) -> None:
        if self._delayed is None or self._transport is None:
            super()._close_when_sent()

    def eof_received(self) -> bool:
        """The client sends no more; one that was refused is still told so, when it is time."""
        return super().eof_received() or (self._delayed is not None and not self._is_told)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there to be told."""
        self._shared.strangers.end_large(self)
        if self._delayed is not None:
            self._delayed.cancel()
            self._delayed = None
        super().connection_lost(exc)
