"""Fail the Nth call for N = 1, 2, ... until none fails, come back, and compare with a model of what was acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from kafka_compat.filesystem import Effect, Fault, MemoryFileSystem
from kafka_compat.storage.local import LocalLogStore
from tests.storage.fault_script import ROOT, check_after_power_loss, matching, open_log, run_through, run_until_failure
from tests.support.storage_worlds import make_batch, read_all

# What the medium does at any call, the log lines say.
pytestmark = pytest.mark.expects_errors("cannot be flushed|cannot be opened|not closed cleanly|cannot be made", maybe=True)


async def for_each_call(effect: Effect, *, halt: bool, check: Callable[[MemoryFileSystem], Awaitable[None]]) -> None:
    """Run `check` on file systems whose first, second, ... call fails, until one has no fault left."""
    for call in range(1, 2000):
        filesystem = MemoryFileSystem()
        filesystem.inject(Fault(at_call=call, effect=effect, halt=halt))
        try:
            await check(filesystem)
        except Exception as error:
            error.add_note(f"with a fault in call {call}")
            raise
        if not filesystem.faults.fired:
            assert call > 100, "the script makes fewer calls than it should"
            return


@pytest.mark.parametrize("effect", [Effect.FAIL, Effect.TEAR])
async def test_process_dies_at_any_call(effect: Effect) -> None:
    """Everything acknowledged is there, nothing torn."""

    async def check(filesystem: MemoryFileSystem) -> None:
        candidates = await run_until_failure(filesystem)
        store = LocalLogStore(filesystem.crash(power_loss=False), ROOT)
        matching(await open_log(store), candidates)
        await store.close()

    await for_each_call(effect, halt=True, check=check)


@pytest.mark.parametrize("seed", [None, *range(8)])
async def test_power_fails_at_any_call(seed: int | None) -> None:
    """All that was synced is there; the rest as a prefix, whatever pages and names survived."""

    async def check(filesystem: MemoryFileSystem) -> None:
        candidates = await run_until_failure(filesystem)
        survivor = filesystem.crash(power_loss=True, seed=seed if seed is None else seed * 1000 + filesystem.faults.calls)
        store = LocalLogStore(survivor, ROOT)
        log = await open_log(store)
        check_after_power_loss(log, candidates)
        # The survivor works, and ends cleanly.
        found = read_all(log)
        batch = make_batch(log.end_offset)
        log.append(batch, log.end_offset, log.end_offset, 0, 0)
        await store.close()
        store = LocalLogStore(survivor, ROOT)
        assert store.was_clean_shutdown
        assert read_all(await open_log(store)) == [*found, batch]
        await store.close()

    await for_each_call(Effect.TEAR, halt=True, check=check)


@pytest.mark.parametrize("effect", [Effect.FAIL, Effect.TEAR])
async def test_one_failed_call_costs_one_operation(effect: Effect) -> None:
    """The disk answers one error: the log is opened anew and goes on; later nothing is missing."""

    async def check(filesystem: MemoryFileSystem) -> None:
        model = await run_through(filesystem)
        store = LocalLogStore(filesystem.crash(power_loss=False), ROOT)
        matching(await open_log(store), [model])
        await store.close()

    await for_each_call(effect, halt=False, check=check)


async def test_failed_sync_that_loses_pages_is_told_and_leaves_a_prefix() -> None:
    """After a failed fsync Linux may have dropped the pages: the log must not go on as if they were written."""

    async def check(filesystem: MemoryFileSystem) -> None:
        candidates = await run_until_failure(filesystem)
        store = LocalLogStore(filesystem.crash(power_loss=True), ROOT)
        check_after_power_loss(await open_log(store), candidates)
        await store.close()

    await for_each_call(Effect.LOSE, halt=False, check=check)
