"""Writes api_keys.py, error_codes.py, error_texts.py and registry.py."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from protocol_gen.error_texts import ERROR_TEXTS
from protocol_gen.messages import HEADER
from protocol_gen.model import HIGHEST, Schema, SpecError
from protocol_gen.naming import api_name, snake_case

API_KEYS = '''class ApiKey(IntEnum):
    """The API keys, by the names of Kafka's ApiKeys. Keys 4 to 7 have no version left."""

{members}


class ApiVersions(NamedTuple):
    """The versions of one API's schemas; none when `min_version` is above `max_version`.

    Attributes:
        max_stable_version: the highest version that is not marked unstable; a broker does not offer the one above it.
        flexible_from: the first version with compact fields and tags (KIP-482), 32768 when there is none.
        listeners: who answers it: `broker`, `controller`.
    """

    min_version: int
    max_version: int
    max_stable_version: int
    flexible_from: int
    listeners: tuple[str, ...]


API_VERSIONS: Final[dict[int, ApiVersions]] = {{
{rows}
}}
'''

ERROR_CODES = '''class ErrorCode(IntEnum):
    """Kafka's error codes (org.apache.kafka.common.protocol.Errors)."""

{members}

    @property
    def retriable(self) -> bool:
        """Whether a client may try the same request again (RetriableException)."""
        return self in _RETRIABLE


_RETRIABLE: Final = frozenset(
    {{
{retriable}
    }}
)
'''

REGISTRY = '''
_MESSAGES: Final = "kafka_compat.protocol.messages."
_RECORDS: Final = "kafka_compat.protocol.records."

# Module of each message; coordinator records are in `records`, all else in `messages`.
MODULES: Final[dict[str, str]] = {{
{modules}
}}

# Names of the key and value schema by record type, which is the version number at the start of the key's bytes.
GROUP_COORDINATOR_RECORDS: Final[dict[int, tuple[str, str]]] = {{
{group}
}}
TRANSACTION_COORDINATOR_RECORDS: Final[dict[int, tuple[str, str]]] = {{
{transaction}
}}
SHARE_COORDINATOR_RECORDS: Final[dict[int, tuple[str, str]]] = {{
{share}
}}


@cache
def message_class(name: str) -> type[Message]:
    """The class of a message by Kafka's name (`ProduceRequest`, `OffsetCommitKey`); imports its module.

    Raises:
        KeyError: no message has this name.
    """
    found: type[Message] = getattr(import_module(MODULES[name]), name)
    return found


@cache
def request_class(api_key: int) -> type[Message]:
    """The class of an API's request; imports its module.

    Raises:
        KeyError: no such API, or one that has no version left.
    """
    return message_class(API_NAMES[api_key] + "Request")


@cache
def response_class(api_key: int) -> type[Message]:
    """The class of an API's response; imports its module.

    Raises:
        KeyError: no such API, or one that has no version left.
    """
    return message_class(API_NAMES[api_key] + "Response")


API_NAMES: Final[dict[int, str]] = {{
{apis}
}}
'''


def api_keys_source(requests: Sequence[Schema], responses: Mapping[int, Schema]) -> str:
    """The text of api_keys.py."""
    members: list[str] = []
    rows: list[str] = []
    for schema in sorted(requests, key=lambda one: one.api_key or 0):
        key = schema.api_key or 0
        response = responses[key]
        if (response.valid, response.flexible) != (schema.valid, schema.flexible):
            raise SpecError(f"{schema.name} and {response.name} differ in their versions")
        name = snake_case(api_name(schema.name)).upper()
        valid = schema.valid
        stable = valid.high - 1 if schema.latest_version_unstable else valid.high
        flexible = HIGHEST + 1 if schema.flexible.is_empty else schema.flexible.low
        listeners = ", ".join(f'"{listener}"' for listener in schema.listeners)
        comma = "," if len(schema.listeners) == 1 else ""
        members.append(f"    {name} = {key}")
        rows.append(f"    ApiKey.{name}: ApiVersions({valid.low}, {valid.high}, {stable}, {flexible}, ({listeners}{comma})),")
    head = [
        HEADER,
        '"""API keys and the versions of their schemas."""',
        "",
        "from __future__ import annotations",
        "",
        "from enum import IntEnum",
        "from typing import Final, NamedTuple",
        "",
        "",
        "",
    ]
    return "\n".join(head) + API_KEYS.format(members="\n".join(members), rows="\n".join(rows))


def error_codes_source(errors: Sequence[tuple[int, str, bool]]) -> str:
    """The text of error_codes.py from (code, name, retriable)."""
    names = {name for _, name, _ in errors}
    if names != set(ERROR_TEXTS):
        raise SpecError(f"error_texts.py and errors.json differ in {sorted(names ^ set(ERROR_TEXTS))}")
    members: list[str] = []
    for code, name, _ in errors:
        members.append(f"    {name} = {code}")
        members.append(f'    """{ERROR_TEXTS[name]}"""')
    retriable = [f"        ErrorCode.{name}," for _, name, again in errors if again]
    head = [
        HEADER,
        '"""Kafka\'s error codes."""',
        "",
        "from __future__ import annotations",
        "",
        "from enum import IntEnum",
        "from typing import Final",
        "",
        "",
        "",
    ]
    return "\n".join(head) + ERROR_CODES.format(members="\n".join(members), retriable="\n".join(retriable))


def error_texts_source(errors: Sequence[tuple[int, str, bool]]) -> str:
    """The text of error_texts.py, for who tells people what a code means."""
    head = [
        HEADER,
        '"""What each error code tells a client, as `error_codes.py` has it, for messages to people."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Final",
        "",
        "ERROR_TEXTS: Final[dict[str, str]] = {",
    ]
    return "\n".join([*head, *(f'    "{name}": "{ERROR_TEXTS[name]}",' for _, name, _ in errors), "}", ""])


def registry_source(modules: Mapping[str, str], schemas: Sequence[Schema]) -> str:
    """The text of registry.py; `modules` gives `messages.produce` for `ProduceRequest`."""

    def records(component: str) -> str:
        keys = {one.api_key: one.name for one in schemas if one.component == component and one.kind == "coordinator-key"}
        values = {one.api_key: one.name for one in schemas if one.component == component and one.kind == "coordinator-value"}
        if set(keys) != set(values):
            raise SpecError(f"{component}: a record without key or value")
        return "\n".join(f'    {key}: ("{keys[key]}", "{values[key]}"),' for key in sorted(keys, key=lambda one: one or 0))

    def module(name: str) -> str:
        package, _, stem = modules[name].partition(".")
        return f'    "{name}": {"_RECORDS" if package == "records" else "_MESSAGES"} + "{stem}",'

    apis = {one.api_key: api_name(one.name) for one in schemas if one.kind == "request" and not one.valid.is_empty}
    head = f'''{HEADER}
"""Finds generated classes by name, API key or record type, and imports their modules on first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

from kafka_compat.protocol.message import Message
'''
    return head + textwrap.dedent(REGISTRY).format(
        modules="\n".join(module(name) for name in sorted(modules)),
        group=records("group-coordinator"),
        transaction=records("transaction-coordinator"),
        share=records("share-coordinator"),
        apis="\n".join(f'    {key}: "{apis[key]}",' for key in sorted(apis, key=lambda one: one or 0)),
    )
