"""Answers in which some parts of a request failed and all others are as they should be.

What an API answers for a part that failed comes from its handler's `refuse`, asked for a request with only those parts; where
that has no entry for each part, one is made by the response's schema. The entries are then put into the answer to the rest. An
API whose answers have no place for the error of a part fails as a whole.

Equal parts of an answer may be one object, so nothing in it is changed: what differs is a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import is_not, itemgetter
from typing import Final

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message, struct_class
from kafka_compat.protocol.schema import FieldInfo, fields_of
from kafka_compat.testing.named import Below, Names, Shape, copy_of, give_names, named, shape_of

_ERRORS: Final = ("error_code", "partition_error_code")
_MESSAGE: Final = "error_message"
# What an answer says where it does not know: Kafka's constants for no offset, no epoch, no time and no leader.
_UNKNOWN: Final = -1
_KNOWN_BY: Final = frozenset(
    {
        "base_offset",
        "committed_leader_epoch",
        "committed_offset",
        "end_offset",
        "high_watermark",
        "last_stable_offset",
        "leader_epoch",
        "leader_id",
        "log_append_time_ms",
        "log_start_offset",
        "low_watermark",
        "offset",
        "timestamp",
    }
)


def entries_of(response: type[Message], version: int, parts: Iterable[Names], code: ErrorCode, text: str | None) -> Message:
    """A response with an entry of this error for each part that it has a place for."""
    made = response()
    shape = shape_of(response, version)
    index: dict[tuple[int, str, object], Message] = {}
    for part in parts:
        _place(made, response, version, shape, part, code, text, index)
    return made


def _place(
    at: Message,
    struct: type[Message],
    version: int,
    shape: Shape,
    part: Names,
    code: ErrorCode,
    text: str | None,
    index: dict[tuple[int, str, object], Message],
) -> None:
    for below in shape.below:
        if below.shape is None:
            continue
        own = _own(below.shape, part)
        if own == Names() or not _has_error(below, part):
            continue
        element_class = struct_class(struct, _field(struct, below.attribute))
        key = (id(at), below.attribute, own)
        element = index.get(key)
        if element is None:
            element = index[key] = _unknown(element_class, version)
            give_names(element, below.shape, own)
            getattr(at, below.attribute).append(element)
        deeper = [one for one in below.shape.below if _has_error(one, part) and _names(one, part)]
        if deeper:
            _place(element, element_class, version, below.shape, part, code, text, index)
        else:
            set_error(element, code, text)


def _own(shape: Shape, part: Names) -> Names:
    """Those names of a part that a struct has itself."""
    kinds = [kind for kind, _ in shape.own] if shape.typed is None else ["topic" if part.topic is not None else "group"]
    if kinds == ["coordinator_key"]:
        return Names(coordinator_key=part.transactional_id if part.group is None else part.group)
    return Names(**{kind: getattr(part, kind) for kind in kinds})


def _names(below: Below, part: Names) -> bool:
    return below.shape is not None and _own(below.shape, part) != Names()


def _has_error(below: Below, part: Names) -> bool:
    """Whether the elements, or elements below them that the part names, have a place for an error."""
    shape = below.shape
    if shape is None:
        return False
    return shape.has_error or any(_names(one, part) and _has_error(one, part) for one in shape.below)


def _field(struct: type[Message], attribute: str) -> FieldInfo:
    return next(field for field in fields_of(struct) if field.attribute == attribute)


def _unknown(struct: type[Message], version: int) -> Message:
    element = struct()
    for field in fields_of(struct):
        if field.attribute in _KNOWN_BY and field.versions.has(version) and not field.is_struct:
            setattr(element, field.attribute, _UNKNOWN)
        elif field.element == "records":
            setattr(element, field.attribute, b"")
    return element


def set_error(element: Message, code: ErrorCode, text: str | None) -> None:
    """Let an entry of a response have failed: nobody leads what has no leader in Kafka's answers either."""
    for attribute in _ERRORS:
        if hasattr(element, attribute):
            setattr(element, attribute, code)
    if hasattr(element, _MESSAGE):
        setattr(element, _MESSAGE, text)
    if hasattr(element, "leader_id"):
        element.leader_id = _UNKNOWN


