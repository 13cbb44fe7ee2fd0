"""Who is at the other end of a connection, and what its connection can do.

One for each connection, made by it and given to each of its requests; handlers find it as `context.session`. What a client
says of itself, is allowed to do, or has to wait for belongs here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kafka_compat.security.principal import ANONYMOUS, Principal

if TYPE_CHECKING:
    from kafka_compat.security.sasl.authenticator import SaslAuthenticator

# ClientInformation.UNKNOWN_NAME_OR_VERSION
UNKNOWN_SOFTWARE: Final = "unknown"
_SOFTWARE_CHARACTERS: Final = 200


class Rights:
    """What an authorizer of a certain version has said of a principal.

    Attributes:
        principal, version: of whom, and of which authorizer's.
        answers: by operation, resource type and name.
    """

    __slots__ = ("answers", "principal", "version")

    def __init__(self, principal: Principal, version: int) -> None:
        self.principal = principal
        self.version = version
        self.answers: dict[tuple[int, int, str], bool] = {}


@dataclass(slots=True, eq=False)
class Session:
    """One connection, as the broker above its sockets sees it. It changes while the connection lives.

    Attributes:
        host: the client's IP address as text; IPv6 as the system writes it, with a zone if it has one.
        port: the client's.
        listener: the name of the listener that it came through.
        connection_id: no other connection of the broker has had it.
        security_protocol: of that listener.
        principal: who the client has proved to be.
        is_token_authenticated: whether he proved it with a delegation token (KIP-48).
        sasl: how he proves it; None where the listener does not ask for SASL.
        software_name, software_version: what the client said with ApiVersions from v3 on (KIP-511).
        takes_regions: whether answers may have regions of files in them (`storage/interface.py`): the connection can hand them
            to the system as they are. What a connection enciphers it has to read.
        muted_until_ns: begin no further request of this client before that time of `time.monotonic_ns`; 0 is never.
        received_ns: when its newest bytes arrived, of `time.monotonic_ns`.
        turn_ns: when its next request begins, for observers: its connection's turn, or the end of the request before.
        is_gone: whether it can read no answer any more: what is still done for it is what changes something.
        sends_no_more: whether it has ended its side of the connection; it may still read.
        send: sends bytes behind the answers so far, for answers that are broken on purpose; None once the client is gone.
        when_ended: is called when the client sends no more, or is gone.
        rights: what its authorizer has said of it, while that holds (`api/authorization.py`).
    """

    host: str
    port: int
    listener: str
    connection_id: int
    security_protocol: str = "PLAINTEXT"
    principal: Principal = ANONYMOUS
    is_token_authenticated: bool = False
    sasl: SaslAuthenticator | None = None
    software_name: str = UNKNOWN_SOFTWARE
    software_version: str = UNKNOWN_SOFTWARE
    takes_regions: bool = False
    muted_until_ns: int = 0
    received_ns: int = 0
    turn_ns: int = 0
    is_gone: bool = False
    sends_no_more: bool = False
    send: Callable[[bytes], None] | None = None
    when_ended: Callable[[], object] | None = None
    rights: Rights | None = None

    @property
    def address(self) -> str:
        """Host and port in one, for log lines."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_authenticated(self) -> bool:
        """Whether the client has proved what it has to."""
        return self.sasl is None or self.sasl.is_complete

    def take_identity(self) -> None:
        """Be who SASL says that the client is, if it does by now."""
        sasl = self.sasl
        if sasl is not None and sasl.is_complete and sasl.principal is not None:
            self.principal, self.is_token_authenticated = sasl.principal, sasl.by_token

    def name_software(self, name: str, version: str) -> None:
        """Note what the client says that it is; of a long text the beginning."""
        self.software_name = name[:_SOFTWARE_CHARACTERS] or UNKNOWN_SOFTWARE
        self.software_version = version[:_SOFTWARE_CHARACTERS] or UNKNOWN_SOFTWARE

    def mute(self, throttle_ms: int) -> None:
        """Take no further request of this client for so long (real time); the one under way is answered at once.

        What Kafka does with a client above its quota (`ThrottledChannel`), which learns the time from the answer.
        """
        if throttle_ms > 0:
            self.muted_until_ns = max(self.muted_until_ns, time.monotonic_ns() + throttle_ms * 1_000_000)
