"""What a test pays for its Kafka: `scripts/bench --match testing`, beside kfake and one Apache Kafka that all tests share.

Start and reset are measured inside a fresh process each round, as a test run is one; kfake, a Go module, in a program of its
own.
The small tests are the same for all: make a topic, produce a record, consume it, with a client of its own for each test.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final

import aiokafka
import confluent_kafka

from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.testing import Kafka
from kafka_compat.testing.client_configs import client_config
from tests.support.processes import reference
from tests.support.wire_client import WireClient, create_topic

NAME: Final = "testing"
TESTS: Final = 200
_KFAKE: Final = Path(__file__).parent / "kfake"
_CLUSTERS: Final = 20
_RESETS: Final = 50

# Milliseconds as JSON. The CPU time of imports is what a busy machine does not change much.
_PROBE: Final = f"""
import asyncio, concurrent.futures.thread, json, statistics, time  # which a test run has already
cpu = time.process_time
began = cpu()
import kafka_compat.testing
imported = cpu()
from kafka_compat.testing import Kafka
began_wall = time.perf_counter()
with Kafka() as kafka:
    first = cpu()
    first_wall = time.perf_counter()

def median(work, count):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        done = work()
        times.append((time.perf_counter() - start) * 1000)
        if done is not None:
            done.stop()
    return statistics.median(times)

def fresh(**options):
    kafka = Kafka(**options)
    kafka.start()
    return kafka

figures = {{
    "import": (imported - began) * 1000,
    "import and first": (first - began) * 1000,
    "first": (first_wall - began_wall) * 1000,
    "fresh 1": median(lambda: fresh(), {_CLUSTERS}),
    "fresh 3": median(lambda: fresh(brokers=3), {_CLUSTERS}),
}}
with Kafka(topics={{"orders": 3}}) as kafka:
    def use():
        kafka.produce("orders", "x")
    times = []
    for _ in range({_RESETS}):
        kafka.produce("orders", "x")
        start = time.perf_counter()
        kafka.reset()
        times.append((time.perf_counter() - start) * 1000)
    figures["reset"] = statistics.median(times)
print(json.dumps(figures))
"""

# What, unit, target, and the names of the figures of ours and of kfake.
_ROWS: Final = (
    ("import kafka_compat.testing", "ms CPU", "80", "import"),
    ("import and the first cluster", "ms CPU", "", "import and first"),
    ("the first cluster ready", "ms", "", "first"),
    ("a fresh cluster ready", "ms", "5", "fresh 1"),
    ("a fresh one of three brokers", "ms", "10", "fresh 3"),
    ("reset after a produced record", "ms", "2", "reset"),
    (f"{TESTS} small tests, aiokafka in a group", "s", "5", "aiokafka"),
    (f"{TESTS} small tests, confluent-kafka", "s", "5", "confluent"),
    (f"{TESTS} small tests, wire client", "s", "5", "wire"),
)

Figures = dict[str, list[float]]
SmallTest = Callable[[str, str], None]


def table(rounds: int, only: str | None, divisor: int) -> Iterator[tuple[str, ...]]:
    """Rows of the table; medians over the rounds."""
    tests = TESTS // divisor
    all_figures: dict[str, Figures] = {"ours": {}, "kfake": {}, "Apache Kafka": {}}
    missing = {"kfake": "not asked for", "Apache Kafka": "not asked for"}
    for _ in range(rounds):
        if only != "reference":
            _measure_ours(all_figures["ours"], tests)
            missing["kfake"] = _measure_kfake(all_figures["kfake"], tests)
        if only != "ours":
            missing["Apache Kafka"] = ""
            with reference() as (bootstrap, _, start_s):
                _add(all_figures["Apache Kafka"], "first", start_s * 1000)
                _measure_tests(all_figures["Apache Kafka"], bootstrap, tests)
    yield "", "unit", "target", *all_figures
    yield ("---", "---", "--:", *("--:" for _ in all_figures))
    for what, unit, target, name in _ROWS:
        shown = what.replace(str(TESTS), str(tests)) if name in _SMALL_TESTS else what
        yield shown, unit, target, *(_figure(figures.get(name, [])) for figures in all_figures.values())
    for name, reason in missing.items():
        if reason:
            yield f"{name}: {reason}", "", "", "", "", ""


def _measure_ours(figures: Figures, tests: int) -> None:
    done = subprocess.run([sys.executable, "-c", _PROBE], capture_output=True, text=True, check=True, timeout=300)
    for name, value in json.loads(done.stdout).items():
        _add(figures, name, value)
    with Kafka() as kafka:
        _measure_tests(figures, kafka.bootstrap_servers, tests, kafka.reset)


def _measure_kfake(figures: Figures, tests: int) -> str:
    """Why it could not be measured, empty when it was."""
    go = shutil.which("go")
    if go is None:
        return "there is no go to build it with"
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "kfake"
        built = subprocess.run([go, "build", "-o", str(program), "."], cwd=_KFAKE, capture_output=True, text=True)
        if built.returncode:
            return f"go build failed: {built.stderr.strip().splitlines()[-1]}"
        with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            ask = _Asked(process.stdin, process.stdout)
            _add(figures, "first", float(ask("fresh 1")))
            for brokers in (1, 3):
                for _ in range(_CLUSTERS):
                    _add(figures, f"fresh {brokers}", float(ask(f"fresh {brokers}")))
            _measure_tests(figures, ask("keep"), tests)
            process.stdin.close()
    return ""


class _Asked:
    """A program that answers each line with a line."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions = questions
        self._answers = answers

    def __call__(self, question: str) -> str:
        print(question, file=self._questions, flush=True)
        return self._answers.readline().strip()


