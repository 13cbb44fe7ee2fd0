"""One log is one `PartitionLog`, whoever opens, loses, deletes or configures it meanwhile; and nothing unexpected ends that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafka_compat.config.topic import TopicConfig
from kafka_compat.filesystem import OsFileSystem
from kafka_compat.filesystem.faults import Fault
from kafka_compat.log import manager as manager_module
from kafka_compat.log import retention
from kafka_compat.log.errors import AppendError
from kafka_compat.log.flushing import FLUSH_MS
from kafka_compat.log.manager import REOPEN_MS
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.recovery import recover_state
from kafka_compat.log.state import LogState
from kafka_compat.storage.interface import Corrupt, Fenced, LogPolicy, OpenLog
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.storage.local.handle import LocalOpenLog
from tests.support.log_worlds import LOG, TOPIC_ID, World, is_offline, one_batch
from tests.support.storage_worlds import make_batch


class Gate:
    """Stands in for `recover_state`: opening a log stops there until `release` is set."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def __call__(self, log: OpenLog, name: str) -> LogState:
        self.entered.set()
        await self.release.wait()
        return await recover_state(log, name)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.manager.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr(manager_module, "recover_state", gate)
    return gate


async def test_two_that_create_one_log_get_the_same(world: World, gate: Gate) -> None:
    first = asyncio.ensure_future(world.manager.create(LOG, 0, world.topic_config()))
    await gate.entered.wait()
    second = asyncio.ensure_future(world.manager.create(LOG, 1, world.topic_config(retention_ms="7")))
    await asyncio.sleep(0)
    gate.release.set()
    log, again = await asyncio.gather(first, second)
    assert log is again
    assert list(world.manager.logs) == [log]
    assert (log.leader_epoch, log.config.retention_ms) == (1, 7)
    assert world.produce(log) == 0


async def test_a_late_creation_and_a_request_for_the_log_get_the_same(world: World, gate: Gate) -> None:
    world.manager.create_later(LOG, 0, world.topic_config())
    advance = asyncio.ensure_future(world.clock.advance(REOPEN_MS))
    await gate.entered.wait()
    create = asyncio.ensure_future(world.manager.create(LOG, 0, world.topic_config()))
    gate.release.set()
    log = await create
    await advance
    await world.manager.settle()
    assert list(world.manager.logs) == [log]
    assert world.produce(log) == 0


async def test_a_log_deleted_while_it_is_opened_is_gone(world: World, gate: Gate) -> None:
    create = asyncio.ensure_future(world.manager.create(LOG, 0, world.topic_config()))
    await gate.entered.wait()
    delete = asyncio.ensure_future(world.manager.delete(LOG))
    await asyncio.sleep(0)
    gate.release.set()
    await asyncio.gather(create, delete)
    assert list(world.manager.logs) == []
    assert world.manager.of_topic(TOPIC_ID) == []
    assert await world.store.list() == []


async def test_a_log_deleted_before_it_can_be_made_is_not_made(world: World, gate: Gate) -> None:
    """The delete waits in line behind an attempt, and the next attempt behind the delete."""
    world.manager.create_later(LOG, 0, world.topic_config())
    advance = asyncio.ensure_future(world.clock.advance(REOPEN_MS))
    await gate.entered.wait()
    delete = asyncio.ensure_future(world.manager.delete(LOG))
    gate.release.set()
    await advance
    await delete
    await world.manager.settle()
    assert list(world.manager.logs) == []
    assert await world.store.list() == []


async def test_a_higher_leader_epoch_takes_the_log_from_older_handles(world: World) -> None:
    """And nothing else changes: not what the log knows, nor who waits for it."""
    log = await world.create()
    for sequence in range(3):
        world.produce(log, sequence=sequence)
    old, state = log.storage, log.state
    wait = world.purgatory.wait([log.committed_key], timeout_ms=60_000, min_bytes=10_000)
    assert await world.manager.lead(log, 1)
    log.wake_everybody()
    assert await wait, "whoever waits must learn of the new epoch"
    assert (log.leader_epoch, log.storage.epoch) == (1, 1)
    assert log.state is state
    with pytest.raises(Fenced):
        old.append(make_batch(3), 3, 3, 0, 0)
    with pytest.raises(Fenced):
        await old.put_aux("cleaner", 3, b"")
    assert world.produce(log, sequence=3) == 3
    assert log.view.end_offset_for_epoch(0) == (0, 3)
    assert not await world.manager.lead(log, 1)
    assert log.storage.epoch == 1


