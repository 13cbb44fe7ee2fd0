"""What is looked at when a test is over: its clusters' report when it has failed, faults and leaks when it has not."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final

import pytest

from kafka_compat.pytest_plugin import PASSED, SHARED, USED, KafkaLeakWarning
from kafka_compat.pytest_plugin.settings import bootstrap_of, leaks_of, refused, reported_requests_of

if TYPE_CHECKING:
    from kafka_compat.testing.kafka import Kafka

_SECTION: Final = "kafka"
LAST: Final = pytest.StashKey[pytest.Item]()
KEPT: Final = pytest.StashKey[list[tuple[str, str]]]()


def note_use(item: pytest.Item, fixture: str, kafka: Kafka) -> None:
    """A fixture has given a Kafka to a test."""
    item.stash.setdefault(USED, []).append((fixture, kafka))
    item.config.stash[LAST] = item


def keep_last_report(config: pytest.Config) -> None:
    """The clusters are about to be stopped: what there is to say of them when the teardown of the last test has failed."""
    item = config.stash.get(LAST, None)
    if item is not None:
        item.stash[KEPT] = _sections(item)


def add_to_report(item: pytest.Item, report: pytest.TestReport) -> None:
    """Remember how a test went, and say what was in its clusters when it went wrong."""
    if report.when == "call":
        item.stash[PASSED] = report.passed
    if report.failed:
        kept = item.stash.get(KEPT, [])
        report.sections.extend(_sections(item) or kept)
    if report.when == "teardown":
        # A plugin may run the test once more.
        item.stash[USED] = []
        item.stash[PASSED] = False


def fail_for_faults(item: pytest.Item) -> None:
    """Fail when a fault that had to happen has not, or a function of the test has failed on the brokers' loop.

    Raises:
        Failed: with a sentence for each fault.
        Exception: what that function has raised.
    """
    if bootstrap_of(item.config) is not None:  # nobody could put one in
        return
    used = [(fixture, kafka) for fixture, kafka in item.stash[USED] if kafka.cluster.is_running]
    for _, kafka in used:
        error = kafka.cluster.take_error()
        if error is not None:
            raise error
    unfired = [
        f"a fault never happened: {fault}" + ("" if len(used) == 1 else f" (of {fixture})")
        for fixture, kafka in used
        for fault in kafka.faults.unfired()
    ]
    if unfired:
        pytest.fail("\n".join(unfired), pytrace=False)


def look_for_leaks(item: pytest.Item, kafka: Kafka) -> None:
    """Warn or fail, as the test's options say, about what it has left in a cluster.

    A test that has not passed had no chance to clean up, and has its own error to show.
    """
    what_to_do = leaks_of(item)
    if what_to_do == "ignore" or not item.stash.get(PASSED, False) or not kafka.cluster.is_running:
        return
    leaks = kafka.leaks()
    if not leaks:
        return
    text = f"{item.nodeid} has left in its Kafka: " + "; ".join(leaks)
    if what_to_do == "error":
        raise refused(text)
    item.warn(KafkaLeakWarning(text))


def _sections(item: pytest.Item) -> list[tuple[str, str]]:
    """(title, text) for each cluster that a test has used, once for one that several fixtures gave."""
    used = list(item.stash.get(USED, ()))
    shared = item.config.stash.get(SHARED, None)
    if shared is not None and "kafka_session" in getattr(item, "fixturenames", ()):
        used.append(("kafka_session", shared))
    sections = []
    seen: list[Kafka] = []
    for fixture, kafka in used:
        if any(kafka is other for other in seen) or not kafka.cluster.is_running:
            continue
        seen.append(kafka)
        sections.append((fixture, _report_of(item.config, kafka)))
    if len(sections) == 1:
        return [(_SECTION, sections[0][1])]
    return [(f"{_SECTION} {number} ({fixture})", text) for number, (fixture, text) in enumerate(sections, 1)]


def _report_of(config: pytest.Config, kafka: Kafka) -> str:
    """The report; what goes wrong in making it must not take the place of the test's own error."""
    try:
        return kafka.report(requests=reported_requests_of(config))
    except (Exception, pytest.fail.Exception):
        return "what is in the cluster cannot be told:\n" + traceback.format_exc()