def _measure_tests(figures: Figures, bootstrap: str, tests: int, reset: Callable[[], None] | None = None) -> None:
    for name, run in _SMALL_TESTS.items():
        run(bootstrap, f"warm-{name}")
        began_s = time.perf_counter()
        for number in range(tests):
            if reset is not None:
                reset()
            run(bootstrap, f"{name}-{number}")
        _add(figures, name, time.perf_counter() - began_s)
        print(f"  {tests} small tests, {name}: {figures[name][-1]:.2f} s", file=sys.stderr, flush=True)


def _by_confluent(bootstrap: str, topic: str) -> None:
    create_topic(bootstrap, topic, 1)
    producer = confluent_kafka.Producer(client_config("confluent", bootstrap, {}))
    producer.produce(topic, b"value")
    assert producer.flush(20) == 0
    consumer = confluent_kafka.Consumer(client_config("confluent", bootstrap, {"group.id": topic}))
    with contextlib.closing(consumer):
        # Not subscribed: of a group's first offsets librdkafka asks 100 ms later, whatever the broker.
        consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
        message = consumer.poll(20)
        assert message is not None
        assert message.value() == b"value", message.error()


def _by_aiokafka(bootstrap: str, topic: str) -> None:
    async def test() -> None:
        producer = aiokafka.AIOKafkaProducer(**client_config("aiokafka", bootstrap, {}))
        await producer.start()
        await producer.send_and_wait(topic, b"value")
        await producer.stop()
        settings = {"group_id": topic, "auto_offset_reset": "earliest"}
        consumer = aiokafka.AIOKafkaConsumer(topic, **client_config("aiokafka", bootstrap, settings))
        await consumer.start()
        assert (await asyncio.wait_for(consumer.getone(), 20)).value == b"value"
        await consumer.stop()

    create_topic(bootstrap, topic, 1)
    asyncio.run(test())


def _by_wire(bootstrap: str, topic: str) -> None:
    create_topic(bootstrap, topic, 1)
    with WireClient(bootstrap) as client:
        batch = build_batch([(0, None, b"value", ())])
        data = TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=batch)])
        produced = client.call(ProduceRequest(acks=-1, timeout_ms=10_000, topic_data=[data]), 9, ProduceResponse)
        assert produced.responses[0].partition_responses[0].error_code == 0
        wanted = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)
        request = FetchRequest(
            max_wait_ms=10_000, min_bytes=1, max_bytes=1 << 20, topics=[FetchTopic(topic=topic, partitions=[wanted])]
        )
        fetched = client.call(request, 11, FetchResponse).responses[0].partitions[0]
        assert fetched.records


_SMALL_TESTS: Final[dict[str, SmallTest]] = {
    "aiokafka": _by_aiokafka,
    "confluent": _by_confluent,
    "wire": _by_wire,
}


def _add(figures: Figures, name: str, value: float) -> None:
    figures.setdefault(name, []).append(value)


def _figure(values: list[float]) -> str:
    return f"{sorted(values)[len(values) // 2]:,.2f}" if values else "-"
