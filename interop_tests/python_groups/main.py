"""Python clients, driven line by line as the Go ones (`go/main.go` has the ops). Bytes are base64."""

from __future__ import annotations

import base64
import json
import sys
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from typing import Any

from interop_tests.clients import Client, ReadRecord, Record
from interop_tests.python_groups.members import GroupMember, Joining, Positions


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _decoded(record: dict[str, Any]) -> Record:
    headers = tuple((header["name"], _bytes(header["value"])) for header in record["headers"])
    return Record(key=_bytes(record["key"]), value=_bytes(record["value"]), headers=headers)


def _encoded(partition: int, record: ReadRecord) -> dict[str, object]:
    headers = [{"name": name, "value": _text(value)} for name, value in record.headers]
    described = {"key": _text(record.key), "value": _text(record.value), "headers": headers}
    return {"partition": partition, "offset": record.offset, **described}


class _Driver:
    """One library, bound to one broker: its module here has `client`, `join` and `committed`."""

    def __init__(self, library: str, bootstrap: str) -> None:
        module = import_module(f"interop_tests.python_groups.{library}_member")
        self._bootstrap = bootstrap
        self._client: Client = module.client(bootstrap)
        self._join: Callable[[Joining], GroupMember] = module.join
        self._committed: Callable[[str, str, str], dict[int, int]] = module.committed
        self._members: dict[str, GroupMember] = {}

    def run(self, asked: dict[str, Any]) -> dict[str, object]:
        match asked["op"]:
            case "create_topic":
                self._client.create_topic(asked["topic"], partitions=asked["partitions"])
            case "produce":
                return {"offsets": self._produce(asked["topic"], asked["codec"], asked["records"])}
            case "committed":
                return {"by_partition": self._committed(self._bootstrap, asked["group"], asked["topic"])}
            case "join":
                joining = Joining(self._bootstrap, asked["group"], asked["topic"], asked["instance"] or None, asked["assignor"])
                self._members[asked["member"]] = self._join(joining)
            case "leave":
                self._members.pop(asked["member"]).leave()
            case op:
                return self._run_of(self._members[asked["member"]], op, asked)
        return {}

    def _produce(self, topic: str, codec: Any, records: list[dict[str, Any]]) -> list[int]:
        of_partition: dict[int, list[tuple[int, Record]]] = defaultdict(list)
        for index, record in enumerate(records):
            of_partition[record["partition"]].append((index, _decoded(record)))
        offsets = [-1] * len(records)
        for partition, indexed in of_partition.items():
            sent = [record for _, record in indexed]
            answered = self._client.produce(topic, sent, partition=partition, codec=codec, idempotent=True)
            for (index, _), offset in zip(indexed, answered, strict=True):
                offsets[index] = offset
        return offsets

    @staticmethod
    def _run_of(member: GroupMember, op: str, asked: dict[str, Any]) -> dict[str, object]:
        match op:
            case "poll":
                records = [_encoded(partition, record) for partition, record in member.poll()]
                return {"records": records, "assigned": sorted(member.assigned())}
            case "commit":
                sent = Positions(member.positions)
                try:
                    if sent:
                        member.commit(sent)
                except Exception as error:
                    return {"by_partition": sent, "error": repr(error)}
                return {"by_partition": sent}
            case "seek":
                member.seek(asked["partition"], asked["offset"])
            case "pause":
                member.pause(asked["partition"])
            case "resume":
                member.resume(asked["partition"])
            case _:
                raise ValueError(f"unknown op {op}")
        return {}


def main() -> None:
    driver = _Driver(*sys.argv[1:])
    for line in sys.stdin:
        try:
            answer = driver.run(json.loads(line))
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
