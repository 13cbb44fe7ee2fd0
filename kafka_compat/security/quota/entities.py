"""What quotas are for and which there are (Kafka: ClientQuotaEntity, QuotaConfig)."""

from __future__ import annotations

from typing import Final, NamedTuple

USER: Final = "user"
CLIENT_ID: Final = "client-id"
IP: Final = "ip"
ENTITY_TYPES: Final = (USER, CLIENT_ID, IP)

PRODUCER_BYTE_RATE: Final = "producer_byte_rate"
CONSUMER_BYTE_RATE: Final = "consumer_byte_rate"
REQUEST_PERCENTAGE: Final = "request_percentage"
CONTROLLER_MUTATION_RATE: Final = "controller_mutation_rate"
CONNECTION_CREATION_RATE: Final = "connection_creation_rate"


class Integral(NamedTuple):
    """A quota that is a whole number: as a double what it may be at most, and the type's name in Kafka's messages."""

    largest: float
    type: str


_LONG: Final = Integral(float((1 << 63) - 1), "a LONG")
_INT: Final = Integral(float((1 << 31) - 1), "an INT")

# None is any positive number.
USER_AND_CLIENT_QUOTAS: Final[dict[str, Integral | None]] = {
    PRODUCER_BYTE_RATE: _LONG,
    CONSUMER_BYTE_RATE: _LONG,
    REQUEST_PERCENTAGE: None,
    CONTROLLER_MUTATION_RATE: None,
}
IP_QUOTAS: Final[dict[str, Integral | None]] = {CONNECTION_CREATION_RATE: _INT}