async def test_a_term_that_began_while_a_log_was_made_takes_it_too(world: World, gate: Gate) -> None:
    world.manager.create_later(LOG, 0, world.topic_config())
    advance = asyncio.ensure_future(world.clock.advance(REOPEN_MS))
    await gate.entered.wait()
    world.manager.create_later(LOG, 3, world.topic_config())
    gate.release.set()
    await advance
    await world.manager.settle()
    (log,) = world.manager.logs
    assert (log.leader_epoch, log.storage.epoch) == (3, 3)
    assert world.produce(log) == 0


async def test_a_flush_that_lost_its_handle_is_made_up_for(world: World) -> None:
    log = await world.create()
    world.produce(log, sequence=0)
    older = log.storage
    await world.manager.lead(log, 1)
    younger = log.storage
    log.view.log = older  # as a flush sees it that has begun before
    await world.advance(FLUSH_MS)
    assert younger.synced_offset == 0
    log.view.log = younger
    await world.advance(FLUSH_MS)
    assert younger.synced_offset == 1


@pytest.mark.expects_errors("cannot be led with epoch 4")
async def test_a_log_that_cannot_be_led_is_offline_until_it_can(world: World) -> None:
    log = await world.create()
    world.produce(log, sequence=0)
    world.filesystem.inject(Fault(at_call=1))
    await world.manager.lead(log, 4)
    assert is_offline(log)
    assert log.leader_epoch == 4
    await world.advance(REOPEN_MS)
    assert not is_offline(log)
    assert (log.storage.epoch, log.leader_epoch) == (4, 4)
    assert world.produce(log, sequence=1) == 1


async def test_what_a_leader_in_between_wrote_counts(world: World) -> None:
    log = await world.create()
    world.produce(log, sequence=0)
    another = await world.store.open(LOG, 1, LogPolicy())
    another.append(one_batch(1, producer_id=9, epoch=0, sequence=0), 1, 1, 0, 0)
    with pytest.raises(AppendError):
        world.produce(log, sequence=1)
    await world.manager.lead(log, 2)
    assert [row.producer_id for row in log.active_producers(0)] == [7, 9]
    assert (log.high_watermark, world.produce(log, sequence=1)) == (2, 2)


async def test_a_config_set_while_a_log_is_opened_again_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = await world.create()
    gate = Gate()
    monkeypatch.setattr(manager_module, "recover_state", gate)
    log.go_offline()
    await world.clock.advance(REOPEN_MS)
    await gate.entered.wait()
    try:
        await world.manager.set_config("t", world.topic_config(flush_messages="7", retention_ms="7"))
    finally:
        gate.release.set()
    await world.manager.settle()
    assert not is_offline(log)
    assert log.config.retention_ms == 7
    assert isinstance(log.storage, LocalOpenLog)
    assert log.storage._log.policy.flush_messages == 7


@pytest.mark.expects_errors("opening t-0 failed")
async def test_an_exception_nobody_expects_of_opening_is_told_once_and_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = 3

    async def fail(log: OpenLog, name: str) -> LogState:
        nonlocal failures
        if failures:
            failures -= 1
            raise ZeroDivisionError("nobody thought of it")
        return await recover_state(log, name)

    monkeypatch.setattr(manager_module, "recover_state", fail)
    assert [log_id for log_id, _ in await world.manager.create_all([(LOG, 0, world.topic_config())])] == [LOG]
    with pytest.raises(Corrupt, match="nobody thought of it"):
        await world.create()
    await world.advance(REOPEN_MS)
    assert world.manager.get("t", 0) is None
    await world.advance(REOPEN_MS)
    log = world.manager.get("t", 0)
    assert log is not None
    assert world.produce(log) == 0
    assert sum(record.exc_info is not None for record in caplog.records) == 1


