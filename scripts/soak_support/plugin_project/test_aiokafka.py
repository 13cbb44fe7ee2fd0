"""aiokafka: on an event loop of the test's own, which no wait may block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from kafka_compat.testing import Kafka


@pytest.fixture
async def producer(kafka: Kafka) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(**kafka.config("aiokafka")) as producer:
        yield producer


async def test_produced_records_are_there(kafka: Kafka, kafka_topic: str, producer: AIOKafkaProducer) -> None:
    waiting = asyncio.ensure_future(kafka.aio.wait_for_records(kafka_topic, 3))
    for number in range(3):
        await producer.send_and_wait(kafka_topic, str(number).encode())
    assert [record.value for record in await waiting] == [b"0", b"1", b"2"]


async def test_latest_without_the_race(kafka: Kafka, kafka_topic: str, kafka_group: str, producer: AIOKafkaProducer) -> None:
    await producer.send_and_wait(kafka_topic, b"before")
    settings = kafka.config("aiokafka", group_id=kafka_group, auto_offset_reset="latest")
    async with AIOKafkaConsumer(kafka_topic, **settings) as consumer:
        reading = asyncio.ensure_future(consumer.getone())
        await kafka.aio.wait_for_assignment(kafka_group, members=1)
        await producer.send_and_wait(kafka_topic, b"after")
        assert (await asyncio.wait_for(reading, 30)).value == b"after"


async def test_members_come_and_go(kafka: Kafka, kafka_group: str) -> None:
    await kafka.aio.create_topic("shared", 4)
    settings = kafka.config("aiokafka", group_id=kafka_group, auto_offset_reset="earliest")
    async with AIOKafkaConsumer("shared", **settings) as one:
        async with AIOKafkaConsumer("shared", **settings) as other:
            await kafka.aio.wait_for_assignment(kafka_group, members=2)
            group = (await kafka.aio.groups())[kafka_group]
            assert sorted(len(member.assignment) for member in group.members) == [2, 2]
            del other
        group = await kafka.aio.wait_for_assignment(kafka_group, members=1)
        assert len(group.members[0].assignment) == 4
        del one


async def test_a_transaction_moves_records(kafka: Kafka, kafka_topic: str, kafka_group: str) -> None:
    for number in range(3):
        await kafka.aio.produce(kafka_topic, str(number))
    settings = kafka.config("aiokafka", group_id=kafka_group, auto_offset_reset="earliest", enable_auto_commit=False)
    async with (
        AIOKafkaConsumer(kafka_topic, **settings) as consumer,
        AIOKafkaProducer(**kafka.config("aiokafka", transactional_id="move")) as producer,
    ):
        records = [await asyncio.wait_for(consumer.getone(), 30) for _ in range(3)]
        async with producer.transaction():
            for record in records:
                await producer.send("out", record.value)
            await producer.send_offsets_to_transaction({TopicPartition(kafka_topic, 0): 3}, kafka_group)
        await kafka.aio.wait_until_consumed(kafka_group, topic=kafka_topic)
    assert [record.value for record in await kafka.aio.wait_for_records("out", 3)] == [b"0", b"1", b"2"]


@pytest.mark.kafka(brokers=2)
async def test_two_brokers(kafka: Kafka, producer: AIOKafkaProducer) -> None:
    await kafka.aio.create_topic("wide", 4)
    await asyncio.gather(*[producer.send_and_wait("wide", b"x", partition=number % 4) for number in range(20)])
    assert len(await kafka.aio.records("wide")) == 20
