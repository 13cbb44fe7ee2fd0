"""Hypothesis strategies for any message, made from what its class says about its fields."""

from __future__ import annotations

from hypothesis import strategies as st

from kafka_compat.protocol.json_form import INTEGER_BITS
from kafka_compat.protocol.message import Message, struct_class
from kafka_compat.protocol.schema import FieldInfo, fields_of

_SCALARS: dict[str, st.SearchStrategy[object]] = {
    "bool": st.booleans(),
    "float64": st.floats(allow_nan=False),
    "string": st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    "uuid": st.binary(min_size=16, max_size=16),
    "bytes": st.binary(max_size=6),
    "records": st.binary(max_size=6),
    **{name: st.integers(low, high) for name, (low, high) in INTEGER_BITS.items()},
}


_made: dict[tuple[type[Message], int], st.SearchStrategy[Message]] = {}


def messages(message: type[Message], version: int) -> st.SearchStrategy[Message]:
    """Values of `message` that `version` can carry: fields it lacks keep their default."""
    key = (message, version)
    if key not in _made:
        present = [field for field in fields_of(message) if field.versions.has(version)]
        _made[key] = st.builds(message, **{field.attribute: _values(message, field, version) for field in present})
    return _made[key]


def _values(message: type[Message], field: FieldInfo, version: int) -> st.SearchStrategy[object]:
    values: st.SearchStrategy[object]
    if field.is_struct:
        struct = struct_class(message, field)
        values = messages(struct, version)
    else:
        values = _SCALARS[field.element]
    if field.is_array:
        values = st.lists(values, max_size=2)
    return st.none() | values if field.nullable.has(version) else values
