"""What goes into the topologies of `StreamsApp.java`, and what has to come out.

Every step of a result is a record there, so that exactly once can be seen: a count that goes 1, 2, 3 has lost nothing, counted
nothing twice, and shows nothing that was aborted.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Protocol

from interop_tests.streams.committed import Text


class Input(NamedTuple):
    """A record to feed. `topic`: what follows the prefix."""

    topic: str
    value: str


class Topology(Protocol):
    """One topology; its input is numbered."""

    name: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]]

    def input(self, number: int) -> Sequence[Input]:
        """The records of this number."""

    def result_count(self, numbers: int) -> int:
        """How many records come of so many numbers."""

    def check(self, numbers: int, results: Sequence[Text]) -> None:
        """Fails unless these are the results of so many numbers. Those of one key are in order."""


class Words:
    """Counts words: a repartition topic, a changelog."""

    name: ClassVar[str] = "words"
    inputs: ClassVar[tuple[str, ...]] = ("lines",)

    def input(self, number: int) -> Sequence[Input]:
        return [Input("lines", " ".join(self._words(number)))]

    def _words(self, number: int) -> list[str]:
        return [f"a{number % 7}", f"b{number % 11}", f"c{number % 13}"]

    def result_count(self, numbers: int) -> int:
        return 3 * numbers

    def check(self, numbers: int, results: Sequence[Text]) -> None:
        expected = Counter(word for number in range(numbers) for word in self._words(number))
        assert _by_key(results) == {word: [str(step + 1) for step in range(count)] for word, count in expected.items()}


class Join:
    """Joins each order with the payments of its customer: two repartition topics, two windowed stores."""

    name: ClassVar[str] = "join"
    inputs: ClassVar[tuple[str, ...]] = ("orders", "payments")

    def input(self, number: int) -> Sequence[Input]:
        """A customer with two orders and a payment."""
        customer = f"customer{number}"
        orders = [Input("orders", f"{customer} order{number}.{index}") for index in (0, 1)]
        return [orders[0], Input("payments", f"{customer} payment{number}"), orders[1]]

    def result_count(self, numbers: int) -> int:
        return 2 * numbers

    def check(self, numbers: int, results: Sequence[Text]) -> None:
        assert {customer: sorted(pairs) for customer, pairs in _by_key(results).items()} == {
            f"customer{number}": [f"order{number}.{index} payment{number}" for index in (0, 1)] for number in range(numbers)
        }


class Windows:
    """Counts and adds readings of each sensor over tumbling windows: a repartition topic, a windowed changelog."""

    name: ClassVar[str] = "windows"
    inputs: ClassVar[tuple[str, ...]] = ("readings",)

    def input(self, number: int) -> Sequence[Input]:
        return [Input("readings", f"sensor{number % 5} {number}")]

    def result_count(self, numbers: int) -> int:
        return numbers

    def check(self, numbers: int, results: Sequence[Text]) -> None:
        readings: dict[str, list[int]] = defaultdict(list)
        for number in range(numbers):
            readings[f"sensor{number % 5}@{window_start(number)}"].append(number)
        found = _by_key(results)
        # Readings of one window come from several partitions, in any order: the sums on the way are not known.
        steps = {window: [int(value.split()[0]) for value in values] for window, values in found.items()}
        assert steps == {window: list(range(1, len(each) + 1)) for window, each in readings.items()}
        sums = {window: int(values[-1].split()[1]) for window, values in found.items()}
        assert sums == {window: sum(each) for window, each in readings.items()}


# Numbers are a hundredth of a second apart; ten windows of a second, and it begins anew, as late records do.
# None is so old that the retention of a windowed changelog deletes it.
_FIRST_TIMESTAMP_MS = int(time.time()) * 1000
_WINDOW_MS = 1000


def timestamp_ms(number: int) -> int:
    """When the records of this number happened."""
    return _FIRST_TIMESTAMP_MS + number % 1000 * 10


def window_start(number: int) -> int:
    """The beginning of its window, in ms."""
    return timestamp_ms(number) // _WINDOW_MS * _WINDOW_MS


def _by_key(results: Sequence[Text]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = defaultdict(list)
    for key, value in results:
        values[key].append(value)
    return dict(values)


TOPOLOGIES: tuple[Topology, ...] = (Words(), Join(), Windows())
