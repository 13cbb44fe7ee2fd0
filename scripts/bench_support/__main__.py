"""Measures this broker and Apache Kafka in turns: start time, rates, CPU per million records, memory; Markdown to stdout."""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from scripts.bench_support import testing, tls
from scripts.bench_support.workloads import WORKLOADS, Workload, supported
from tests.support.processes import ours, reference, usage_of
from tests.support.wire_client import create_topic

_QUICK_DIVISOR = 10
_MEGA = 1_000_000


@dataclass
class Measured:
    """One broker's figures; a list per row, an entry per round."""

    start_s: list[float] = field(default_factory=list)
    rss_idle_mb: list[float] = field(default_factory=list)
    rss_end_mb: list[float] = field(default_factory=list)
    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu_s_per_million: dict[str, list[float]] = field(default_factory=dict)


def _measure(
    open_broker: Callable[[], contextlib.AbstractContextManager[tuple[str, int, float]]],
    workloads: list[Workload],
    divisor: int,
    into: Measured,
) -> None:
    with open_broker() as (bootstrap, pid, start_s):
        into.start_s.append(start_s)
        into.rss_idle_mb.append(usage_of(pid).rss_bytes / _MEGA)
        keys = supported(bootstrap)
        filled: dict[str, str] = {}
        for number, workload in enumerate(workloads):
            if workload.needs is not None and workload.needs not in keys:
                continue
            topic = filled.get(workload.reads or "", f"bench-{number}")
            if workload.reads is not None and workload.reads not in filled:
                continue
            if workload.reads is None:
                create_topic(bootstrap, topic, workload.partitions)
                filled[workload.name] = topic
            records = workload.records // divisor
            cpu_before_s = usage_of(pid).cpu_s
            rate = workload.run(bootstrap, topic, records)
            cpu_s = usage_of(pid).cpu_s - cpu_before_s
            into.rates.setdefault(workload.name, []).append(rate)
            into.cpu_s_per_million.setdefault(workload.name, []).append(cpu_s * _MEGA / records)
            print(f"  {workload.name}: {rate:,.0f} {workload.unit}, {cpu_s:.2f} s CPU", file=sys.stderr, flush=True)
        into.rss_end_mb.append(usage_of(pid).rss_bytes / _MEGA)


def _rows(workloads: list[Workload], mine: Measured, theirs: Measured) -> Iterator[tuple[str, ...]]:
    """Columns: what, unit, ours, Kafka, ratio (above 1 is better for us), our CPU seconds per million, Kafka's."""
    yield "", "unit", "ours", "Kafka", "ratio", "CPU s per million, ours", "CPU s per million, Kafka"
    yield ("---", "---", "--:", "--:", "--:", "--:", "--:")
    for name, unit, a, b in (
        ("start to first answer", "s", mine.start_s, theirs.start_s),
        ("memory after the start", "MB", mine.rss_idle_mb, theirs.rss_idle_mb),
        ("memory after all below", "MB", mine.rss_end_mb, theirs.rss_end_mb),
    ):
        yield name, unit, _figure(a), _figure(b), _ratio(b, a), "", ""
    for workload in workloads:
        name = workload.name
        a, b = mine.rates.get(name, []), theirs.rates.get(name, [])
        if a or b:
            cpu_a, cpu_b = mine.cpu_s_per_million.get(name, []), theirs.cpu_s_per_million.get(name, [])
            yield name, workload.unit, _figure(a), _figure(b), _ratio(a, b), _figure(cpu_a), _figure(cpu_b)


def _figure(values: list[float]) -> str:
    if not values:
        return "-"
    middle = statistics.median(values)
    return f"{middle:,.0f}" if middle >= 100 else f"{middle:.2f}"


def _ratio(a: list[float], b: list[float]) -> str:
    return f"{statistics.median(a) / statistics.median(b):.2f}" if a and b else "-"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the records: one to two minutes")
    parser.add_argument("--rounds", type=int, default=1, help="how often, in turns; the table shows medians")
    parser.add_argument("--only", choices=("ours", "reference"), help="measure one broker")
    parser.add_argument(
        "--match",
        default="",
        metavar="TEXT",
        help="only workloads whose name contains this; 'quotas', 'testing' (the test double), 'tls': only when asked",
    )
    parser.add_argument("--command", metavar="COMMAND", help="what runs kafka-compat (default: the install of scripts/serve)")
    arguments = parser.parse_args()
    if arguments.match == testing.NAME:
        _print_table(testing.table(arguments.rounds, arguments.only, _QUICK_DIVISOR if arguments.quick else 1))
        return 0
    if arguments.match == tls.NAME:
        _print_table(tls.table(arguments.rounds, arguments.only, _QUICK_DIVISOR if arguments.quick else 1))
        return 0
    wanted = {
        workload.name
        for workload in WORKLOADS
        if arguments.match in workload.name and (arguments.match or not workload.when_asked)
    }
    wanted |= {workload.reads for workload in WORKLOADS if workload.name in wanted and workload.reads}
    workloads = [workload for workload in WORKLOADS if workload.name in wanted]
    divisor = _QUICK_DIVISOR if arguments.quick else 1
    mine, theirs = Measured(), Measured()
    for _ in range(arguments.rounds):
        if arguments.only != "reference":
            print("ours", file=sys.stderr)
            _measure(lambda: ours(arguments.command), workloads, divisor, mine)
        if arguments.only != "ours":
            print("Apache Kafka", file=sys.stderr)
            _measure(reference, workloads, divisor, theirs)
    _print_table(_rows(workloads, mine, theirs), "; ratio > 1: ours is better")
    return 0


def _print_table(rows: Iterable[tuple[str, ...]], note: str = "") -> None:
    measured = list(rows)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{os.cpu_count()} CPUs, Python {platform.python_version()}, load average {load}{note}\n")
    for row in measured:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    sys.exit(main())
