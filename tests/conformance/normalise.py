"""Brings two brokers' answers into a form in which they can be compared: what depends on the node or the moment gets a name.

Walks any generated message by its FIELDS, so it needs no code per API. What is replaced:

    topic ids        `<id of NAME>` when the side knows the topic, `<new id>` when it does not; zero and ids that the test
                     chose itself stay
    cluster id, port, log directory: by field name, and wherever their text stands in an error message
    a request    that stands in an error message of the reference with all that its threads know of it
    other fields     by the caller: `replace={"last_timestamp": "<time>"}`
    order            of the lists the caller names: the reference fills some of them from hash maps
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from kafka_compat.metadata.changes import uuid_text
from kafka_compat.protocol.message import ZERO_UUID, Message
from kafka_compat.protocol.schema import fields_of

Normal = None | bool | int | float | str | bytes | list["Normal"] | dict[str, "Normal"]
Replacement = str | int | None | Callable[[object], Normal]

_NODE_DEPENDENT: Mapping[str, Replacement] = {
    "cluster_id": "<cluster id>",
    "port": "<port>",
    "controller_port": "<port>",
    "log_dir": "<log dir>",
}
_OF_REQUEST = re.compile(r"Request Request\(.*\) needs", re.DOTALL)


@dataclass
class NodeNames:
    """What one side's ids and texts are called in normalised answers."""

    topic_ids: dict[bytes, str] = field(default_factory=dict)
    # Ids the test made up: both sides see the same bytes.
    kept_ids: set[bytes] = field(default_factory=set)
    # Text of this node -> its name, replaced within strings.
    texts: dict[str, str] = field(default_factory=dict)

    def of_uuid(self, value: bytes) -> str:
        """The name of a topic id (or other uuid)."""
        value = bytes(value)
        if value == ZERO_UUID or value in self.kept_ids:
            return uuid_text(value)
        name = self.topic_ids.get(value)
        return "<new id>" if name is None else f"<id of {name}>"

    def of_text(self, value: str) -> str:
        """`value` with the node's own texts and ids replaced."""
        value = _OF_REQUEST.sub("Request needs", value)
        for text, name in self.texts.items():
            value = value.replace(text, name)
        for topic_id, name in self.topic_ids.items():
            value = value.replace(uuid_text(topic_id), f"<id of {name}>")
        return value


def normalise(
    message: Message,
    version: int,
    names: NodeNames,
    *,
    replace: Mapping[str, Replacement] | None = None,
    unordered: Collection[str] = (),
) -> dict[str, Normal]:
    """The comparable form of `message`: attribute names to values, nested; fields that `version` lacks are left out.

    Args:
        message: any generated message or struct.
        version: it was sent in.
        names: of the node it came from.
        replace: attribute name to what stands for its value, or to a function of the value; None leaves it as it is.
        unordered: attribute names of lists whose order does not count.
    """
    rules = {**_NODE_DEPENDENT, **(replace or {})}
    values: dict[str, Normal] = {}
    for info in fields_of(type(message)):
        if not info.versions.has(version):
            continue
        value = getattr(message, info.attribute)
        rule = rules.get(info.attribute)
        if callable(rule):
            values[info.attribute] = rule(value)
        elif rule is not None:
            values[info.attribute] = rule
        elif isinstance(value, list):
            items = [_normal(item, info.element, version, names, replace, unordered) for item in value]
            values[info.attribute] = sorted(items, key=repr) if info.attribute in unordered else items
        else:
            values[info.attribute] = _normal(value, info.element, version, names, replace, unordered)
    return values


def _normal(
    value: object,
    element: str,
    version: int,
    names: NodeNames,
    replace: Mapping[str, Replacement] | None,
    unordered: Collection[str],
) -> Normal:
    match value:
        case Message():
            return normalise(value, version, names, replace=replace, unordered=unordered)
        case bytes() | bytearray() | memoryview():
            return names.of_uuid(bytes(value)) if element == "uuid" else bytes(value)
        case str():
            return names.of_text(value)
        case None | bool() | int() | float():
            return value
        case list():
            return [_normal(item, element, version, names, replace, unordered) for item in value]
    raise TypeError(f"no normal form of {type(value).__name__}")


def differences(reference: Normal, ours: Normal, path: str = "") -> list[tuple[str, Normal, Normal]]:
    """(path, reference's value, our value) of every leaf that differs; a list of another length differs as a whole."""
    if isinstance(reference, dict) and isinstance(ours, dict) and reference.keys() == ours.keys():
        return [
            found
            for name in reference
            for found in differences(reference[name], ours[name], f"{path}.{name}" if path else name)
        ]
    if isinstance(reference, list) and isinstance(ours, list) and len(reference) == len(ours):
        return [
            found
            for index, (theirs, mine) in enumerate(zip(reference, ours, strict=True))
            for found in differences(theirs, mine, f"{path}[{index}]")
        ]
    # bool and int are equal to Python; on the wire they are not.
    return [] if reference == ours and type(reference) is type(ours) else [(path, reference, ours)]


def without_indexes(path: str) -> str:
    """`topics[3].name` gives `topics.name`: how `differences.py` names fields."""
    return re.sub(r"\[\d+\]", "", path)
