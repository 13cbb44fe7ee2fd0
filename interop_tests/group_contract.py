"""The tests of groups that clients with a driver pass. A directory inherits them and gives `library` and `command` fixtures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack

import pytest

from interop_tests.clients import Client, ReadRecord, Record
from interop_tests.compacted import compacted_topic
from interop_tests.drivers import Assignor, Driver, Library, Member, ToolchainUnavailableError
from interop_tests.ledger import Ledger
from tests.support.brokers import (
    NO_RETENTION,
    QUICK_CLEANER,
    REFERENCE_CRASH_TEST_CONFIG,
    Broker,
    in_ci,
    require_commands,
    settings_of,
    skipped_without_reference,
    start_ours,
    start_reference,
)

PARTITIONS = 6

StartDriver = Callable[[], Driver]


def skip_if_cannot(library: Library, feature: str) -> None:
    if feature in library.cannot:
        pytest.skip(f"{library.name}: {library.cannot[feature]}")


def command_of(library: Library, *tools: str) -> list[str]:
    """How to start the library's driver; see `built`."""
    return built(library.command, *tools)


def built(command: Callable[[], Sequence[str]], *tools: str) -> list[str]:
    """How to start a program, built if need be; skips the test where that is impossible, but fails it in CI."""
    require_commands(*tools)
    try:
        return list(command())
    except ToolchainUnavailableError as error:
        if in_ci():
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def broker_process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that does not hold a group's first rebalance back for three seconds, which each test would wait for."""
    directory = tmp_path_factory.mktemp("broker")
    config = {"group.initial.rebalance.delay.ms": "0", **QUICK_CLEANER, **NO_RETENTION}
    if request.config.getoption("--broker") == "ours":
        started: Broker = start_ours(directory, *settings_of(config))
    else:
        with skipped_without_reference():
            started = start_reference(directory, {**config, **REFERENCE_CRASH_TEST_CONFIG})
    with started:
        yield started
        if started.is_running:
            started.stop()


