"""Why something of a request was refused: the field, and the rule that it met.

An answer has error codes, seldom a message. What else there is to say comes from the request and from what the broker knew at
that moment, which is why refusals are looked into when the request ends. What each code means where is in `refusal_rules.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.api.answer_errors import AnswerError, errors_in
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.schema import fields_of
from kafka_compat.testing.request_bodies import partition_number, topic_name

if TYPE_CHECKING:
    from kafka_compat.api.context import Services
    from kafka_compat.protocol.message import Message
    from kafka_compat.testing.request import Request

_MOST: Final = 20
_MOST_STRUCTS: Final = 1_000


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
        said = f"{self.field} {self.rule}" if self.field else self.rule
        return f"{self.error}: {said}" if self.error else said


@dataclass(frozen=True, slots=True)
class Case:
    """One error of an answer, with what there is to know of it.

    Attributes:
        code: the error code.
        request: that was refused, in whole or in part.
        body: of the request; None when it was not kept.
        structs: of the answer that the error stands in, the answer first.
        topic, partition: that the error is about; None when it is about none.
        part: of the request that is about the same topic and partition; None when there is none.
        part_path: of that part in the request, such as `topicData[0].partitionData[1]`; empty when there is none.
        services: of the broker that has answered.
    """

    code: ErrorCode
    request: Request
    body: Message | None
    structs: tuple[Message, ...]
    topic: str | None
    partition: int | None
    part: Message | None
    part_path: str
    services: Services

    @property
    def message(self) -> str:
        """What the answer itself says."""
        for struct in reversed(self.structs):
            text = getattr(struct, "error_message", None)
            if isinstance(text, str) and text:
                return text
        return ""

    def asked(self, name: str) -> object:
        """A field of the request's part, or of its body; None when there is no such field."""
        for struct in (self.part, self.body):
            value: object = getattr(struct, name, None)
            if value is not None:
                return value
        return None

    def number(self, name: str) -> int:
        """The same of a number; -1 when there is none."""
        value = self.asked(name)
        return value if isinstance(value, int) else -1


def refusals_of(request: Request, response: Message, services: Services) -> tuple[Refusal, ...]:
    """What an answer refuses, the first 20; to be asked at that moment, on the brokers' loop."""
    errors = (each for each in errors_in(response, request.version) if each.code)
    return tuple(_refusal(request, error, services) for error in islice(errors, _MOST))


def _refusal(request: Request, error: AnswerError, services: Services) -> Refusal:
    from kafka_compat.testing.refusal_rules import rule_of

    code = ErrorCode(error.code)
    topic = partition = None
    for struct in error.structs:
        if (name := topic_name(struct, request.names_topic)) is not None:
            topic, inner = name, struct
            partition = partition_number(inner)
        elif topic is not None and (number := partition_number(struct)) is not None:
            partition = number
    body = request.body
    part, path = (None, "") if body is None or topic is None else _part_about(request, body, topic, partition)
    case = Case(code, request, body, error.structs, topic, partition, part, path, services)
    if request.fault:
        return Refusal(code.name, "", "answered by a fault that the test has put in", topic, partition)
    field, rule = rule_of(case)
    return Refusal(code.name, field, rule, topic, partition)


def _part_about(request: Request, body: Message, topic: str, partition: int | None) -> tuple[Message | None, str]:
    """The struct of a request that is about a topic, or about its partition."""
    seen = 0

    def look(message: Message, path: str, *, in_topic: bool) -> tuple[Message | None, str]:
        nonlocal seen
        for field in fields_of(type(message)):
            if not field.is_struct or not field.is_array or not field.versions.has(request.version):
                continue
            for index, element in enumerate(getattr(message, field.attribute) or ()):
                seen += 1
                if seen > _MOST_STRUCTS:
                    return None, ""
                below = f"{path}.{field.name}[{index}]" if path else f"{field.name}[{index}]"
                if in_topic:
                    if partition_number(element) == partition:
                        return element, below
                    continue
                name = topic_name(element, request.names_topic)
                if name is None:
                    found = look(element, below, in_topic=False)
                elif name == topic:
                    found = look(element, below, in_topic=True) if partition is not None else (None, "")
                    found = found if found[0] is not None else (element, below)
                else:
                    continue
                if found[0] is not None:
                    return found
        return None, ""

    return look(body, "", in_topic=False)
