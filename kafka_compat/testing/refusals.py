"""Why something of a request was refused: the field, and the rule that it met."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.api.answer_errors import errors_in
from kafka_compat.protocol.error_codes import ErrorCode

if TYPE_CHECKING:
    from kafka_compat.api.context import Services
    from kafka_compat.protocol.message import Message
    from kafka_compat.testing.request import Request

_MOST: Final = 20


class Refusal(NamedTuple):
    """One error of an answer, or why a connection is closed instead.

    Attributes:
        error: name of the error code; empty when there is no answer.
        field: of the request that is refused, such as `topics[0].name`; empty when it is all of it.
        rule: that it met, in words.
        topic, partition: that the error is about; None when it is about none.
    """

    error: str
    field: str
    rule: str
    topic: str | None = None
    partition: int | None = None

    def __str__(self) -> str:
        return f"{self.error}: {self.rule}" if self.error else self.rule


def refusals_of(request: Request, response: Message, services: Services) -> tuple[Refusal, ...]:
    """What an answer refuses, the first 20; to be asked at that moment, on the brokers' loop."""
    errors = (each for each in errors_in(response, request.version) if each.code)
    return tuple(Refusal(ErrorCode(each.code).name, each.path, "") for each in islice(errors, _MOST))
