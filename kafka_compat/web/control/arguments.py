"""What a verb takes, and the check of what a client has sent: each refusal says what is allowed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kafka_compat.protocol.json_form import Json
from kafka_compat.testing.nearest import did_you_mean

if TYPE_CHECKING:
    from kafka_compat.web.control.world import ControlWorld

Kind = Literal["string", "integer", "number", "boolean", "object", "array", "any"]
Place = Literal["path", "query", "body"]


class BadRequest(Exception):
    """The request cannot be understood; the text says what would be."""


class NotFound(Exception):
    """There is no such thing; the text says what there is."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb.

    Attributes:
        name: of a field of the body, of a parameter of the query, or of a part of the path.
        kind: of JSON value; from path and query as text.
        text: what it says.
        is_required: whether it has to be there.
        place: where it is.
        choices: the only values, when there are few.
        is_secret: refusals do not say it again.
    """

    name: str
    kind: Kind
    text: str
    is_required: bool = False
    place: Place = "body"
    choices: tuple[str, ...] = ()
    is_secret: bool = False


class Arguments:
    """The checked arguments of one request."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def given(self, *names: str) -> dict[str, Json]:
        """Those of these names that were sent, for calls by keyword."""
        return {name: self._values[name] for name in names if self._values.get(name) is not None}

    def text(self, name: str) -> str:
        """A text that has to be there."""
        value = self._values[name]
        assert isinstance(value, str)
        return value

    def optional_text(self, name: str) -> str | None:
        """A text, or None."""
        value = self._values.get(name)
        assert value is None or isinstance(value, str)
        return value

    def integer(self, name: str) -> int:
        """A whole number that has to be there."""
        value = self._values[name]
        assert isinstance(value, int)
        return value

    def optional_integer(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self._values.get(name)
        assert value is None or isinstance(value, int)
        return value

    def number(self, name: str, default: float) -> float:
        """A number."""
        value = self._values.get(name)
        assert value is None or isinstance(value, int | float)
        return default if value is None else float(value)

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self._values.get(name)
        assert value is None or isinstance(value, bool)
        return default if value is None else value

    def items(self, name: str) -> Sequence[Json]:
        """An array; empty when it is not there."""
        value = self._values.get(name)
        assert value is None or isinstance(value, list)
        return value or ()

    def mapping(self, name: str) -> Mapping[str, Json]:
        """An object; empty when it is not there."""
        value = self._values.get(name)
        assert value is None or isinstance(value, dict)
        return value or {}

    def any(self, name: str) -> Json:
        """Whatever it is."""
        return self._values.get(name)

    def bytes(self, name: str) -> bytes | str | None:
        """A text, or bytes in base64 under the name with `_base64`; None when neither is there."""
        return bytes_of(self._values, name)


@dataclass(frozen=True, slots=True)
class Verb:
    """One operation.

    Attributes:
        method, path: of HTTP; parts of the path in braces are arguments, `{name:path}` may have slashes.
        name: of the operation.
        text: what it does, and what comes back.
        run: in a thread of its own; what it returns is the answer.
        arguments: that it takes, those of the path too.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    text: str
    run: Callable[[ControlWorld, Arguments], Json]
    arguments: tuple[Argument, ...] = ()


def checked(verb: Verb, path: Mapping[str, str], query: Sequence[tuple[str, str]], body: Mapping[str, Json]) -> Arguments:
    """The arguments of a request.

    Raises:
        BadRequest: one is missing, unknown, or not of its kind.
    """
    known = {argument.name: argument for argument in verb.arguments}
    values: dict[str, Json] = {}
    for name, text in (*path.items(), *query):
        argument = _known(name, known, ("path", "query"))
        values[name] = _from_text(argument, text)
    for name, value in body.items():
        argument = _known(name, known, ("body",))
        if value is not None:
            values[name] = _of_kind(argument, value)
    for argument in verb.arguments:
        if argument.is_required and values.get(argument.name) is None:
            raise BadRequest(f"{argument.name} is missing: {argument.text}")
    return Arguments(values)


def bytes_of(values: Mapping[str, Json], name: str) -> bytes | str | None:
    """See `Arguments.bytes`.

    Raises:
        BadRequest: both are there, or one is not what it should be.
    """
    text, encoded = values.get(name), values.get(f"{name}_base64")
    if text is not None and encoded is not None:
        raise BadRequest(f"{name} and {name}_base64 exclude each other")
    if encoded is not None:
        if not isinstance(encoded, str):
            raise BadRequest(f"{name}_base64 is a text, not {encoded!r}")
        try:
            return base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise BadRequest(f"{name}_base64 is no base64: {error}") from None
    if text is not None and not isinstance(text, str):
        raise BadRequest(f"{name} is a text (bytes go into {name}_base64), not {text!r}")
    return text


def _known(name: str, known: Mapping[str, Argument], places: tuple[Place, ...]) -> Argument:
    argument = known.get(name)
    if argument is not None and argument.place in places:
        return argument
    if argument is not None:
        raise BadRequest(f"{name} belongs into the {argument.place}")
    names = [each.name for each in known.values() if each.place in places]
    hint = did_you_mean(name, names) or (f" (there are {', '.join(names)})" if names else " (there are none)")
    raise BadRequest(f"there is no argument {name!r}{hint}")


def _from_text(argument: Argument, text: str) -> Json:
    match argument.kind:
        case "integer":
            try:
                return int(text)
            except ValueError:
                raise BadRequest(f"{argument.name} is a whole number, not {text!r}") from None
        case "boolean":
            if text not in ("true", "false"):
                raise BadRequest(f"{argument.name} is true or false, not {text!r}")
            return text == "true"
        case _:
            return _of_kind(argument, text)


_KINDS: dict[Kind, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "any": (object,),
}
_SAID: dict[Kind, str] = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "any": "any value",
}


def _of_kind(argument: Argument, value: Json) -> Json:
    is_kind = isinstance(value, _KINDS[argument.kind])
    if isinstance(value, bool) and argument.kind in ("integer", "number"):
        is_kind = False
    if not is_kind:
        sent = "" if argument.is_secret else f", not {value!r}"
        raise BadRequest(f"{argument.name} is {_SAID[argument.kind]}{sent}")
    if argument.choices and value not in argument.choices:
        raise BadRequest(f"{argument.name} is one of {', '.join(argument.choices)}, not {value!r}")
    return value
