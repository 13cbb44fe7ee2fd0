"""The Kafka of one test, before and after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kafka_compat.pytest_plugin.checks import look_for_leaks, note_use
from kafka_compat.pytest_plugin.settings import refused, with_mark
from kafka_compat.testing.clock_control import ClockControl
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions

if TYPE_CHECKING:
    from kafka_compat.pytest_plugin.clusters import Clusters


def kafka_of_test(request: pytest.FixtureRequest, options: KafkaOptions, clusters: Clusters) -> Iterator[Kafka]:
    """The fixture `kafka`."""
    wanted = options_of_test(request, options)
    kafka = clusters.for_test(wanted)
    note_use(request.node, "kafka", kafka)
    yield kafka
    try:
        look_for_leaks(request.node, kafka)
    finally:
        clusters.after_test(kafka)


def options_of_test(request: pytest.FixtureRequest, options: KafkaOptions) -> KafkaOptions:
    """The options of `kafka_options` with the marks of a test and what its fixtures need."""
    if not isinstance(options, KafkaOptions):
        raise refused(f"the fixture kafka_options returns a KafkaOptions, not {options!r}")
    item: pytest.Item = request.node
    wanted = with_mark(options, item)
    if "kafka_clock" not in request.fixturenames:
        return wanted
    if any(mark.kwargs.get("clock", "manual") != "manual" for mark in item.iter_markers("kafka")):
        raise refused('the fixture kafka_clock is a manual clock, and the mark kafka says clock="real": one of them has to go')
    return replace(wanted, clock="manual")


def manual_clock_of(kafka: Kafka) -> ClockControl:
    """The fixture `kafka_clock`."""
    if kafka.options.clock != "manual":
        raise refused(
            "kafka_clock was asked for when the Kafka of this test was running already, by the machine's clock: "
            'name the fixture in the arguments of the test, or mark the test with kafka(clock="manual")'
        )
    return kafka.clock
