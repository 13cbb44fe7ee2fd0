"""Kills a broker in the middle of a transaction or of its end, again and again: it is whole or not at all, and nothing hangs.

One transaction a round, over two partitions and the offsets of a group, in the two ways that clients go about it. The kill
comes at random within the time that it takes to write it, or to end it. After the start the transaction is whole when its
commit was acknowledged, and not there when it was aborted or its end not asked for; a new instance of the producer ends what
is open, readers of what is committed get to the end, and all transactions before are there. What dies here at any moment is a
process; `tests/server/test_transaction_crashes.py` has each call to the disk be the last.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kafka_compat.clock import SystemClock
from tests.support.processes import ServeProcess
from tests.support.transaction_steps import CONFIGS, GROUP, PIECES, TOPICS, Refused, Steps, Way
from tests.support.wire_client import ConnectionClosed, WireClient

_PAUSE_S: Final = 0.005
_TRIES: Final = 4_000
_OFFSET: Final = (GROUP, 0)


@dataclass(frozen=True, slots=True)
class _Kill:
    """When the broker is killed: so long after the transaction was begun, or after its end was asked for."""

    is_in_end: bool
    after_s: float


@dataclass
class EndsReport:
    """What a run did and found.

    Attributes:
        rounds: transactions that were begun, and kills.
        reached: how far they got before the kill, as the client saw it.
        whole: that were committed.
        failures: what was wrong, in words; empty when all is well.
    """

    rounds: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    failures: list[str] = field(default_factory=list)


def run(directory: Path, command: Sequence[str], rounds: int, seed: int) -> EndsReport:
    """Run `rounds` kills; `command` runs `kafka-compat`."""
    chance = random.Random(seed)
    report = EndsReport()
    settings = [argument for key, value in CONFIGS.items() for argument in ("--set", f"{key}={value}")]
    topics = [argument for name, partitions in TOPICS.items() for argument in ("--topic", f"{name}:{partitions}")]
    broker = ServeProcess(directory, command, [*settings, *topics])
    broker.start()
    committed: list[int] = []  # transactions, in order
    write_s, end_s = _measure(broker, committed)
    try:
        for number in range(2, 2 + rounds):
            way, is_commit = chance.choice(list(Way)), chance.random() < 0.75
            kill = _Kill(is_in_end := chance.random() < 0.7, chance.uniform(0, end_s if is_in_end else write_s))
            reached = _one(broker, number, way, kill, is_commit=is_commit)
            report.reached[reached] += 1
            broker.start()
            must, may = is_commit and reached == "ended", is_commit and reached != "begun"
            report.failures += _check(broker, number, committed, way, must=must, may=may)
            report.rounds += 1
            if report.failures:
                break
        report.whole = len(committed)
    finally:
        broker.kill()
    log = broker.log_text()
    report.failures += [line for line in log.splitlines() if " ERROR " in line or line.startswith("Traceback")]
    return report


def _steps(client: WireClient, way: Way) -> Steps:
    return Steps(client, way, SystemClock(), lambda: time.sleep(_PAUSE_S), _TRIES)


def _measure(broker: ServeProcess, committed: list[int]) -> tuple[float, float]:
    """Where a process has just been started: how long it takes to write a transaction; and to end it, markers and all."""
    with WireClient(broker.bootstrap) as client:
        steps = _steps(client, Way.IMPLICIT)
        steps.init()
        began = time.monotonic()
        steps.write(1)
        written = time.monotonic()
        steps.end(is_commit=True)
        committed.append(1)
        return written - began, 2 * (time.monotonic() - written)


def _one(broker: ServeProcess, number: int, way: Way, kill: _Kill, *, is_commit: bool) -> str:
    """One transaction with a kill in it, or right behind it; how far it got."""
    reached = "begun"
    killer = threading.Timer(kill.after_s, broker.kill)
    with WireClient(broker.bootstrap) as client:
        steps = _steps(client, way)
        steps.init()
        try:
            if not kill.is_in_end:
                killer.start()
            steps.write(number)
            reached = "ending"
            if kill.is_in_end:
                killer.start()
            steps.end(is_commit=is_commit)
            reached = "ended"
        except (ConnectionClosed, OSError):
            pass
        killer.join()
    return reached


def _check(broker: ServeProcess, number: int, committed: list[int], way: Way, *, must: bool, may: bool) -> list[str]:
    """What is wrong; `committed` has the transaction afterwards if it was."""
    with WireClient(broker.bootstrap) as client:
        steps = _steps(client, way)
        try:
            steps.init()
            deadline = time.monotonic() + _PAUSE_S * _TRIES
            while held_back := steps.held_back():
                if time.monotonic() > deadline:
                    return [f"transaction {number}: partitions {held_back} are held back"]
            seen = steps.committed()
        except (Refused, AssertionError) as error:
            return [f"transaction {number}: {error}"]
    if number in seen:
        committed.append(number)
    if number in seen and not may:
        return [f"transaction {number} is there, and its commit was not asked for: {seen[number]}"]
    if number not in seen and must:
        return [f"the commit of transaction {number} was acknowledged, and it is not there"]
    last = committed[-1]
    expected = {known: PIECES if known == last else PIECES - {_OFFSET} for known in committed}
    return [
        f"of transaction {known} {sorted(seen.get(known, ()))} are there"
        for known in sorted(expected.keys() | seen.keys())
        if seen.get(known) != expected.get(known)
    ]
