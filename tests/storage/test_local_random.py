"""Random operations, with deaths, losses of power and restarts between them, against the model of the fault loop."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.storage.local import LocalLogStore
from tests.storage import fault_script as fault_loop
from tests.storage.fault_script import ROOT, Model, check_after_power_loss, matching, open_log
from tests.support.storage_worlds import last_offset, read_all

_OTHERS = ["gap", "big", "staged", "sync", "roll", "truncate", "advance", "drop", "rewrite", "start_at"]
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["append"] * 8 + _OTHERS),
        st.integers(0, 1 << 16),
    )
    | st.tuples(st.sampled_from(["die", "power", "close"]), st.integers(0, 1 << 16)),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(operations=OPERATIONS)
async def test_random_operations(operations: list[tuple[str, int]]) -> None:
    filesystem = MemoryFileSystem()
    store = LocalLogStore(filesystem, ROOT)
    log = await open_log(store)
    model = Model()
    for name, number in operations:
        end = log.end_offset
        step = None
        match name:
            case "append":
                step = fault_loop.append(end)
            case "gap":
                step = fault_loop.append(end + number % 40)
            case "big":
                step = fault_loop.append(end, size=100 + number % 1000)
            case "staged":
                step = fault_loop.append_staged(end, size=100 + number % 1000)
            case "sync":
                step = fault_loop.sync(end)
            case "roll":
                step = fault_loop.roll()
            case "truncate" if end > log.start_offset:
                step = fault_loop.truncate(log.start_offset + number % (end - log.start_offset))
            case "advance":
                step = fault_loop.advance_start(log.start_offset + number % (end - log.start_offset + 1))
            case "drop":
                step = fault_loop.delete_below_start()
            case "start_at":
                step = fault_loop.start_at(number % 1000)
            case "rewrite":
                sealed = [info for info in log.segments() if info.sealed]
                if sealed:
                    first, last = sealed[0], sealed[min(number % 3, len(sealed) - 1)]
                    bases = [info.base_offset for info in sealed if info.base_offset <= last.base_offset]
                    batches = [b for b in model.batches if first.base_offset <= last_offset(b) < last.next_offset]
                    kept = [last_offset(batch) for n, batch in enumerate(batches) if number >> n & 1]
                    step = fault_loop.rewrite(bases, last.next_offset, kept)
            case "die":
                filesystem = filesystem.crash(power_loss=False)
            case "power":
                filesystem = filesystem.crash(power_loss=True, seed=number or None)
            case "close":
                await store.close()
        if step is not None:
            await step.run(log)
            model = step.apply(model)
        elif name in ("die", "power", "close"):
            store = LocalLogStore(filesystem, ROOT)
            log = await open_log(store)
            if name == "power":
                check_after_power_loss(log, [model])
                model = replace(model, batches=tuple(b for b in model.batches if last_offset(b) < log.end_offset))
            # A log that was cut to nothing may begin anew below where it ended; what comes there is not synced.
            model = replace(model, synced=min(model.synced, log.end_offset))
        matching(log, [model])
        assert log.synced_offset <= log.end_offset
        model = replace(model, synced=max(model.synced, log.synced_offset))
        assert sum(info.size_in_bytes for info in log.segments()) == log.size_in_bytes
        for timestamp_ms in {0, number % 100, end}:
            found = await log.find_batch(timestamp_ms, log.start_offset, log.end_offset)
            expected = [last_offset(b) for b in read_all(log) if last_offset(b) >= timestamp_ms]
            assert found == (expected[0] if expected else None)
        newest = await log.find_max_timestamp(log.start_offset, log.end_offset)
        assert newest == max(map(last_offset, read_all(log)), default=None)
    await store.close()
