"""The same request to Apache Kafka and to our broker, and their answers side by side.

    def test_unknown_topic(both: Both) -> None:
        both.compare("unknown topic", DeleteTopicsRequest(topic_names=["nope"]), versions=range(1, 6))

A request may be a function of the side where the two need different bytes: `lambda side: Request(topic_id=side.ids["t"])`.
One broker per side lives for the whole session; topics of a test need names of their own (`both.name("orders")`).

Where Java and Maven are installed, the reference runs; what it answers is compared with ours and with its recording
(`recording.py`). Elsewhere, and with `--replay`, its recording stands in its place: a test then sees one side only, ours. So it
asks `for side in both.sides`, and hands the answers on as they come: `both.compare_values(label, key, *answers)`.

Two equal errors prove nothing: a comparison fails on an error that it did not expect, and when one that it expected does not
come (`expect={ErrorCode.INVALID_TOPIC_EXCEPTION}`). A table of odd requests, each with errors of its own, is played with
`expect=ANY_ERROR`; the recording shows which they are.

`--record` writes what the reference answers to tests that pass. A recording has to be the same in every run, so what a test
compares may not depend on the clock, on chance or on other tests; what does so all the same is marked `reference` and needs
Java: the sequences that Hypothesis draws (`test_machine`, `test_groups_random`), seeds that are not
played in every run (`test_transaction_machine`), what follows the machine's clock, Java's own
tools (`test_group_tools`, `test_listeners`), and what is compared by other means than answers (`test_connection_ends`,
`test_offset_expiry`).
"""

from __future__ import annotations

import itertools
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.registry import response_class
from tests.conformance.differences import DIFFERENCES
from tests.conformance.normalise import NodeNames, Normal, Replacement, differences, normalise, without_indexes
from tests.conformance.recording import REFRESH, Answer, recorded_form
from tests.conformance.secured import password_of
from tests.support.brokers import Broker
from tests.support.wire_client import ConnectionClosed, WireClient, api_key_of, wait_until_led

R = TypeVar("R", bound=Message)

CLOSED = "connection closed"
# Module to the names of its tests, of modules that were collected whole.
collected_key = pytest.StashKey[dict[str, set[str]]]()


@dataclass
class Score:
    """What the session compared."""

    is_live: bool | None = None  # not asked yet
    compared: Counter[str] = field(default_factory=Counter)
    differing: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (api, path, reason) -> answers
    failed: Counter[str] = field(default_factory=Counter)


@dataclass
class Side:
    """One of the two brokers.

    Attributes:
        kind: "reference" or "ours".
        bootstrap: its address, for whoever needs to prove nothing.
        secured: its address for users, who authenticate with PLAIN (`secured.py`); "" where it has none.
        listeners: its addresses by the names of its listeners, where it has several.
        names: what its ids and texts are called.
    """

    kind: str
    bootstrap: str
    secured: str = ""
    listeners: Mapping[str, str] = field(default_factory=dict)
    names: NodeNames = field(default_factory=NodeNames)
    _clients: dict[str | None, WireClient] = field(default_factory=dict)

    @property
    def client(self) -> WireClient:
        """A connection, kept from one request to the next."""
        return self.client_of(None)

    def client_of(self, user: str | None) -> WireClient:
        """The same as a user."""
        client = self._clients.get(user)
        if client is None:
            if user is None:
                client = WireClient(self.bootstrap, timeout_s=40.0)
            else:
                client = WireClient(self.secured, timeout_s=40.0, user=user, password=password_of(user))
            self._clients[user] = client
        return client

    @property
    def ids(self) -> dict[str, bytes]:
        """Topic name to id, of the topics made through `Both.create_topic`."""
        return {name: topic_id for topic_id, name in self.names.topic_ids.items()}

    def call(self, request: Message, version: int, response_type: type[R], user: str | None = None) -> R:
        """Send and receive, as a user if one is given.

        Raises:
            ConnectionClosed: the broker closed the connection.
        """
        try:
            return self.client_of(user).call(request, version, response_type)
        except BaseException:
            self.close_of(user)
            raise

    def close(self) -> None:
        """Close all connections; the next call opens another."""
        for user in list(self._clients):
            self.close_of(user)

    def close_of(self, user: str | None) -> None:
        """The same of one user's."""
        client = self._clients.pop(user, None)
        if client is not None:
            client.close()


Request = Message | Callable[[Side], Message]
Expected = Collection[int | str]
"""The errors that a test expects: their codes, and CLOSED. Each has to be there, and no other."""
ANY_ERROR: Final = ("any",)
"""Of tables, whose errors stand in the recording."""


