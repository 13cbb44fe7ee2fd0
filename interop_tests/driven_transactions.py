"""Transactions of clients in other languages, whose driver programs know the ops `txn_...` (`go/transactions.go`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interop_tests.clients import Client, Record
from interop_tests.drivers import Driver, DriverError
from interop_tests.transaction_contract import FencedError, Reader


class DrivenTransactions:
    """`Transactions` over a driver; what the client fails with is a FencedError: the tests expect no other."""

    def __init__(self, driver: Driver, transactional_id: str, timeout_ms: int) -> None:
        self._driver = driver
        self._number: int = driver.call("txn_init", transactional_id=transactional_id, timeout_ms=timeout_ms)["producer"]

    def begin(self) -> None:
        self._call("txn_begin")

    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None:
        self._call("txn_produce", topic=topic, partition=partition, values=[value.decode() for value in values])

    def send_offsets(self, group: str, offsets: Mapping[tuple[str, int], int]) -> None:
        wanted = [{"topic": topic, "partition": partition, "offset": offset} for (topic, partition), offset in offsets.items()]
        self._call("txn_send_offsets", group=group, offsets=wanted)

    def commit(self) -> None:
        self._call("txn_commit")

    def abort(self) -> None:
        self._call("txn_abort")

    def close(self) -> None:
        self._call("txn_close")

    def _call(self, op: str, **arguments: Any) -> None:
        try:
            self._driver.call(op, producer=self._number, **arguments)
        except DriverError as error:
            raise FencedError(str(error)) from error


def read_committed(driver: Driver, topic: str, partition: int, count: int) -> list[bytes]:
    """What a read_committed consumer of the driver reads."""
    answer = driver.call("txn_read_committed", topic=topic, partition=partition, count=count)
    return [text.encode() for text in answer["values"]]


def move_exactly_once(driver: Driver, admin: Client, reader: Reader, topic: str) -> None:
    """A member of a group moves records in transactions under the group's own metadata (KIP-447), with aborts in between."""
    source, group = f"{topic}-source", f"group-{topic}"
    admin.create_topic(topic)
    admin.create_topic(source)
    for start in range(0, 100, 10):
        admin.produce(source, [Record(value=b"%d" % number) for number in range(start, start + 10)])
    driver.call("txn_move", transactional_id=f"tid-{topic}", group=group, source=source, topic=topic, count=100)
    assert reader.values(topic, 100) == [b"%d" % number for number in range(100)]
    reader.wait_for_committed(group, source, 100)
