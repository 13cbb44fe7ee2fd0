"""`Kafka.config` of each client, tried with what is made of it: nothing is refused, and no warning is printed."""

from __future__ import annotations

import asyncio
import json
import subprocess
import warnings
from pathlib import Path

import aiokafka
import confluent_kafka
import kafka as kafka_python
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from confluent_kafka.admin import AdminClient

from interop_tests.js.libraries import KAFKAJS
from kafka_compat.testing import Kafka
from scripts.reference_broker import run_tool
from tests.support.brokers import require_commands

PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"

pytestmark = pytest.mark.kafka(topics={"t": 1})


def test_confluent(kafka: Kafka, capfd: pytest.CaptureFixture[str]) -> None:
    producer = confluent_kafka.Producer(kafka.config("confluent", client_id="app"))
    producer.produce("t", b"x")
    assert producer.flush(10) == 0
    consumer = confluent_kafka.Consumer(kafka.config("confluent", group_id="g", auto_offset_reset="earliest"))
    consumer.subscribe(["t"])
    message = consumer.poll(10)
    assert message is not None
    assert (message.error(), message.value()) == (None, b"x")
    consumer.commit()
    consumer.close()
    assert "t" in AdminClient(kafka.config("confluent")).list_topics(timeout=10).topics
    del producer
    assert capfd.readouterr().err == ""


def test_kafka_python(kafka: Kafka) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        producer = kafka_python.KafkaProducer(**kafka.config("kafka-python", client_id="app"))
        producer.send("t", b"x").get(10)
        producer.close()
        config = kafka.config("kafka-python", group_id="g", auto_offset_reset="earliest", consumer_timeout_ms=10_000)
        consumer = kafka_python.KafkaConsumer("t", **config)
        assert next(consumer).value == b"x"
        consumer.commit()
        consumer.close()
        admin = kafka_python.KafkaAdminClient(**kafka.config("kafka-python"))
        assert "t" in admin.list_topics()
        admin.close()


async def test_aiokafka(kafka: Kafka) -> None:
    producer = aiokafka.AIOKafkaProducer(**kafka.config("aiokafka", client_id="app"))
    await producer.start()
    await producer.send_and_wait("t", b"x")
    await producer.stop()
    config = kafka.config("aiokafka", group_id="g", auto_offset_reset="earliest")
    consumer = aiokafka.AIOKafkaConsumer("t", **config)
    await consumer.start()
    assert (await asyncio.wait_for(consumer.getone(), 10)).value == b"x"
    await consumer.commit()
    await consumer.stop()
    admin = AIOKafkaAdminClient(**kafka.config("aiokafka"))
    await admin.start()
    assert "t" in await admin.list_topics()
    await admin.close()


def properties(folder: Path, config: dict[str, str]) -> str:
    path = folder / "client.properties"
    path.write_text("".join(f"{name}={value}\n" for name, value in config.items()))
    return str(path)


def test_java(kafka: Kafka, tmp_path: Path) -> None:
    require_commands("java", "mvn")
    address = ("--bootstrap-server", kafka.bootstrap_servers, "--topic", "t")
    config = properties(tmp_path, kafka.config("java", client_id="app"))
    produced = run_tool(PRODUCER, *address, "--command-config", config, stdin="x\n")
    assert (produced.returncode, unused(produced)) == (0, []), produced.stderr
    config = properties(tmp_path, kafka.config("java", group_id="g", auto_offset_reset="earliest"))
    consumed = run_tool(CONSUMER, *address, "--max-messages", "1", "--timeout-ms", "20000", "--command-config", config)
    assert (consumed.returncode, consumed.stdout.strip(), unused(consumed)) == (0, "x", []), consumed.stderr
    assert kafka.groups["g"].offsets


def unused(done: subprocess.CompletedProcess[str]) -> list[str]:
    """What a client says of settings that are not known, or not its own."""
    return [line for line in (done.stdout + done.stderr).splitlines() if "not used" in line or "nknown" in line]


KAFKAJS_PROGRAM = """
import kafkajs from 'kafkajs'
const kafka = new kafkajs.Kafka({ ...JSON.parse(process.argv[2]), logLevel: kafkajs.logLevel.WARN })
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
await producer.connect()
await producer.send({ topic: 't', messages: [{ value: 'x' }] })
await producer.disconnect()
const consumer = kafka.consumer({ groupId: 'g' })
await consumer.connect()
await consumer.subscribe({ topic: 't', fromBeginning: true })
await new Promise(resolve => consumer.run({ eachMessage: async ({ message }) => resolve(console.log(`${message.value}`)) }))
await consumer.disconnect()
"""


def test_kafkajs(kafka: Kafka) -> None:
    require_commands("node", "npm")
    driver = Path(KAFKAJS.command()[1])
    program = driver.with_name("client_config.mjs")
    program.write_text(KAFKAJS_PROGRAM)
    config = json.dumps(kafka.config("kafkajs", clientId="app"))
    done = subprocess.run(["node", str(program), config], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "x\n", "")
