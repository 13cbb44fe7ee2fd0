"""TLS of one listener: its certificate while the broker runs, whom clients prove to be, and handshakes in turns."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.pacing import Turns
from kafka_compat.security.principal import ANONYMOUS, Principal, user
from kafka_compat.security.tls.certificate import describe
from kafka_compat.security.tls.context import ServerContext, server_context
from kafka_compat.security.tls.distinguished_name import distinguished_name
from kafka_compat.security.tls.principal_mapping import NoMatchingRule, PrincipalMapper
from kafka_compat.security.tls.settings import TlsConfig
from kafka_compat.security.tls.stores import KeyStore, TrustStore, load_key_store, load_trust_store
from kafka_compat.server.acceptor import Complaint
from kafka_compat.server.connection import Connection
from kafka_compat.server.tls.line import Refused, TlsLine

logger = logging.getLogger(__name__)

CIPHER_BUFFER_BYTES: Final = 256 * 1024
HANDSHAKE_TIMEOUT_S: Final = 30.0


class TlsListener:
    """What the connections of one listener share of TLS.

    Args:
        listener: that speaks SSL or SASL_SSL.
        config: of the broker.

    Raises:
        BadSettings: the configs, or the files that they name, cannot be used.
    """

    def __init__(self, listener: Listener, config: BrokerConfig) -> None:
        self._listener = listener
        self._config = config
        self._view = ListenerConfig(config, listener.name)
        self.cipher_buffer = memoryview(bytearray(CIPHER_BUFFER_BYTES))
        self._turns = Turns()
        self._complaint = Complaint()
        self._unsaid = 0  # failures since the last line about them
        self._shaking: dict[TlsLine, float] = {}  # until when, in order
        self._timer: asyncio.TimerHandle | None = None
        try:
            self._tls = TlsConfig(self._view, listener.security_protocol)
            self._mapper = PrincipalMapper(self._tls.mapping_rules)
            self._keys, self._context = _made(self._tls)
        except InvalidConfig as error:
            raise BadSettings(f"listener {listener.name}: {error}") from None

    def line(self, connection: Connection) -> TlsLine:
        """The protocol of a new socket, with TLS between it and the connection."""
        return TlsLine(self, connection)

    # --- what a line asks

    def engine(self) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO]:
        """OpenSSL's side of a new connection."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        return self._context.context.wrap_bio(incoming, outgoing, server_side=True), incoming, outgoing

    def began(self, line: TlsLine) -> None:
        """Give the handshake its time."""
        self._shaking[line] = time.monotonic() + HANDSHAKE_TIMEOUT_S
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HANDSHAKE_TIMEOUT_S, self._expire)

    def ended(self, line: TlsLine) -> None:
        """The handshake is over."""
        self._shaking.pop(line, None)

    def take_turn(self, work: Callable[[], None]) -> None:
        """A step costs up to milliseconds of computing: so many at once, and the rest one after the other."""
        self._turns.run(work)

    def succeeded(self, line: TlsLine, engine: ssl.SSLObject) -> Principal:
        """Who has shaken hands; raises `Refused`."""
        allowed = self._context.allowed_suites
        cipher = engine.cipher()
        if allowed is not None and cipher is not None and cipher[1] == "TLSv1.3" and cipher[0] not in allowed:
            raise Refused(f"{cipher[0]} is not in ssl.cipher.suites")
        if self._listener.security_protocol != "SSL":
            return ANONYMOUS  # until SASL says who it is
        certificate = engine.getpeercert(binary_form=True)
        if certificate is None:
            return ANONYMOUS
        try:
            return user(self._mapper.name(distinguished_name(describe(certificate).subject)))
        except (NoMatchingRule, InvalidConfig) as error:
            raise Refused(str(error)) from None

    def failed(self, line: TlsLine, reason: str) -> float:
        """Say so, now and then."""
        connection = line.connection
        if self._complaint.is_due():
            more = f" (and {self._unsaid} more since the last such line)" if self._unsaid else ""
            session = connection.session
            logger.warning("TLS with %s on %s failed: %s%s", session.address, session.listener, reason, more)
            self._unsaid = 0
        else:
            self._unsaid += 1
        connection.tell_refused(f"TLS failed: {reason}")
        delay_ms = self._config.get("connection.failed.authentication.delay.ms")
        assert isinstance(delay_ms, int)
        return delay_ms / 1000

    def close(self) -> None:
        """Give up the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        """Give up handshakes that take too long."""
        self._timer = None
        now = time.monotonic()
        while self._shaking:
            line, until = next(iter(self._shaking.items()))
            if until > now:
                self._timer = asyncio.get_running_loop().call_later(until - now, self._expire)
                return
            del self._shaking[line]
            line.expire(f"the handshake was not over within {HANDSHAKE_TIMEOUT_S:.0f} s")


def _made(tls: TlsConfig) -> tuple[KeyStore, ServerContext]:
    """Keys, and the context with them; raises InvalidConfig."""
    keys = load_key_store(tls.key_store, _read)
    trusted: TrustStore | None = load_trust_store(tls.trust_store, _read)
    if keys is None:
        raise InvalidConfig(
            "it needs a certificate: ssl.keystore.location and ssl.keystore.type=PEM, or ssl.keystore.key with "
            "ssl.keystore.certificate.chain"
        )
    return keys, server_context(tls, keys, trusted)


def _read(path: str) -> bytes:
    return Path(path).read_bytes()