async def come_back(world: World, log: PartitionLog) -> None:
    assert is_offline(log)
    await world.advance(REOPEN_MS)
    assert not is_offline(log)
    assert world.produce(log) == 1


@pytest.mark.expects_errors("flushing t-0 failed")
async def test_an_exception_nobody_expects_of_a_flush_reloads_the_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = await world.create()
    world.produce(log)

    def fail(_: LogState) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(LogState, "snapshot", fail)
        await world.advance(FLUSH_MS)
    await come_back(world, log)


@pytest.mark.expects_errors("retention of t-0 failed")
async def test_an_exception_nobody_expects_of_retention_reloads_the_log_and_goes_on_to_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = await world.create()
    other = await world.manager.create(LOG._replace(partition=1), 0, world.topic_config(retention_ms="1000"))
    world.produce(log)
    world.produce(other, age_ms=5000)
    real = retention.deletable_up_to

    def fail(looked_at: PartitionLog, now_ms: int) -> int | None:
        if looked_at is log:
            raise ZeroDivisionError
        return real(looked_at, now_ms)

    monkeypatch.setattr(manager_module, "deletable_up_to", fail)
    await world.manager.apply_retention()
    assert other.log_start_offset == 1
    await come_back(world, log)


async def test_many_logs_are_deleted_with_few_syncs_of_their_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filesystem = OsFileSystem()
    world = World()
    store = LocalLogStore(filesystem, str(tmp_path / "data"))
    world.manager = manager_module.LogManager(store, world.clock, world.purgatory, world.broker)
    config: TopicConfig = world.topic_config()
    ids = [LOG._replace(partition=number) for number in range(100)]
    assert await world.manager.create_all([(log_id, 0, config) for log_id in ids]) == []
    syncs: list[str] = []
    real = filesystem.sync_directory

    def count(path: str) -> None:
        syncs.append(path)
        real(path)

    monkeypatch.setattr(filesystem, "sync_directory", count)
    assert await world.manager.delete_all(ids) == []
    assert await store.list() == []
    assert 0 < len(syncs) <= 50
    await world.manager.close()


async def test_a_deletion_that_fails_hinders_no_other(world: World) -> None:
    ids = [LOG._replace(partition=number) for number in range(5)]
    await world.manager.create_all([(log_id, 0, world.topic_config()) for log_id in ids])
    world.filesystem.inject(Fault(at_call=1))
    ((failed, _),) = await world.manager.delete_all(ids)
    assert await world.store.list() == [failed]
    assert list(world.manager.logs) == []


async def test_a_new_leader_that_lacks_records_truncates_them(world: World) -> None:
    """And what the log knows of producers and epochs is what is left."""
    log = await world.create()
    for sequence in range(4):
        world.produce(log, sequence=sequence)
    assert await world.manager.lead(log, 1, 2)
    assert (log.log_end_offset, log.high_watermark, log.storage.epoch) == (2, 2, 1)
    assert log.view.end_offset_for_epoch(0) == (0, 2)
    assert world.produce(log, sequence=2) == 2
    assert log.view.end_offset_for_epoch(0) == (0, 2)
    assert log.high_watermark == 3


async def test_a_new_leader_may_lack_all_that_retention_has_left(world: World) -> None:
    log = await world.create()
    for sequence in range(4):
        world.produce(log, sequence=sequence)
    await log.advance_start(3)
    assert await world.manager.lead(log, 1, 1)
    assert (log.log_start_offset, log.log_end_offset, log.high_watermark) == (1, 1, 1)
    assert world.produce(log, sequence=7) == 1, "the producer is not known any more"


async def test_a_log_that_is_offline_is_truncated_when_it_is_back(world: World, gate: Gate) -> None:
    gate.release.set()
    log = await world.create()
    for sequence in range(3):
        world.produce(log, sequence=sequence)
    log.go_offline()
    assert await world.manager.lead(log, 1, 1)
    assert log.leader_epoch == 1
    await world.clock.advance(REOPEN_MS)
    await world.manager.settle()
    assert (log.is_offline, log.log_end_offset, log.high_watermark) == (False, 1, 1)
