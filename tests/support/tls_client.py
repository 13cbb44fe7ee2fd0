"""A client's side of TLS over a plain socket, in which each direction can be ended by itself, and all raw bytes are kept."""

from __future__ import annotations

import _ssl
import contextlib
import ctypes
import socket
import ssl
from typing import Final

from tests.support import certificates

_PIECE: Final = 1 << 16
# Where CPython's SSLObject has OpenSSL's: behind the object's head and the socket.
_SSL_OFFSET: Final = 24


def client_context(
    identity: certificates.Identity | None = None, *, trusts: certificates.Identity | None = None, version: str | None = None
) -> ssl.SSLContext:
    """What a client believes, and shows: it trusts the tests' authority; `version` is `TLSv1.2` or `TLSv1.3`, None for both."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=(trusts or certificates.server()).authority)
    if identity is not None:
        with certificates.as_file(identity) as path:
            context.load_cert_chain(path)
    if version is not None:
        wanted = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}[version]
        context.minimum_version = context.maximum_version = wanted
    return context


class TlsSocket:
    """The methods of a blocking socket, as far as tests use them.

    Attributes:
        raw: the socket below.
        received: all bytes that came over it.
        is_closed_cleanly: whether the broker said that nothing follows.
    """

    def __init__(
        self,
        raw: socket.socket,
        context: ssl.SSLContext,
        server_hostname: str = "localhost",
        session: ssl.SSLSession | None = None,
    ) -> None:
        self.raw = raw
        self.received = bytearray()
        self.is_closed_cleanly = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.engine = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_hostname, session=session)

    def shake_hands(self) -> None:
        """Raises ssl.SSLError, or OSError when the broker ends the connection."""
        while True:
            try:
                self.engine.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                if not self._receive():
                    raise ConnectionResetError("the broker has closed the connection") from None
            else:
                self._flush()
                return

    def sendall(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            self.engine.write(data[start : start + _PIECE])
            self._flush()

    def encipher(self, data: bytes) -> bytes:
        """What `sendall` would send."""
        self.engine.write(data)
        return self._outgoing.read()

    def change_keys(self, times: int, *, asks_for_others: bool = False) -> bytes:
        """So many records that say that the client has new keys (TLS 1.3), and perhaps that the broker is to have some.

        Python's ssl has no name for it, OpenSSL has.

        Raises:
            AttributeError: OpenSSL is out of reach in this interpreter.
        """
        library = ctypes.CDLL(_ssl.__file__)
        pointer = ctypes.c_void_p.from_address(id(self.engine._sslobj) + _SSL_OFFSET)  # type: ignore[attr-defined]
        for _ in range(times):
            library.SSL_key_update(pointer, int(asks_for_others))
            library.SSL_do_handshake(pointer)
        return self._outgoing.read()

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Plain bytes; none at the end, whichever way it comes."""
        if flags:
            return self.raw.recv(size, flags)
        while True:
            try:
                data = self.engine.read(size)
            except ssl.SSLWantReadError:
                if not self._receive():
                    return b""
            except ssl.SSLZeroReturnError:
                self.is_closed_cleanly = True
                return b""
            else:
                self.is_closed_cleanly = self.is_closed_cleanly or not data
                return data

    def shutdown(self, how: int) -> None:
        """Say that nothing follows, and end this direction."""
        with contextlib.suppress(ssl.SSLError):  # the broker has not said the same yet
            self.engine.unwrap()
        self._flush()
        self.raw.shutdown(how)

    def setsockopt(self, level: int, name: int, value: int | bytes) -> None:
        self.raw.setsockopt(level, name, value)

    def settimeout(self, seconds: float | None) -> None:
        self.raw.settimeout(seconds)

    def fileno(self) -> int:
        return self.raw.fileno()

    def close(self) -> None:
        """Close the socket, without a word."""
        self.raw.close()

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self.raw.sendall(data)

    def _receive(self) -> bool:
        data = self.raw.recv(_PIECE)
        self.received += data
        self._incoming.write(data)
        return bool(data)


def connect(bootstrap: str, context: ssl.SSLContext | None = None, timeout_s: float = 20.0) -> TlsSocket:
    """A connection whose hands are shaken."""
    host, port = bootstrap.rsplit(":", 1)
    raw = socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connected = TlsSocket(raw, context or client_context())
    try:
        connected.shake_hands()
    except BaseException:
        raw.close()
        raise
    return connected
