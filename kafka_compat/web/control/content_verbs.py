"""Verbs about what is in the cluster: topics, records, groups, transactions, producers, and waits for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from kafka_compat.protocol.json_form import Json
from kafka_compat.testing.kafka import WAIT_S
from kafka_compat.testing.views import GroupView, Record
from kafka_compat.web.control.arguments import Argument, Arguments, BadRequest, NotFound, Verb, bytes_of
from kafka_compat.web.control.values import (
    group_json,
    producer_json,
    record_json,
    topic_json,
    transaction_json,
)
from kafka_compat.web.control.world import ControlWorld

MAX_WAIT_S: Final = 300.0

TOPIC: Final = Argument("topic", "string", "name of the topic", is_required=True, place="path")
TIMEOUT: Final = Argument("timeout_s", "number", f"how long to wait at most, in seconds of real time; {WAIT_S:g} unless given")
_ISOLATIONS: Final = ("committed", "uncommitted", "all")
_VALUE_ARGUMENTS: Final = (
    Argument("value", "string", "the value as text; without it and value_base64 a tombstone"),
    Argument("value_base64", "string", "the value as bytes"),
    Argument("key", "string", "the key as text"),
    Argument("key_base64", "string", "the key as bytes"),
    Argument("headers", "array", "objects with name, and value or value_base64"),
    Argument("partition", "integer", "instead of the one that Kafka's producers choose for the key"),
    Argument("timestamp_ms", "integer", "since the Unix epoch; now unless given"),
)
_WHERE: Final = Argument(
    "where",
    "object",
    "counts only records with these: key, value (or key_base64, value_base64), contains (in the value), headers, partition",
)


def timeout_of(arguments: Arguments, default: float = WAIT_S) -> float:
    """How long a wait may take.

    Raises:
        BadRequest: longer than is allowed.
    """
    timeout_s = arguments.number("timeout_s", default)
    if not 0 < timeout_s <= MAX_WAIT_S:
        raise BadRequest(f"timeout_s is above 0 and at most {MAX_WAIT_S:g}, not {timeout_s:g}")
    return timeout_s


# --- topics


def _topics(world: ControlWorld, arguments: Arguments) -> Json:
    return [topic_json(topic) for topic in world.kafka.topics.values()]


def _topic(world: ControlWorld, arguments: Arguments) -> Json:
    topics, name = world.kafka.topics, arguments.text("topic")
    if name not in topics:
        raise NotFound(f"there is no topic {name!r}; there are {_names(topics)}")
    return topic_json(topics[name])


def _create_topic(world: ControlWorld, arguments: Arguments) -> Json:
    configs: Any = arguments.mapping("configs")
    for name, value in configs.items():
        if not isinstance(value, str | int | float):
            raise BadRequest(f"configs: {name} is a text, a number or a boolean, not {value!r}")
    return topic_json(
        world.kafka.create_topic(
            arguments.text("name"),
            arguments.optional_integer("partitions") or 1,
            replication_factor=arguments.optional_integer("replication_factor"),
            configs={name: str(value).lower() if isinstance(value, bool) else value for name, value in configs.items()},
        )
    )


def _delete_topic(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.delete_topic(arguments.text("topic"))
    return {}


# --- records


def _produce(world: ControlWorld, arguments: Arguments) -> Json:
    topic = arguments.text("topic")
    if "records" in arguments:
        produced: list[Json] = []
        for each in arguments.items("records"):
            if not isinstance(each, dict):
                raise BadRequest(f"records are objects, not {each!r}")
            unknown = set(each) - {argument.name for argument in _VALUE_ARGUMENTS}
            if unknown:
                raise BadRequest(f"a record has no {sorted(unknown)[0]!r}")
            produced.append(record_json(_append(world, topic, Arguments(each))))
        return produced
    return [record_json(_append(world, topic, arguments))]


def _append(world: ControlWorld, topic: str, record: Arguments) -> Record:
    partition, timestamp_ms = record.any("partition"), record.any("timestamp_ms")
    for name, value in (("partition", partition), ("timestamp_ms", timestamp_ms)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise BadRequest(f"{name} is a whole number, not {value!r}")
    headers = record.any("headers")
    if headers is not None and not isinstance(headers, list):
        raise BadRequest(f"headers is an array, not {headers!r}")
    return world.kafka.produce(
        topic,
        record.bytes("value"),
        key=record.bytes("key"),
        headers=[_header(each) for each in headers or ()],
        partition=partition,  # type: ignore[arg-type] # checked above
        timestamp_ms=timestamp_ms,  # type: ignore[arg-type]
    )


def _header(header: Json) -> tuple[str, bytes | str | None]:
    if not isinstance(header, dict) or not isinstance(header.get("name"), str):
        raise BadRequest(f'a header is an object such as {{"name": "trace", "value": "1"}}, not {header!r}')
    return str(header["name"]), bytes_of(header, "value")


def _records(world: ControlWorld, arguments: Arguments) -> Json:
    isolation: Any = arguments.optional_text("isolation") or "committed"
    partition = arguments.optional_integer("partition")
    return [
        record_json(record) for record in world.kafka.records(arguments.text("topic"), partition=partition, isolation=isolation)
    ]


def _wait_for_records(world: ControlWorld, arguments: Arguments) -> Json:
    isolation: Any = arguments.optional_text("isolation") or "committed"
    where = arguments.mapping("where")
    found = world.kafka.wait_for_records(
        arguments.text("topic"),
        1 if "count" not in arguments else arguments.integer("count"),
        where=_matcher(where) if where else None,
        isolation=isolation,
        timeout_s=timeout_of(arguments),
    )
    return [record_json(record) for record in found]


def _matcher(where: Mapping[str, Json]) -> Callable[[Record], bool]:
    """Whether a record is meant."""
    allowed = {"contains", "headers", "key", "key_base64", "partition", "value", "value_base64"}
    if unknown := set(where) - allowed:
        raise BadRequest(f"where has {', '.join(sorted(allowed))}, not {sorted(unknown)[0]!r}")
    key, value, contains = bytes_of(where, "key"), bytes_of(where, "value"), bytes_of(where, "contains")
    headers, partition = where.get("headers") or {}, where.get("partition")
    if not isinstance(headers, dict):
        raise BadRequest(f"where: headers is an object, not {headers!r}")

    def matches(record: Record) -> bool:
        if key is not None and record.key != _encoded(key):
            return False
        if value is not None and record.value != _encoded(value):
            return False
        if contains is not None and _encoded(contains) not in (record.value or b""):
            return False
        if partition is not None and record.partition != partition:
            return False
        return all((name, _encoded(str(text))) in record.headers for name, text in headers.items())

    return matches


def _encoded(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


# --- groups, transactions, producers


def _groups(world: ControlWorld, arguments: Arguments) -> Json:
    return [group_json(group) for group in world.kafka.groups.values()]


def _group(world: ControlWorld, arguments: Arguments) -> Json:
    groups, name = world.kafka.groups, arguments.text("group")
    found: GroupView | None = groups.get(name)
    if found is None:
        raise NotFound(f"there is no group {name!r}; there are {_names(groups)}")
    return group_json(found)


def _wait_for_assignment(world: ControlWorld, arguments: Arguments) -> Json:
    members = arguments.optional_integer("members")
    return group_json(
        world.kafka.wait_for_assignment(arguments.text("group"), members=members, timeout_s=timeout_of(arguments))
    )


def _wait_until_consumed(world: ControlWorld, arguments: Arguments) -> Json:
    group = arguments.text("group")
    world.kafka.wait_until_consumed(group, topic=arguments.optional_text("topic"), timeout_s=timeout_of(arguments))
    return {}


def _transactions(world: ControlWorld, arguments: Arguments) -> Json:
    return [transaction_json(transaction) for transaction in world.kafka.transactions.values()]


def _transaction(world: ControlWorld, arguments: Arguments) -> Json:
    transactions, name = world.kafka.transactions, arguments.text("transactional_id")
    if name not in transactions:
        raise NotFound(f"there is no transactional id {name!r}; there are {_names(transactions)}")
    return transaction_json(transactions[name])


def _producers(world: ControlWorld, arguments: Arguments) -> Json:
    return [producer_json(producer) for producer in world.kafka.producers()]


def _names(known: Mapping[str, object]) -> str:
    shown = list(known)[:20]
    return ", ".join(map(repr, shown)) + (", ..." if len(known) > len(shown) else "") if shown else "none"


CONTENT_VERBS: Final = (
    Verb("GET", "/v1/topics", "list_topics", "All topics with their partitions, internal ones too.", _topics),
    Verb(
        "POST",
        "/v1/topics",
        "create_topic",
        "Make a topic; clients can use it when the answer comes.",
        _create_topic,
        (
            Argument("name", "string", "of the topic", is_required=True),
            Argument("partitions", "integer", "how many; 1 unless given"),
            Argument("replication_factor", "integer", "how many brokers hold each"),
            Argument("configs", "object", "topic configs by Kafka's names"),
        ),
    ),
    Verb("GET", "/v1/topics/{topic}", "get_topic", "One topic.", _topic, (TOPIC,)),
    Verb("DELETE", "/v1/topics/{topic}", "delete_topic", "Delete a topic.", _delete_topic, (TOPIC,)),
    Verb(
        "POST",
        "/v1/topics/{topic}/records",
        "produce",
        "Append a record, or several with `records`; the records as they are in the log, in an array.",
        _produce,
        (TOPIC, *_VALUE_ARGUMENTS, Argument("records", "array", "several, each with the arguments of one")),
    ),
    Verb(
        "GET",
        "/v1/topics/{topic}/records",
        "read_records",
        "All records of a topic, by partition and offset; none of one that is not there.",
        _records,
        (
            TOPIC,
            Argument("partition", "integer", "only this one", place="query"),
            Argument(
                "isolation",
                "string",
                "what a read_committed consumer gets (unless given), a read_uncommitted one, or all that is in the log",
                place="query",
                choices=_ISOLATIONS,
            ),
        ),
    ),
    Verb(
        "POST",
        "/v1/waits/records",
        "wait_for_records",
        "Wait until so many records are in a topic, and return them all.",
        _wait_for_records,
        (
            Argument("topic", "string", "name of the topic", is_required=True),
            Argument("count", "integer", "how many; 1 unless given"),
            _WHERE,
            Argument("isolation", "string", "as in read_records", choices=_ISOLATIONS),
            TIMEOUT,
        ),
    ),
    Verb("GET", "/v1/groups", "list_groups", "All groups with members, offsets and lag.", _groups),
    Verb(
        "GET",
        "/v1/groups/{group:path}",
        "get_group",
        "One group.",
        _group,
        (Argument("group", "string", "group id", is_required=True, place="path"),),
    ),
    Verb(
        "POST",
        "/v1/waits/assignment",
        "wait_for_assignment",
        "Wait until a group is stable and each member has its assignment; the group.",
        _wait_for_assignment,
        (
            Argument("group", "string", "group id", is_required=True),
            Argument("members", "integer", "exactly so many members; at least one unless given"),
            TIMEOUT,
        ),
    ),
    Verb(
        "POST",
        "/v1/waits/consumed",
        "wait_until_consumed",
        "Wait until a group has committed the end of the topic, or of all that it has committed anything of.",
        _wait_until_consumed,
        (
            Argument("group", "string", "group id", is_required=True),
            Argument("topic", "string", "name of the topic"),
            TIMEOUT,
        ),
    ),
    Verb("GET", "/v1/transactions", "list_transactions", "All transactional ids.", _transactions),
    Verb(
        "GET",
        "/v1/transactions/{transactional_id:path}",
        "get_transaction",
        "One transactional id.",
        _transaction,
        (Argument("transactional_id", "string", "transactional id", is_required=True, place="path"),),
    ),
    Verb("GET", "/v1/producers", "list_producers", "Idempotent producers that partitions know.", _producers),
)
