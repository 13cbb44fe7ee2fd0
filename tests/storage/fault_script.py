"""Operations on a log, a model of what they leave, and a script of all of them that runs into faults."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.storage.interface import OpenLog, StorageError
from kafka_compat.storage.local import LocalLogStore
from tests.support.storage_worlds import LOG, SMALL_SEGMENTS, last_offset, make_batch, offsets, read_all, stream

POLICY = SMALL_SEGMENTS
ROOT = "/data"


@dataclass(frozen=True, slots=True)
class Model:
    """What a reader finds: all after the death of the process, at least what is below `synced` after a power loss."""

    batches: tuple[bytes, ...] = ()
    start: int = 0
    synced: int = 0

    def visible(self) -> list[bytes]:
        return [batch for batch in self.batches if last_offset(batch) >= self.start]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on a log and on the model."""

    run: Callable[[OpenLog], Awaitable[object]]
    apply: Callable[[Model], Model]
    is_truncation: bool = False
    is_staged: bool = False

    def interrupted(self, before: Model) -> list[Model]:
        """The states a failure may leave: before or after, and for a truncation what lies between."""
        after = self.apply(before)
        if not self.is_truncation:
            return [before, after]
        synced = min(before.synced, after.synced)
        keep = len(after.batches) if after.batches == before.batches[: len(after.batches)] else 0
        partly = [replace(before, batches=before.batches[:n], synced=synced) for n in range(keep, len(before.batches) + 1)]
        return [after, *partly]


def append(offset: int, *, size: int = 100) -> Step:
    batch = make_batch(offset, size=size, timestamp_ms=offset)

    async def run(log: OpenLog) -> None:
        log.append(batch, offset, offset, offset, 0)

    return Step(run, lambda model: replace(model, batches=(*model.batches, batch)))


def append_staged(offset: int, *, size: int = 300) -> Step:
    batch = make_batch(offset, size=size, timestamp_ms=offset)

    async def run(log: OpenLog) -> None:
        staged = await log.stage(bytes(8) + batch[8:])
        try:
            log.append(batch, offset, offset, offset, 0, staged)
        finally:
            staged.close()

    return Step(run, lambda model: replace(model, batches=(*model.batches, batch)), is_staged=True)


def sync(up_to: int) -> Step:
    return Step(lambda log: log.sync(up_to), lambda model: replace(model, synced=up_to))


def truncate(end: int) -> Step:
    def apply(model: Model) -> Model:
        kept = tuple(batch for batch in model.batches if last_offset(batch) < end)
        return replace(model, batches=kept, synced=min(model.synced, end))

    return Step(lambda log: log.truncate(end), apply, is_truncation=True)


def advance_start(offset: int) -> Step:
    return Step(lambda log: log.advance_start(offset), lambda model: replace(model, start=offset))


def delete_below_start() -> Step:
    return Step(lambda log: log.delete_below_start(), lambda model: model)


def rewrite(bases: list[int], end: int, kept: list[int]) -> Step:
    batches = [make_batch(offset, timestamp_ms=offset) for offset in kept]

    def apply(model: Model) -> Model:
        rest = [batch for batch in model.batches if not bases[0] <= last_offset(batch) < end]
        content = sorted([*batches, *rest], key=last_offset)
        return replace(model, batches=tuple(content), synced=max(model.synced, end))

    return Step(lambda log: log.rewrite(bases, stream(batches), 5), apply)


def start_at(offset: int) -> Step:
    return Step(
        lambda log: log.truncate_fully_and_start_at(offset),
        lambda model: Model(start=offset, synced=offset),
        is_truncation=True,
    )


def roll() -> Step:
    return Step(lambda log: log.roll(0), lambda model: model)


def put_aux(offset: int) -> Step:
    return Step(lambda log: log.put_aux("producers", offset, b"%d" % offset), lambda model: model)


SCRIPT: list[Step] = [
    *[append(offset) for offset in range(7)],
    sync(7),
    put_aux(7),
    *[append(offset) for offset in range(7, 14)],
    roll(),
    append(14),
    rewrite([0, 5], 10, [1, 3, 8]),
    append(15, size=450),
    append(16),
    append_staged(17),
    append(18),
    truncate(12),
    *[append(offset, size=120) for offset in range(12, 20)],
    put_aux(19),
    advance_start(6),
    delete_below_start(),
    sync(20),
    append(20),
    advance_start(17),
    append(21),
    delete_below_start(),
    truncate(19),
    append(25),
    start_at(40),
    append_staged(40),
    append(41),
]


async def open_log(store: LocalLogStore) -> OpenLog:
    await store.create(LOG, 1)
    return await store.open(LOG, 1, POLICY)


async def run_until_failure(filesystem: MemoryFileSystem) -> list[Model]:
    """Run the script until the first error; returns the states the log may be in then."""
    model = Model()
    store: LocalLogStore | None = None
    log: OpenLog | None = None
    for step in SCRIPT:
        try:
            store = store or LocalLogStore(filesystem, ROOT)
            log = log or await open_log(store)
            await step.run(log)
        except StorageError:
            return step.interrupted(model)
        model = step.apply(model)
    assert store is not None
    with contextlib.suppress(StorageError):
        await store.close()
    return [model]


async def run_through(filesystem: MemoryFileSystem) -> Model:
    """Run the script to its end; after an error the log is opened again and the operation, if it is not there, repeated."""
    model = Model()
    store: LocalLogStore | None = None
    log: OpenLog | None = None
    errors = 0
    for step in SCRIPT:
        done = False
        while not done:
            try:
                store = store or LocalLogStore(filesystem, ROOT)
                log = log or await open_log(store)
                await step.run(log)
                model, done = step.apply(model), True
            except StorageError:
                errors += 1
                assert errors == 1, "one fault must not cost more than one operation"
                if log is None:
                    continue
                assert store is not None
                log = await open_log(store)
                model = matching(log, step.interrupted(model))
                done = model == step.apply(model)
    assert store is not None
    with contextlib.suppress(StorageError):
        await store.close()
    return model


def matching(log: OpenLog, candidates: list[Model]) -> Model:
    """The state the log is in, exactly."""
    content = read_all(log)
    for model in candidates:
        if content == model.visible() and log.start_offset == model.start:
            return model
    raise AssertionError(
        f"found {offsets(content)} from {log.start_offset} on, expected one of {list(map(describe, candidates))}"
    )


def check_after_power_loss(log: OpenLog, candidates: list[Model]) -> None:
    """The log is a prefix of what was acknowledged and holds all that was synced."""
    content = read_all(log)
    for model in candidates:
        visible = model.visible()
        if (
            content == visible[: len(content)]
            and log.start_offset == model.start
            and len(content) >= len([batch for batch in visible if last_offset(batch) < model.synced])
        ):
            return
    raise AssertionError(
        f"found {offsets(content)} from {log.start_offset} on, expected one of {list(map(describe, candidates))}"
    )


def describe(model: Model) -> str:
    return f"{offsets(model.visible())} from {model.start} on, synced {model.synced}"