def with_errors(
    response: Message, version: int, has_part: Callable[[Names], bool], code: ErrorCode, text: str | None
) -> Message:
    """An answer with the error on each entry whose names are meant."""

    def failed(at: Message, shape: Shape, names: Names) -> Message:
        changes: dict[str, object] = {}
        for below in shape.below:
            if below.shape is None:
                continue
            elements = getattr(at, below.attribute) or []
            changed = []
            for element in elements:
                own = named(element, below.shape, names)
                if has_part(own) and below.shape.has_error:
                    refused = copy_of(element, {})
                    set_error(refused, code, text)
                    changed.append(refused)
                else:
                    changed.append(failed(element, below.shape, own))
            if any(map(is_not, changed, elements)):
                changes[below.attribute] = changed
        return copy_of(at, changes) if changes else at

    return failed(response, shape_of(type(response), version), Names())


def merged(into: Message, added: Message, version: int, *, keeps_parts: bool = False) -> Message:
    """An answer with the entries of another: in the place of its own for the same part, or behind what is there.

    Args:
        into: the answer to the rest.
        added: has the entries that it gets.
        version: of both.
        keeps_parts: whether an entry that has parts stays, where that of `added` has none.
    """
    return _merged(into, added, shape_of(type(into), version), keeps_parts)


def _merged(into: Message, added: Message, shape: Shape, keeps_parts: bool) -> Message:
    changes: dict[str, object] = {}
    for below in shape.below:
        more = getattr(added, below.attribute)
        if below.shape is None or not more:
            continue
        elements = list(getattr(into, below.attribute) or ())
        places = _Places(elements, below.shape)
        for element in more:
            at = places.find(element)
            if at is None:
                elements.append(element)
            elif _has_parts(element, below.shape):
                elements[at] = _merged(elements[at], element, below.shape, keeps_parts)
            elif not keeps_parts or not _has_parts(elements[at], below.shape):
                elements[at] = element
        changes[below.attribute] = elements
    return copy_of(into, changes) if changes else into


def _has_parts(element: Message, shape: Shape) -> bool:
    return any(below.shape is not None and getattr(element, below.attribute) for below in shape.below)


def sorted_like(response: Message, order: Message, version: int) -> Message:
    """A response with its entries in the order that they have in another; what is not there comes last."""
    return _sorted_like(response, order, shape_of(type(response), version))


def _sorted_like(response: Message, order: Message, shape: Shape) -> Message:
    changes: dict[str, object] = {}
    for below in shape.below:
        elements, wanted = getattr(response, below.attribute), getattr(order, below.attribute)
        if below.shape is None or not elements or not wanted:
            continue
        places = _Places(wanted, below.shape)
        placed = []
        for element in elements:
            at = places.find(element)
            if at is None:
                placed.append((len(wanted), element))
            else:
                placed.append((at, _sorted_like(element, wanted[at], below.shape)))
        placed.sort(key=itemgetter(0))
        changes[below.attribute] = [element for _, element in placed]
    return copy_of(response, changes) if changes else response


class _Places:
    """Where in a list the entry with the names of another is."""

    def __init__(self, elements: list[Message], shape: Shape) -> None:
        self._shape = shape
        self._by_names: dict[Names, int] = {}
        for number in reversed(range(len(elements))):
            for names in self._keys(elements[number]):
                self._by_names[names] = number

    def find(self, element: Message) -> int | None:
        """The place, None when there is none."""
        for names in self._keys(element):
            if names in self._by_names:
                return self._by_names[names]
        return None

    def _keys(self, element: Message) -> list[Names]:
        """A topic is found by its name or by its id: an answer may have both where the request had one."""
        names = named(element, self._shape, Names())
        keys = [names._replace(topic=None)] if names.topic_id is not None else []
        return [*keys, names._replace(topic_id=None)] if names.topic or not keys else keys