@pytest.fixture
def start_driver(command: list[str], broker: Broker) -> Iterator[StartDriver]:
    """Starts driver processes; all end with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Driver(command, broker.bootstrap))


@pytest.mark.timeout(900)  # the first one builds the driver
class GroupContract:
    """What Kafka promises to a group, seen by the library under test."""

    def test_what_was_produced_is_consumed(self, library: Library, start_driver: StartDriver, topic: str) -> None:
        """One partition for each codec."""
        driver = start_driver()
        driver.create_topic(topic, len(library.codecs))
        sent = [
            Record(key=b"key", value=b"value"),
            Record(value=b"no key"),
            Record(key=b"tombstone"),
            Record(key=b"headers", value=b"v", headers=(("a", b"1"), ("b", b""), ("c", bytes(range(128))))),
            Record(key=bytes(range(256)), value=b"abcdefgh" * 8192),
            Record(key=b"", value=b""),
            *(Record(value=b"%d" % index) for index in range(500)),
        ]
        for partition, codec in enumerate(library.codecs):
            offsets = driver.produce(topic, [(partition, record) for record in sent], codec)
            assert offsets == list(range(len(sent)))
        member = driver.join(f"group-{topic}", topic)
        read: list[list[ReadRecord]] = [[] for _ in library.codecs]
        for _ in range(2000):
            for partition, record in member.poll().records:
                read[partition].append(record)
            if sum(map(len, read)) >= len(sent) * len(read):
                break
        member.leave()
        for of_codec in read:
            assert [Record(key=each.key, value=each.value, headers=each.headers) for each in of_codec] == sent
            assert [each.offset for each in of_codec] == list(range(len(sent)))

    @pytest.mark.parametrize("assignor", ["range", "cooperative-sticky"])
    def test_three_members_join_and_leave_one_after_the_other(
        self, library: Library, start_driver: StartDriver, topic: str, assignor: Assignor
    ) -> None:
        """Records flow all the while; each is delivered, and again only where it had not been committed."""
        skip_if_cannot(library, assignor)
        first, second = start_driver(), start_driver()
        first.create_topic(topic, PARTITIONS)
        ledger = Ledger(first, topic, PARTITIONS)
        members = []
        for driver in (first, second, second):
            members.append(driver.join(ledger.group, topic, assignor=assignor))
            ledger.produce(20)
            ledger.poll_until(members, lambda: ledger.is_shared(members) and ledger.all_delivered(), commit=True)
        while len(members) > 1:
            # What is delivered here, nobody commits before the member leaves: half of it comes again.
            ledger.produce(10)
            ledger.poll_until(members, ledger.all_delivered)
            ledger.leave(members.pop(0))
            ledger.produce(10)
            ledger.poll_until(members, lambda: ledger.is_shared(members) and ledger.all_delivered(), commit=True)
        assert ledger.redelivered > 0
        ledger.poll_until(members, lambda: ledger.commit(members[0]))
        assert first.committed(ledger.group, topic) == ledger.ends()
        ledger.leave(members[0])

    def test_a_new_process_goes_on_where_the_group_committed(self, start_driver: StartDriver, topic: str) -> None:
        before = start_driver()
        before.create_topic(topic, PARTITIONS)
        ledger = Ledger(before, topic, PARTITIONS)
        ledger.produce(10)
        member = before.join(ledger.group, topic)
        ledger.poll_until([member], ledger.all_delivered)
        assert ledger.commit(member)
        ledger.produce(5)
        ledger.poll_until([member], ledger.all_delivered)
        ledger.leave(member)
        after = start_driver()
        assert after.committed(ledger.group, topic) == dict.fromkeys(range(PARTITIONS), 10)
        successor = after.join(ledger.group, topic)
        ledger.poll_until([successor], lambda: ledger.redelivered == 5 * PARTITIONS)
        before.close()
        assert ledger.commit(successor)
        assert after.committed(ledger.group, topic) == ledger.ends()
        ledger.leave(successor)

    def test_a_static_member_comes_back_to_its_partitions(
        self, library: Library, start_driver: StartDriver, topic: str
    ) -> None:
        """Killed and started again before its session times out: the other one keeps its share and reads on."""
        skip_if_cannot(library, "static members")
        one, other = start_driver(), start_driver()
        other.create_topic(topic, PARTITIONS)
        ledger = Ledger(other, topic, PARTITIONS)
        members = [driver.join(ledger.group, topic, instance=name) for driver, name in ((one, "one"), (other, "other"))]
        ledger.poll_until(members, lambda: ledger.is_shared(members))
        shares = [ledger.assigned[member.name] for member in members]
        ledger.produce(10)
        ledger.poll_until(members, ledger.all_delivered, commit=True)
        one.kill()
        ledger.produce(10)
        again = start_driver().join(ledger.group, topic, instance="one")
        members = [again, members[1]]
        ledger.poll_until(members, lambda: ledger.is_shared(members) and ledger.all_delivered(), commit=True)
        assert [ledger.assigned[member.name] for member in members] == shares
        assert ledger.redelivered == 0

    def test_a_group_goes_on_where_it_committed_after_kill_and_restart(
        self, start_driver: StartDriver, broker: Broker, topic: str
    ) -> None:
        """What was committed is there after kill -9, for the member that lived on and for the next one."""
        driver = start_driver()
        driver.create_topic(topic, PARTITIONS)
        ledger = Ledger(driver, topic, PARTITIONS)
        ledger.produce(10)
        member = driver.join(ledger.group, topic)
        ledger.poll_until([member], ledger.all_delivered)
        assert ledger.commit(member)
        ledger.produce(5)
        ledger.poll_until([member], ledger.all_delivered)
        broker.kill()
        broker.start()
        ledger.produce(5)
        ledger.poll_until([member], ledger.all_delivered, after_outage=True)
        assert driver.committed(ledger.group, topic) == dict.fromkeys(range(PARTITIONS), 10)
        again = ledger.redelivered  # all that was not committed, if it had to join again; else nothing
        assert again in (0, 5 * PARTITIONS)
        ledger.leave(member)
        successor = start_driver().join(ledger.group, topic)
        ledger.poll_until([successor], lambda: ledger.redelivered == again + 10 * PARTITIONS)
        assert ledger.commit(successor)
        assert driver.committed(ledger.group, topic) == ledger.ends()
        ledger.leave(successor)

    def test_a_compacted_topic_is_read_over_its_gaps(self, start_driver: StartDriver, admin: Client, topic: str) -> None:
        expected = compacted_topic(admin, topic)
        driver = start_driver()
        member = driver.join(f"group-{topic}", topic)
        found: list[ReadRecord] = []
        for _ in range(2000):
            found += [record for _, record in member.poll().records]
            if len(found) >= len(expected):
                break
        assert [(each.offset, each.key, each.value) for each in found] == [
            (each.offset, each.key, each.value) for each in expected
        ]
        assert member.commit()[1] is None
        member.leave()
        assert driver.committed(f"group-{topic}", topic) == {0: 12}

    def test_seek(self, library: Library, start_driver: StartDriver, topic: str) -> None:
        skip_if_cannot(library, "seek")
        driver = start_driver()
        driver.create_topic(topic, 2)
        member = driver.join(f"group-{topic}", topic)
        produce_evenly(driver, topic, 10)
        assert read(member, 20) == [(partition, offset) for partition in (0, 1) for offset in range(10)]
        member.seek(1, 7)
        assert read(member, 3) == [(1, offset) for offset in (7, 8, 9)]
        produce_evenly(driver, topic, 1)
        assert read(member, 2) == [(0, 10), (1, 10)]
        member.leave()

    def test_pause_and_resume(self, library: Library, start_driver: StartDriver, topic: str) -> None:
        skip_if_cannot(library, "pause")
        driver = start_driver()
        others = () if "pause of one partition" in library.cannot else (1,)
        driver.create_topic(topic, 1 + len(others))
        member = driver.join(f"group-{topic}", topic)
        produce_evenly(driver, topic, 10, (0, *others))
        expected = [(partition, offset) for partition in (0, *others) for offset in range(10)]
        assert read(member, len(expected)) == expected
        member.pause(0)
        # Some clients deliver what the fetch in flight brings; the drivers' fetches wait for 200 ms at most.
        assert read(member, 1, polls=6) == []
        produce_evenly(driver, topic, 5, (0, *others))
        expected = [(partition, offset) for partition in others for offset in range(10, 15)]
        assert read(member, len(expected)) == expected
        # What the paused partition must not give could still be on its way.
        assert read(member, 1, polls=5) == []
        member.resume(0)
        assert read(member, 5) == [(0, offset) for offset in range(10, 15)]
        member.leave()


def produce_evenly(driver: Driver, topic: str, count: int, partitions: tuple[int, ...] = (0, 1)) -> None:
    driver.produce(topic, [(partition, Record(value=b"v")) for partition in partitions for _ in range(count)])


def read(member: Member, count: int, polls: int = 300) -> list[tuple[int, int]]:
    """Partition and offset of what is polled until there are `count`, or until it was polled often enough; sorted."""
    found: list[tuple[int, int]] = []
    for _ in range(polls):
        if len(found) >= count:
            break
        found += [(partition, record.offset) for partition, record in member.poll().records]
    return sorted(found)
