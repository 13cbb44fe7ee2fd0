"""Who asks: Kafka's KafkaPrincipal."""

from __future__ import annotations

from typing import Final, NamedTuple

USER_TYPE: Final = "User"


class Principal(NamedTuple):
    """Somebody who was authenticated; printed as `type:name`, as access control lists name him."""

    type: str
    name: str

    def __str__(self) -> str:
        return f"{self.type}:{self.name}"


# KafkaPrincipal.ANONYMOUS: who did not have to prove anything.
ANONYMOUS: Final = Principal(USER_TYPE, "ANONYMOUS")


def user(name: str) -> Principal:
    """The user of that name."""
    return Principal(USER_TYPE, name)


def parse_principal(text: str) -> Principal:
    """The principal of `type:name`.

    Raises:
        ValueError: in the words of Kafka's SecurityUtils.parseKafkaPrincipal.
    """
    if not text:
        raise ValueError("expected a string in format principalType:principalName but got null or empty string")
    kind, colon, name = text.partition(":")
    if not colon:
        raise ValueError(f"expected a string in format principalType:principalName but got {text}")
    return Principal(kind, name)
