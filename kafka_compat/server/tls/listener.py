"""TLS of one listener: its certificate while the broker runs, whom clients prove to be, and handshakes in turns."""

from __future__ import annotations

import asyncio
import errno
import logging
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.pacing import Turns
from kafka_compat.security.principal import ANONYMOUS, Principal, user
from kafka_compat.security.tls.certificate import check_successor, describe, expiry
from kafka_compat.security.tls.context import ServerContext, server_context
from kafka_compat.security.tls.distinguished_name import distinguished_name
from kafka_compat.security.tls.principal_mapping import NoMatchingRule, PrincipalMapper
from kafka_compat.security.tls.settings import TlsConfig
from kafka_compat.security.tls.stores import KeyStore, TrustStore, load_key_store, load_trust_store
from kafka_compat.server.acceptor import Complaint
from kafka_compat.server.connection import Connection
from kafka_compat.server.tls.line import Refused, TlsLine
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

CIPHER_BUFFER_BYTES: Final = 256 * 1024
HANDSHAKE_TIMEOUT_S: Final = 30.0
_LOOK_INTERVAL_S: Final = 1.0
# Of a store: a hundred certificates of authorities have less than a quarter of a MiB.
_MOST_FILE_BYTES: Final = 4 << 20


class _Made(NamedTuple):
    """What is made of keys and certificates, and of which state of their files."""

    tls: TlsConfig
    keys: KeyStore
    is_trust_configured: bool
    context: ServerContext
    stamps: tuple[tuple[int, int, int] | None, ...]


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
        self._name = listener.name
        self._config = config
        self._view = ListenerConfig(config, listener.name)
        self.cipher_buffer = memoryview(bytearray(CIPHER_BUFFER_BYTES))
        self._turns = Turns()
        self._complaint = Complaint()
        self._unsaid = 0  # failures since the last line about them
        self._shaking: dict[TlsLine, float] = {}  # until when, in order
        self._timer: asyncio.TimerHandle | None = None
        self._tasks = Supervisor(f"TLS of {listener.name}")
        self._looked = -_LOOK_INTERVAL_S  # at the files, on the monotonic clock
        self._is_reloading = False
        try:
            tls = TlsConfig(self._view, listener.security_protocol)
            self._mapper = PrincipalMapper(tls.mapping_rules)
            self._made = _make(tls)
        except InvalidConfig as error:
            raise BadSettings(f"listener {listener.name}: {error}") from None
        self._warn_of_expiry()
        config.observers.append(self._follow)
        config.checks.append(self._check)

    def line(self, connection: Connection) -> TlsLine:
        """The protocol of a new socket, with TLS between it and the connection."""
        return TlsLine(self, connection)

    # --- what a line asks

    def engine(self) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO]:
        """OpenSSL's side of a new connection."""
        self._look()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        return self._made.context.context.wrap_bio(incoming, outgoing, server_side=True), incoming, outgoing

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

    def wait_turn(self, work: Callable[[], None]) -> None:
        """The same for bytes that take long."""
        self._turns.later(work)

    def succeeded(self, line: TlsLine, engine: ssl.SSLObject) -> Principal:
        """Who has shaken hands; raises `Refused`."""
        allowed = self._made.context.allowed_suites
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

    async def close(self) -> None:
        """Give up timer, tasks, and following the configs."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._follow in self._config.observers:
            self._config.observers.remove(self._follow)
            self._config.checks.remove(self._check)
        await self._tasks.close()

    # --- other keys and certificates

    def _check(self, wanted: BrokerConfig) -> None:
        """Refuse configs whose stores could not take the place of those in use. Source: `SslFactory.validateReconfiguration`.

        What counts from the next start on is refused, too, when that would be none; there would be nobody to change it back.
        """
        view = ListenerConfig(wanted, self._name)
        tls = self._made.tls.with_stores_of(view)
        try:
            if not tls.has_same_stores(self._made.tls):
                _successor(self._made, tls)
            later = TlsConfig(view, self._listener.security_protocol)
            if not later.has_same_rules(self._made.tls):
                PrincipalMapper(later.mapping_rules)
                _make(later)
        except InvalidConfig as error:
            raise InvalidConfig(f"Validation of dynamic config update of SSLFactory failed: {error}") from None

    def _follow(self) -> None:
        """The configs have changed."""
        tls = self._made.tls.with_stores_of(self._view)
        if not tls.has_same_stores(self._made.tls):
            try:
                self._made = _successor(self._made, tls)
                self._warn_of_expiry()
            except InvalidConfig as error:  # it was asked before, and the files have changed since
                logger.warning("listener %s goes on with its certificate: %s", self._name, error)
        self._looked = -_LOOK_INTERVAL_S

    def _look(self) -> None:
        """Whether the files have changed, at most once in a second; what is made of them counts for later connections."""
        now = time.monotonic()
        if now - self._looked < _LOOK_INTERVAL_S or self._is_reloading:
            return
        self._looked = now
        if _stamps(self._made.tls) != self._made.stamps:
            self._is_reloading = True
            self._tasks.spawn("reading keys and certificates", self._reload(), on_failure=self._has_reloaded)

    async def _reload(self) -> None:
        made = self._made
        try:
            successor = await self._tasks.in_thread(lambda: _successor(made, made.tls))
        except InvalidConfig as error:
            logger.warning("listener %s goes on with its certificate, as the new files cannot be used: %s", self._name, error)
            # One line for each change of them.
            if self._made is made:
                self._made = made._replace(stamps=_stamps(made.tls))
        else:
            if self._made is made:
                self._made = successor
                logger.info("listener %s has read its changed keys and certificates", self._name)
                self._warn_of_expiry()
        self._is_reloading = False

    def _warn_of_expiry(self) -> None:
        """Kafka says nothing, and each client something else."""
        ends = expiry(self._made.keys.chain[0])
        if ends is not None and ends.timestamp() < time.time():
            logger.warning("listener %s has a certificate that expired on %s: clients will not trust it", self._name, ends)

    def _has_reloaded(self, error: Exception) -> None:
        self._is_reloading = False

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


def _make(tls: TlsConfig) -> _Made:
    """All of it; raises InvalidConfig."""
    stamps = _stamps(tls)
    keys = load_key_store(tls.key_store, _read)
    trusted: TrustStore | None = load_trust_store(tls.trust_store, _read)
    if keys is None:
        raise InvalidConfig(
            "it needs a certificate: ssl.keystore.location and ssl.keystore.type=PEM, or ssl.keystore.key with "
            "ssl.keystore.certificate.chain"
        )
    return _Made(tls, keys, trusted is not None, server_context(tls, keys, trusted), stamps)


def _successor(made: _Made, tls: TlsConfig) -> _Made:
    """What takes the place of `made`; raises InvalidConfig when that may not be."""
    new = _make(tls)
    if new.is_trust_configured and not made.is_trust_configured:
        raise InvalidConfig("Cannot add SSL truststore to an existing listener for which no truststore was configured.")
    check_successor(
        new.keys.chain[0],
        made.keys.chain[0],
        allows_dn_changes=tls.allows_dn_changes,
        allows_san_changes=tls.allows_san_changes,
    )
    return new


def _stamps(tls: TlsConfig) -> tuple[tuple[int, int, int] | None, ...]:
    """What changes with the files; None for one that is not there."""
    return tuple(map(_stamp, tls.files))


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    # A mounted secret is changed by a link to another folder, in which times may be equal.
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: str) -> bytes:
    """What a file has. Clients that may alter configs name it: a pipe would keep all waiting, a device have no end."""
    found = Path(path)
    if found.exists() and not found.is_file():
        raise OSError(errno.EINVAL, "it is no regular file")
    with found.open("rb") as file:
        content = file.read(_MOST_FILE_BYTES + 1)
    if len(content) > _MOST_FILE_BYTES:
        raise OSError(errno.EFBIG, f"it has more than {_MOST_FILE_BYTES} bytes")
    return content
