"""Error codes in answers: which there are, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, cast

from kafka_compat.protocol.message import Message, struct_class
from kafka_compat.protocol.schema import FieldInfo, fields_of

# Of a request, or a part of it; `topicConfigErrorCode` is of something beside it.
_ERROR_CODES: Final = frozenset({"errorCode", "partitionErrorCode", "acknowledgeErrorCode"})


class AnswerError(NamedTuple):
    """An error code of an answer.

    Attributes:
        code: 0 for what succeeded.
        structs: that it stands in, the answer itself first, the one that has it last.
        path: of that struct in the answer, such as `responses[0].partitionResponses[2]`; empty for the answer itself.
    """

    code: int
    structs: tuple[Message, ...]
    path: str


class _Step(NamedTuple):
    field: FieldInfo
    steps: tuple[_Step, ...]  # of the struct that the field has; none of an error code


_plans: dict[type[Message], tuple[_Step, ...]] = {}


def has_errors(response: Message) -> bool:
    """Whether any error code is not 0."""
    return _has_errors(response, _plan(type(response)))


def errors_in(response: Message, version: int) -> Iterator[AnswerError]:
    """Every error code of a response of that version, in its order; takes as long as the response is large."""
    yield from _errors(response, version, _plan(type(response)), (response,), "")


def _plan(kind: type[Message]) -> tuple[_Step, ...]:
    """The fields that lead to error codes."""
    plan = _plans.get(kind)
    if plan is None:
        steps = []
        for field in fields_of(kind):
            if field.is_struct:
                nested = _plan(struct_class(kind, field))
                if nested:
                    steps.append(_Step(field, nested))
            elif field.name in _ERROR_CODES:
                steps.append(_Step(field, ()))
        plan = _plans[kind] = tuple(steps)
    return plan


def _has_errors(message: Message, plan: tuple[_Step, ...]) -> bool:
    for field, steps in plan:
        value = getattr(message, field.attribute)
        if not steps:
            if value:
                return True
        elif field.is_array:
            for element in value or ():
                if _has_errors(element, steps):
                    return True
        elif value is not None and _has_errors(value, steps):
            return True
    return False


def _errors(
    message: Message, version: int, plan: tuple[_Step, ...], structs: tuple[Message, ...], path: str
) -> Iterator[AnswerError]:
    for field, steps in plan:
        if not field.versions.has(version):
            continue
        value: object = getattr(message, field.attribute)
        if not steps:
            yield AnswerError(cast(int, value), structs, path)
        elif value is None:
            continue
        elif field.is_array:
            for index, element in enumerate(cast("list[Message]", value)):
                below = f"{path}.{field.name}[{index}]" if path else f"{field.name}[{index}]"
                yield from _errors(element, version, steps, (*structs, element), below)
        else:
            struct = cast(Message, value)
            below = f"{path}.{field.name}" if path else field.name
            yield from _errors(struct, version, steps, (*structs, struct), below)
