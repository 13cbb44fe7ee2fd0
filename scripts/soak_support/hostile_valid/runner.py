"""Runs cases: each against a broker of its own, with probes beside it, and says what is out of bounds."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from kafka_compat.protocol.envelope import decode_response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.schema import fields_of
from scripts.reference_broker import ReferenceBroker
from scripts.soak_support.hostile_valid.batches import produce, small_batch
from scripts.soak_support.hostile_valid.frames import Existing
from scripts.soak_support.hostile_valid.probes import API_VERSIONS_FRAME, Measured, probing
from scripts.soak_support.hostile_valid.world import Answer, World
from tests.support.processes import ServeProcess

_MIB = 1 << 20
_ALIVE_WITHIN_S = 10
_WARM_UP_S = 0.3
_REFERENCE_WARM_UP_S = 5.0
_MOST_CODES = 4


@dataclass(frozen=True)
class Case:
    """One unkind thing to do.

    Attributes:
        name: short, unique, for --match.
        summary: what is sent, for the table.
        run: does it; what it measures stands in `with world.measured()`.
        configs: of the broker. The reference gets a broker of its own then.
        short: part of the round that tests run, at this share of its size; None when it is not.
        many_topics: leaves so many topics that the reference wants a new start after it.
        memory: ours keeps its data in memory; the reference cannot.
    """

    name: str
    summary: str
    run: Callable[[World], None]
    configs: Mapping[str, str] = field(default_factory=dict)
    short: float | None = None
    many_topics: bool = False
    memory: bool = False


@dataclass(frozen=True)
class Bounds:
    """What others may notice at most."""

    wait_ms: float = 250
    p99_ms: float = 50
    newcomer_ms: float = 500
    grow_mib: float = 200


@dataclass
class Result:
    """What a case did to a broker. `out` lists what was out of bounds; empty when all was well."""

    name: str
    summary: str
    broker: str
    got: str
    measured: Measured | None
    took_s: float
    out: list[str]
    log_errors: list[str]


class _Node(Protocol):
    @property
    def bootstrap(self) -> str: ...
    @property
    def pid(self) -> int: ...
    def log_text(self) -> str: ...


class Brokers:
    """Starts brokers for cases: ours anew for each, the reference again only when the last case spoiled it."""

    def __init__(self, kind: str, command: Sequence[str], heap: str = "1g") -> None:
        self.kind = kind
        self._command = command
        self._heap = heap
        self._shared: ReferenceBroker | None = None
        self._warm: int | None = None

    @contextlib.contextmanager
    def broker(self, case: Case) -> Iterator[_Node]:
        """A broker as the case wants it, running."""
        if self.kind == "ours":
            with self._ours(case) as node:
                yield node
        elif case.configs:
            with ReferenceBroker(case.configs, heap=self._heap) as reference:
                yield reference
        else:
            if self._shared is None:
                self._shared = ReferenceBroker(heap=self._heap)
                self._shared.start()
            yield self._shared

    def warm_up(self, node: _Node) -> None:
        """Give what is compiled or loaded on first use the time, while the probes run."""
        if self.kind == "ours" or self._warm == node.pid:
            time.sleep(_WARM_UP_S)
        else:
            time.sleep(_REFERENCE_WARM_UP_S)
        self._warm = node.pid

    def spoiled(self) -> None:
        """The next case gets another one."""
        shared, self._shared = self._shared, None
        if shared is not None:
            shared.close()

    def close(self) -> None:
        """End what runs."""
        self.spoiled()

    @contextlib.contextmanager
    def _ours(self, case: Case) -> Iterator[ServeProcess]:
        directory = Path(tempfile.mkdtemp(prefix="kafka-compat-hostile-"))
        settings = [word for name, value in case.configs.items() for word in ("--set", f"{name}={value}")]
        broker = ServeProcess(directory, self._command, settings, memory=case.memory)
        try:
            broker.start()
            yield broker
        finally:
            broker.kill()
            shutil.rmtree(directory, ignore_errors=True)


def _prepare(node: _Node, world: World) -> Existing:
    world.create_topics(["t", "probe"])
    topic_id = world.topic_id("t")
    world.topic_id("probe")
    world.send(produce("t", [small_batch()]))
    world.commit("g", "t", [0])
    world.answers.clear()
    return Existing(topic="t", topic_id=topic_id, group="g", node_id=1)


def run_case(
    case: Case, brokers: Brokers, bounds: Bounds, *, answer_within_s: float, scale: float = 1.0, measure_s: float = 2.0
) -> Result:
    """Run one case; a case that cannot even be prepared is out of bounds too."""
    began = time.monotonic()
    out: list[str] = []
    world: World | None = None
    errors: list[str] = []
    alive = False
    with brokers.broker(case) as node:
        logged = len(node.log_text())
        with contextlib.ExitStack() as stack:
            try:
                with World(node.bootstrap, None, Existing(), answer_within_s=60) as first:
                    existing = _prepare(node, first)
                probes = stack.enter_context(probing(node.bootstrap, node.pid, "probe"))
                brokers.warm_up(node)
                world = stack.enter_context(
                    World(node.bootstrap, probes, existing, answer_within_s=answer_within_s, scale=scale, measure_s=measure_s)
                )
                case.run(world)
            except Exception as error:
                out.append(f"failed: {type(error).__name__}: {error}"[:200])
                if os.environ.get("HOSTILE_TRACE"):
                    traceback.print_exc()
        alive = _is_alive(node)
        errors = _log_errors(node.log_text()[logged:])
    if not alive:
        out.append("broker does not answer")
    if brokers.kind == "ours" and errors:
        out.append(f"{len(errors)} errors in its log")
    measured = world.measurement if world else None
    if measured is not None:
        out += _exceeded(measured, bounds)
    if world is not None and any(answer.missing for answer in world.answers):
        out.append("not answered in time")
    unfinished = any(word.startswith(("failed", "not answered")) for word in out)  # it may be busy with it still
    if not alive or unfinished or case.many_topics:
        brokers.spoiled()
    elif brokers.kind == "reference" and not case.configs and world is not None and world.created:
        world.delete_created()
    got = "; ".join([*([describe(world.answers)] if world and world.answers else []), *(world.notes if world else [])])
    return Result(case.name, case.summary, brokers.kind, got, measured, time.monotonic() - began, out, errors[:5])


def _exceeded(measured: Measured, bounds: Bounds) -> list[str]:
    out = []
    for what, probe in (("ApiVersions", measured.api), ("Produce", measured.produce)):
        if probe.max_ms > bounds.wait_ms:
            out.append(f"{what} waits {probe.max_ms:.0f} ms")
        elif probe.p99_ms > bounds.p99_ms:
            out.append(f"{what} p99 {probe.p99_ms:.0f} ms")
        if probe.failed:
            out.append(f"{what} lost {probe.failed} connections")
    if measured.newcomer.max_ms > bounds.newcomer_ms:
        out.append(f"newcomer waits {measured.newcomer.max_ms:.0f} ms")
    if measured.newcomer.failed:
        out.append(f"{measured.newcomer.failed} newcomers closed")
    grown = (measured.rss_peak - measured.rss_before) / _MIB
    if grown > bounds.grow_mib:
        out.append(f"RSS +{grown:.0f} MiB")
    return out


def _is_alive(node: _Node) -> bool:
    deadline = time.monotonic() + _ALIVE_WITHIN_S
    while time.monotonic() < deadline:
        try:
            with World(node.bootstrap, None, Existing(), answer_within_s=_ALIVE_WITHIN_S) as world:
                return world.send(API_VERSIONS_FRAME).count == 1
        except OSError:
            time.sleep(0.1)
    return False


def _log_errors(text: str) -> list[str]:
    return [line for line in text.splitlines() if " ERROR " in line or line.startswith("Traceback")]


def describe(answers: Sequence[Answer]) -> str:
    """What became of the requests, in a few words: answers, bytes, seconds, error codes of the first that was kept."""
    words = [f"{sum(answer.count for answer in answers):,} answers" if len(answers) > 1 else f"{answers[0].count:,} answers"]
    size = sum(answer.size for answer in answers)
    words.append(f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size:,} B")
    words.append(f"{max(answer.took_s for answer in answers):.2f} s")
    closed = sum(answer.closed for answer in answers)
    if closed:
        words.append("closed" if len(answers) == 1 else f"{closed} closed")
    missing = sum(answer.missing for answer in answers)
    if missing:
        words.append(f"{missing} missing")
    for answer in answers:
        if answer.body and answer.api:
            words.append(_codes(answer))
            break
    return ", ".join(words)


def _codes(answer: Answer) -> str:
    assert answer.api is not None
    try:
        _, response = decode_response(*answer.api, answer.body)
    except Exception as error:
        return f"undecodable: {error}"[:80]
    counts: Counter[int] = Counter()
    _count_codes(response, counts)
    names = [
        f"{ErrorCode(code).name} x{count:,}" if count > 1 else ErrorCode(code).name for code, count in counts.most_common()
    ]
    more = len(names) - _MOST_CODES
    return ", ".join(names[:_MOST_CODES]) + (f" and {more} more" if more > 0 else "") if names else "no code"


def _count_codes(message: Message, counts: Counter[int]) -> None:
    for info in fields_of(type(message)):
        value = getattr(message, info.attribute)
        if info.attribute == "error_code":
            counts[value] += 1
        elif info.is_struct and value is not None:
            for one in value if info.is_array else (value,):
                _count_codes(one, counts)


def run_cases(
    cases: Sequence[Case], brokers: Brokers, bounds: Bounds, *, answer_within_s: float, scale: float = 1.0
) -> list[Result]:
    """Run them one after the other, a line to stderr for each."""
    results = []
    for number, case in enumerate(cases):
        try:
            result = run_case(case, brokers, bounds, answer_within_s=answer_within_s, scale=scale)
        except Exception as error:  # the broker did not start: the others are still worth running
            result = Result(case.name, case.summary, brokers.kind, "", None, 0, [f"{type(error).__name__}: {error}"[:200]], [])
            brokers.spoiled()
        results.append(result)
        print(f"[{number + 1}/{len(cases)}] {row(result)}", file=sys.stderr, flush=True)
    return results


_HEAD = (
    "| case | broker | verdict | ApiVersions p99 / max ms | Produce p99 / max ms | newcomer max ms "
    "| RSS MiB before, peak, after | own lag ms | what it got |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def row(result: Result) -> str:
    """One row of the table."""
    verdict = "**out**: " + ", ".join(result.out) if result.out else "ok"
    cells = [result.name, result.broker, verdict]
    measured = result.measured
    if measured is None:
        cells += ["-"] * 5
    else:
        cells += [f"{probe.p99_ms:.0f} / {probe.max_ms:.0f}" for probe in (measured.api, measured.produce)]
        cells.append(f"{measured.newcomer.max_ms:.0f}")
        sizes = (measured.rss_before, measured.rss_peak, measured.rss_after)
        cells.append(", ".join(f"{size / _MIB:.0f}" for size in sizes))
        cells.append(f"{measured.own_lag_ms:.0f}")
    cells.append(result.got)
    return "| " + " | ".join(cells) + " |"


def table(results: Sequence[Result], cases: Sequence[Case]) -> str:
    """The results as markdown: figures, then what each case sends."""
    within = sum(not result.out for result in results)
    lines = [_HEAD, *(row(result) for result in results), "", f"{within} of {len(results)} within bounds.", ""]
    lines += [f"- `{case.name}`: {case.summary}" for case in cases]
    return "\n".join(lines)


def as_json(results: Sequence[Result]) -> str:
    """The results for machines."""
    return json.dumps([asdict(result) for result in results], indent=1)
