import asyncio
import gc
import weakref

import pytest

from kafka_compat.log.purgatory import Purgatory

LONG_MS = 60_000


async def test_a_wake_ends_exactly_the_waits_on_its_key() -> None:
    purgatory = Purgatory()
    first = purgatory.wait(["a", "b"], timeout_ms=LONG_MS)
    second = purgatory.wait(["c"], timeout_ms=LONG_MS)
    purgatory.wake("b")
    assert first.done()
    assert await first is True
    assert not second.done()
    second.cancel()
    assert len(purgatory) == 0


async def test_bytes_add_up_over_keys_until_there_are_enough() -> None:
    purgatory = Purgatory()
    wait = purgatory.wait(["a", "b"], timeout_ms=LONG_MS, min_bytes=100)
    purgatory.wake("a", 60)
    assert not wait.done()
    purgatory.wake("b", 40)
    assert await wait is True


async def test_a_callback_decides_instead_of_bytes() -> None:
    purgatory = Purgatory()
    seen: list[object] = []

    def on_wake(key: object) -> bool:
        seen.append(key)
        return len(seen) == 2

    wait = purgatory.wait(["a", "b"], timeout_ms=LONG_MS, on_wake=on_wake)
    purgatory.wake("a")
    assert not wait.done()
    purgatory.wake("b")
    assert await wait is True
    assert seen == ["a", "b"]


async def test_the_deadline_is_real_time_and_answers_false() -> None:
    purgatory = Purgatory()
    assert await purgatory.wait(["a"], timeout_ms=1) is False
    assert len(purgatory) == 0


async def test_no_time_means_no_wait() -> None:
    purgatory = Purgatory()
    assert purgatory.wait(["a"], timeout_ms=0).done()
    assert len(purgatory) == 0


async def test_a_lost_partition_ends_its_waits_whatever_they_lack() -> None:
    purgatory = Purgatory()
    wait = purgatory.wait(["a"], timeout_ms=LONG_MS, min_bytes=1 << 30)
    purgatory.wake_all("a")
    assert await wait is True


async def test_a_cancelled_wait_is_forgotten_at_once() -> None:
    purgatory = Purgatory()
    wait = purgatory.wait(["a"], timeout_ms=LONG_MS)
    assert wait.cancel()
    assert len(purgatory) == 0
    purgatory.wake("a")
    assert wait.cancelled()


async def test_cancelling_the_task_that_waits_forgets_the_wait() -> None:
    purgatory = Purgatory()
    task = asyncio.ensure_future(purgatory.wait(["a"], timeout_ms=LONG_MS))
    task.cancel()
    await asyncio.wait([task])
    assert len(purgatory) == 0


async def test_shutdown_ends_waits_now_and_later_ones_at_once() -> None:
    purgatory = Purgatory()
    waits = [purgatory.wait([key], timeout_ms=LONG_MS) for key in "abc"]
    purgatory.complete_all()
    assert [await wait for wait in waits] == [False] * 3
    assert await purgatory.wait(["a"], timeout_ms=LONG_MS) is False


async def test_a_callback_may_park_again_on_the_same_key() -> None:
    purgatory = Purgatory()
    parked: list[asyncio.Future[bool]] = []

    def park_again(key: object) -> bool:
        parked.append(purgatory.wait([key], timeout_ms=LONG_MS))
        return True

    purgatory.wait(["a"], timeout_ms=LONG_MS, on_wake=park_again)
    purgatory.wake("a")
    assert len(parked) == 1
    assert not parked[0].done()
    parked[0].cancel()


async def test_ten_thousand_waits_leave_nothing() -> None:
    purgatory = Purgatory()
    waits = [purgatory.wait([f"t-{n % 100}", f"u-{n}"], timeout_ms=LONG_MS, min_bytes=1) for n in range(10_000)]
    references = [weakref.ref(wait) for wait in waits]
    for wait in waits[:3000]:
        wait.cancel()
    for n in range(100):
        purgatory.wake(f"t-{n}", 1)
    for _ in range(10_000):  # on a slow machine the last of them have their turn later
        if all(wait.done() for wait in waits):
            break
        await asyncio.sleep(0)
    assert all(wait.done() for wait in waits)
    assert len(purgatory) == 0
    await asyncio.sleep(0)
    del wait, waits
    gc.collect()
    assert not any(reference() is not None for reference in references)


async def test_very_many_are_woken_in_turns_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafka_compat.log.purgatory.SLICE_S", 0.0)
    purgatory = Purgatory()
    waits = [purgatory.wait(["a"], timeout_ms=60_000, min_bytes=1) for _ in range(100)]
    purgatory.wake("a", 1)
    done = sum(wait.done() for wait in waits)
    assert 0 < done < 100
    late = purgatory.wait(["a"], timeout_ms=60_000, min_bytes=1)
    for _ in range(20):
        await asyncio.sleep(0)
    assert all(wait.result() for wait in waits)
    assert not late.done()
    purgatory.complete_all()


async def test_a_wait_of_very_many_keys_ends_at_once_and_is_forgotten_in_turns_of_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafka_compat.log.purgatory.SLICE_S", 0)
    purgatory = Purgatory()
    keys = range(1000)
    waits = [purgatory.wait(keys, timeout_ms=LONG_MS) for _ in range(3)]
    waits[0].cancel()
    for key in keys:
        purgatory.wake(key)
    assert [wait.done() for wait in waits] == [True] * 3
    assert len(purgatory) == 1000
    later = purgatory.wait(keys, timeout_ms=LONG_MS)
    turns = 0
    while purgatory._leaving:
        turns += 1
        await asyncio.sleep(0)
    assert turns > 40  # 64 keys each
    assert not later.done()
    later.cancel()
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(purgatory) == 0