def errors_of(answer: Normal) -> set[int | str]:
    """The codes of all errors in an answer, and whether the connection was closed."""
    match answer:
        case str():
            return {CLOSED} if answer == CLOSED else set()
        case list():
            return {error for item in answer for error in errors_of(item)}
        case dict():
            codes: set[int | str] = {code for name, code in answer.items() if name == "error_code" and isinstance(code, int)}
            return (codes - {0}) | {error for value in answer.values() for error in errors_of(value)}
    return set()


def error_names(errors: Collection[int | str]) -> list[str]:
    """The errors in words."""
    return [ErrorCode(error).name if isinstance(error, int) else error for error in errors]


@dataclass
class Tape:
    """A test's recording: what is played, and what is taken down.

    Attributes:
        test: names the test, in this run and in every other.
        played: the reference's answers as recorded; None when the test has to have none.
        taken: its answers in this run.
    """

    test: str
    played: list[Answer] | None
    taken: list[Answer] = field(default_factory=list)

    @property
    def refresh(self) -> str:
        """What to do about a recording that is out of date."""
        return f"with Java, `{REFRESH} '{self.test}'` records it anew"


class Both:
    """Sends requests to both brokers and compares. Without the reference its answers come from the tape.

    Attributes:
        sides: the reference, if it runs, and ours.
        ours: our side.
    """

    def __init__(self, sides: tuple[Side, ...], tape: Tape, score: Score) -> None:
        self.sides = sides
        self.ours = sides[-1]
        self._tape = tape
        self._tag = f"{zlib.crc32(tape.test.encode()) & 0xFFFFFF:06x}"
        self._numbers = itertools.count(1)
        self._score = score
        self._problems: dict[str, list[str]] = {}  # what differs -> the labels of the cases

    @property
    def reference(self) -> Side:
        """The reference, of tests that do without a recording."""
        assert len(self.sides) == 2, "the reference does not run"
        return self.sides[0]

    def name(self, stem: str) -> str:
        """A topic or group name nobody else in the session uses, and the same one in every run."""
        return f"{stem}-{self._tag}{next(self._numbers)}"

    def keep_id(self, value: bytes) -> bytes:
        """Mark an id that the test made up, so that it is compared as it is."""
        for side in self.sides:
            side.names.kept_ids.add(value)
        return value

    def create_topic(self, name: str, partitions: int = 1, configs: Mapping[str, str] | None = None) -> str:
        """The topic, made on both sides and led there; its ids are known as `<id of NAME>` from now on."""
        topic = CreatableTopic(
            name=name,
            num_partitions=partitions,
            replication_factor=1,
            configs=[CreatableTopicConfig(name=key, value=value) for key, value in (configs or {}).items()],
        )
        for side in self.sides:
            made = side.call(CreateTopicsRequest(topics=[topic], timeout_ms=30_000), 7, CreateTopicsResponse).topics[0]
            assert made.error_code == 0, f"{side.kind}: {made}"
            side.names.topic_ids[made.topic_id] = name
            self.wait_for_leaders(side, name, partitions)
        return name

    @staticmethod
    def wait_for_leaders(side: Side, name: str, partitions: int) -> None:
        """Return when `side` leads all partitions of the topic: the reference tells of leaders a little before it leads."""
        wait_until_led(side.client, name, partitions)

    def compare(
        self,
        label: str,
        request: Request,
        versions: Collection[int],
        *,
        replace: Mapping[str, Replacement] | None = None,
        unordered: Collection[str] = (),
        before_each: Callable[[], object] | None = None,
        expect: Expected = (),
    ) -> set[int | str]:
        """Send `request` in each version to both; what differs fails the test at its end, so that one run shows all.

        Args:
            label: names the case in reports and in `differences.py`.
            request: for both, or made for each side.
            versions: to send it in.
            replace: see `normalise`.
            unordered: see `normalise`.
            before_each: runs before each version, for requests that use something up.
            expect: the errors in the answers to all versions.

        Returns the errors in the reference's answers.
        """
        found: set[int | str] = set()
        for version in versions:
            if before_each is not None:
                before_each()
            answers = self.answers(request, version, replace=replace, unordered=unordered)
            made = request(self.ours) if callable(request) else request
            found |= self.compare_values(f"{label} v{version}", ApiKey(api_key_of(made)), *answers, expect=ANY_ERROR)
        self.check_errors(label, expect, found)
        return found

    def answers(
        self,
        request: Request,
        version: int,
        *,
        replace: Mapping[str, Replacement] | None = None,
        unordered: Collection[str] = (),
    ) -> list[Normal]:
        """The normalised answer of each side, for `compare_values`."""
        return [self.answer(side, request, version, replace=replace, unordered=unordered) for side in self.sides]

    def answer(
        self,
        side: Side,
        request: Request,
        version: int,
        *,
        replace: Mapping[str, Replacement] | None = None,
        unordered: Collection[str] = (),
        user: str | None = None,
    ) -> Normal:
        """One side's normalised answer, or CLOSED; to a user if one is given."""
        made = request(side) if callable(request) else request
        try:
            response = side.call(made, version, response_class(api_key_of(made)), user)
        except ConnectionClosed:
            return CLOSED
        return normalise(response, version, side.names, replace=replace, unordered=unordered)

    def compare_values(self, label: str, api_key: ApiKey, *answers: Normal, expect: Expected = ()) -> set[int | str]:
        """Count one comparison of the answers of all sides and note what differs without a reason.

        Returns the errors in the reference's answer, which have to be those of `expect`.
        """
        *of_reference, ours = answers
        assert len(answers) == len(self.sides), "an answer of each side"
        self._score.compared[api_key.name] += 1
        if of_reference:
            reference = of_reference[0]
            self._take(label, reference)
        else:
            reference, ours = self._play(label), recorded_form(ours)
        unexplained = []
        for path, theirs, mine in differences(reference, ours):
            reason = next(
                (
                    known.reason
                    for known in DIFFERENCES
                    if known.api_key == api_key and known.path == without_indexes(path) and known.case in label
                ),
                None,
            )
            if reason is None:
                unexplained.append(f"{path or '(answer)'}\n    reference {theirs!r}\n    ours      {mine!r}")
            else:
                key = (api_key.name, without_indexes(path), reason)
                self._score.differing[key] = self._score.differing.get(key, 0) + 1
        if unexplained:
            self._score.failed[api_key.name] += 1
            for problem in unexplained:
                self._problems.setdefault(problem, []).append(label)
        found = errors_of(reference)
        self.check_errors(label, expect, found)
        return found

    def check_errors(self, label: str, expect: Expected, found: Collection[int | str]) -> None:
        """Note when the errors that the reference answered are not those expected."""
        if expect != ANY_ERROR and set(found) != set(expect):
            names = [sorted(error_names(errors)) or "no error" for errors in (expect, found)]
            self._problems.setdefault(f"expected {names[0]}, but the reference answers {names[1]}", []).append(label)

    def _take(self, label: str, answer: Normal) -> None:
        """Take the reference's answer down; without `--record` it has to be what was recorded."""
        taken = Answer(label, recorded_form(answer))
        number = len(self._tape.taken)
        self._tape.taken.append(taken)
        played = self._tape.played
        if played is not None and (number >= len(played) or played[number] != taken):
            problem = f"the reference's answer {number} is not as recorded: {self._tape.refresh}"
            known = f"\n    recorded  {played[number]!r}\n    now       {taken!r}" if number < len(played) else ""
            self._problems.setdefault(problem, []).append(f"{label}{known}")

    def _play(self, label: str) -> Normal:
        """The reference's next answer by the recording."""
        played = self._tape.played or []
        number = len(self._tape.taken)
        if number >= len(played) or played[number].label != label:
            self._tape.played = None  # so that `finish` does not say it again
            found = played[number].label if number < len(played) else "nothing"
            pytest.fail(f"no recording of {label!r}, there is {found!r}: {self._tape.refresh}", pytrace=False)
        self._tape.taken.append(played[number])
        return played[number].answer

    def finish(self) -> None:
        """The verdict at the end of the test, when all of the recording has been played."""
        played, taken = self._tape.played, self._tape.taken
        if played is not None and len(taken) < len(played) and not self._problems:
            left = f"{len(played) - len(taken)} of {len(played)} recorded answers, from {played[len(taken)].label!r} on"
            pytest.fail(f"the test did not ask for {left}: {self._tape.refresh}", pytrace=False)
        self.verdict()

    def verdict(self) -> None:
        """Fail when something differed since the last verdict."""
        problems, self._problems = self._problems, {}
        if problems:
            texts = [f"{', '.join(labels)}: {problem}" for problem, labels in problems.items()]
            pytest.fail("unlike the reference:\n" + "\n".join(texts), pytrace=False)


class Address(Protocol):
    """A broker, as far as clients are concerned."""

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""


class SecuredAddress(Address, Protocol):
    """A broker that knows its clients (`secured.py`)."""

    def bootstrap_of(self, listener: str) -> str:
        """Host and port for clients of that listener."""


Brokers = tuple[Broker, ...]
"""One for each side: the reference, if it runs, and ours."""
ConfiguredAlike = Callable[[Mapping[str, str]], AbstractContextManager[Brokers]]
MakeBoth = Callable[..., AbstractContextManager[Both]]
