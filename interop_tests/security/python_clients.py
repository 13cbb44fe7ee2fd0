"""The Python clients, which run in the tests' process, and kcat, a process for each step."""

from __future__ import annotations

import asyncio
import logging
import ssl
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiokafka
import aiokafka.abc
import confluent_kafka
import kafka
import kafka.net.sasl.oauth
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka import Consumer, KafkaError, Producer

from interop_tests.security.outcomes import Attempt, Stream
from interop_tests.security.settings import Security, librdkafka

_TIMEOUT_S = 20
_PAUSE_S = 0.005
_HOUR_S = 3600


class _Refused(Exception):
    pass


class ConfluentSecurity:
    """confluent-kafka. It goes on trying whatever it is told: the first error of who one is ends an attempt here."""

    def __init__(self) -> None:
        pass

    def _config(self, bootstrap: str, security: Security, failed: Callable[[KafkaError], None]) -> dict[str, Any]:
        def on_error(error: KafkaError) -> None:
            # All brokers being down is what follows from it, and comes first at times.
            is_alert = error.code() == KafkaError._TRANSPORT and "alert" in error.str()
            if is_alert or error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):
                failed(error)

        config: dict[str, Any] = {**librdkafka(security), "bootstrap.servers": bootstrap, "error_cb": on_error}
        if security.token is not None:
            config["oauth_cb"] = lambda _: (security.token, time.time() + _HOUR_S, "alice", {})
        return config

    def _produce(self, bootstrap: str, security: Security, topic: str, values: Callable[[], str | None]) -> list[int]:
        errors: list[KafkaError] = []
        offsets: list[int] = []

        def on_delivery(error: KafkaError | None, message: confluent_kafka.Message) -> None:
            if error is None:
                offset = message.offset()
                assert offset is not None
                offsets.append(offset)
            else:
                errors.append(error)

        producer = Producer({**self._config(bootstrap, security, errors.append), "enable.idempotence": True, "linger.ms": 0})
        try:
            while (value := values()) is not None:
                wanted = len(offsets) + 1
                producer.produce(topic, value, partition=0, on_delivery=on_delivery)
                deadline = time.monotonic() + _TIMEOUT_S
                while len(offsets) < wanted:
                    producer.poll(0.01)
                    if errors:
                        raise _Refused(_words(errors[0]))
                    if time.monotonic() > deadline:
                        raise _Refused("timed out")
        finally:
            producer.purge()
            producer.flush(1)
        return offsets

    def attempt(self, bootstrap: str, security: Security, topic: str, value: str, patience_s: float) -> Attempt:
        left = [value]
        try:
            (offset,) = self._produce(bootstrap, security, topic, lambda: left.pop() if left else None)
        except _Refused as refused:
            return Attempt(None, str(refused))
        (read,) = self._consume(bootstrap, security, topic, offset, lambda read: len(read) >= 1)
        return Attempt(read, "")

    def _consume(
        self, bootstrap: str, security: Security, topic: str, offset: int, is_enough: Callable[[list[str]], bool]
    ) -> list[str]:
        errors: list[KafkaError] = []
        settings = {"group.id": topic, "enable.auto.commit": False, "auto.offset.reset": "error", "fetch.wait.max.ms": 100}
        consumer = Consumer({**self._config(bootstrap, security, errors.append), **settings})
        read: list[str] = []
        try:
            consumer.assign([confluent_kafka.TopicPartition(topic, 0, offset)])
            deadline = time.monotonic() + 2 * _TIMEOUT_S
            while not is_enough(read):
                assert time.monotonic() < deadline, "no record came"
                assert not errors, errors
                message = consumer.poll(0.05)
                if message is not None and message.error() is None:
                    value = message.value()
                    assert value is not None
                    read.append(value.decode())
        finally:
            consumer.close()
        return read

    def stream(self, bootstrap: str, security: Security, topic: str, duration_ms: int) -> Stream:
        return _threaded_stream(
            duration_ms,
            lambda values: len(self._produce(bootstrap, security, topic, values)),
            lambda is_enough: self._consume(bootstrap, security, topic, 0, is_enough),
        )

    def close(self) -> None:
        pass


class _Log(logging.Handler):
    """What is logged of warnings and errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += f"{record.getMessage()}\n"


class KafkaPythonSecurity:
    """kafka-python. It goes on trying until its time is over, and then says that; what was wrong it logs."""

    def __init__(self) -> None:
        pass

    def _config(self, bootstrap: str, security: Security) -> dict[str, Any]:
        config: dict[str, Any] = {
            "bootstrap_servers": [bootstrap],
            "security_protocol": security.protocol,
            "request_timeout_ms": 10_000,
        }
        if security.authority is not None:
            config["ssl_cafile"] = str(security.authority)
        if security.identity is not None:
            config |= {
                "ssl_certfile": str(security.identity.certificate),
                "ssl_keyfile": str(security.identity.key),
            }
        if security.mechanism is not None:
            config["sasl_mechanism"] = security.mechanism
        if security.username is not None:
            config |= {"sasl_plain_username": security.username, "sasl_plain_password": security.password}
        if security.token is not None:
            config["sasl_oauth_token_provider"] = _KafkaPythonToken(security.token)
        return config

    def _producer(self, bootstrap: str, security: Security, patience_s: float = _TIMEOUT_S) -> kafka.KafkaProducer:
        config = {**self._config(bootstrap, security), "bootstrap_timeout_ms": int(patience_s * 1000)}
        return kafka.KafkaProducer(**config, acks="all", enable_idempotence=True, max_block_ms=_TIMEOUT_S * 1000)

    def attempt(self, bootstrap: str, security: Security, topic: str, value: str, patience_s: float) -> Attempt:
        log = _Log()
        logging.getLogger("kafka").addHandler(log)
        try:
            producer = self._producer(bootstrap, security, patience_s)
        except Exception as error:
            return Attempt(None, f"{error!r}\n{log.text}")
        finally:
            logging.getLogger("kafka").removeHandler(log)
        try:
            offset = producer.send(topic, value.encode(), partition=0).get(_TIMEOUT_S).offset
        except Exception as error:
            return Attempt(None, repr(error))
        finally:
            producer.close(1)
        (read,) = self._consume(bootstrap, security, topic, offset, lambda read: len(read) >= 1)
        return Attempt(read, "")

    def _consume(
        self, bootstrap: str, security: Security, topic: str, offset: int, is_enough: Callable[[list[str]], bool]
    ) -> list[str]:
        consumer = kafka.KafkaConsumer(
            **self._config(bootstrap, security),
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=100,
        )
        at = kafka.TopicPartition(topic, 0)
        read: list[str] = []
        try:
            consumer.assign([at])
            consumer.seek(at, offset)
            deadline = time.monotonic() + 2 * _TIMEOUT_S
            while not is_enough(read):
                assert time.monotonic() < deadline, "no record came"
                for record in consumer.poll(timeout_ms=50).get(at, ()):
                    read.append(record.value.decode())
        finally:
            consumer.close()
        return read

    def stream(self, bootstrap: str, security: Security, topic: str, duration_ms: int) -> Stream:
        def produce(values: Callable[[], str | None]) -> int:
            producer = self._producer(bootstrap, security)
            sent = 0
            try:
                while (value := values()) is not None:
                    producer.send(topic, value.encode(), partition=0).get(_TIMEOUT_S)
                    sent += 1
            finally:
                producer.close(1)
            return sent

        return _threaded_stream(duration_ms, produce, lambda is_enough: self._consume(bootstrap, security, topic, 0, is_enough))

    def close(self) -> None:
        pass


class _KafkaPythonToken(kafka.net.sasl.oauth.AbstractTokenProvider):  # type: ignore[misc] # it has no types
    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token


class AiokafkaSecurity:
    """aiokafka, on a loop of its own."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def _config(self, bootstrap: str, security: Security) -> dict[str, Any]:
        config: dict[str, Any] = {
            "bootstrap_servers": bootstrap,
            "security_protocol": security.protocol,
            "request_timeout_ms": 10_000,
        }
        if security.authority is not None:
            context = ssl.create_default_context(cafile=str(security.authority))
            if security.identity is not None:
                context.load_cert_chain(security.identity.certificate, security.identity.key)
            config["ssl_context"] = context
        if security.mechanism is not None:
            config["sasl_mechanism"] = security.mechanism
        if security.username is not None:
            config |= {"sasl_plain_username": security.username, "sasl_plain_password": security.password}
        if security.token is not None:
            config["sasl_oauth_token_provider"] = _AiokafkaToken(security.token)
        return config

    def attempt(self, bootstrap: str, security: Security, topic: str, value: str, patience_s: float) -> Attempt:
        async def run() -> str:
            config = self._config(bootstrap, security)
            async with _started(AIOKafkaProducer(**config, enable_idempotence=True)) as producer:
                sent = await producer.send_and_wait(topic, value.encode(), partition=0)
            read = await self._consume(config, topic, sent.offset, lambda read: len(read) >= 1)
            return read[0]

        log = _Log()
        logging.getLogger("aiokafka").addHandler(log)
        try:
            return Attempt(self._runner.run(asyncio.wait_for(run(), patience_s)), "")
        except Exception as error:
            return Attempt(None, f"{error!r}\n{log.text}")
        finally:
            logging.getLogger("aiokafka").removeHandler(log)

    async def _consume(
        self, config: dict[str, Any], topic: str, offset: int, is_enough: Callable[[list[str]], bool]
    ) -> list[str]:
        at = aiokafka.TopicPartition(topic, 0)
        read: list[str] = []
        settings = {"enable_auto_commit": False, "auto_offset_reset": "none", "fetch_max_wait_ms": 100}
        async with _started(AIOKafkaConsumer(**config, **settings)) as it:
            it.assign([at])
            it.seek(at, offset)
            while not is_enough(read):
                for record in (await it.getmany(timeout_ms=50)).get(at, ()):
                    read.append(record.value.decode())
        return read

    def stream(self, bootstrap: str, security: Security, topic: str, duration_ms: int) -> Stream:
        async def run() -> Stream:
            config = self._config(bootstrap, security)
            end = time.monotonic() + duration_ms / 1000

            async def produce() -> int:
                sent = 0
                async with _started(AIOKafkaProducer(**config, enable_idempotence=True)) as producer:
                    while time.monotonic() < end:
                        await producer.send_and_wait(topic, str(sent).encode(), partition=0)
                        sent += 1
                        await asyncio.sleep(_PAUSE_S)
                return sent

            producing = asyncio.ensure_future(produce())
            read = await self._consume(config, topic, 0, lambda read: producing.done() and len(read) >= producing.result())
            return Stream(await producing, [int(value) for value in read])

        with asyncio.Runner() as runner:
            return runner.run(asyncio.wait_for(run(), duration_ms / 1000 + 2 * _TIMEOUT_S))

    def close(self) -> None:
        self._runner.close()


@asynccontextmanager
async def _started(client: Any) -> AsyncIterator[Any]:
    """The client, stopped also when it does not get to its start: its own context manager leaves it open then."""
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


class _AiokafkaToken(aiokafka.abc.AbstractTokenProvider):  # type: ignore[misc] # it has no types
    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        return self._token


class KcatSecurity:
    """kcat."""

    def __init__(self) -> None:
        from tests.support.brokers import require_commands

        require_commands("kcat")

    def attempt(self, bootstrap: str, security: Security, topic: str, value: str, patience_s: float) -> Attempt:
        settings = [word for name, text in librdkafka(security).items() for word in ("-X", f"{name}={text}")]
        command = ["kcat", "-b", bootstrap, *settings, "-t", topic, "-p", "0"]
        # It goes on trying to deliver, and says so on stderr.
        produce = [*command, "-P", "-X", "message.timeout.ms=2000"]
        done = subprocess.run(produce, input=value, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        if done.returncode != 0 or "ERROR" in done.stderr:
            return Attempt(None, done.stderr)
        consume = [*command, "-C", "-q", "-o", "-1", "-c", "1"]
        read = subprocess.run(consume, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
        return Attempt(read.stdout.removesuffix("\n"), "")

    def stream(self, bootstrap: str, security: Security, topic: str, duration_ms: int) -> Stream:
        raise NotImplementedError("a process for each step")

    def close(self) -> None:
        pass


def _words(error: KafkaError) -> str:
    return f"{error.name()}: {error.str()}"


def _threaded_stream(
    duration_ms: int,
    produce: Callable[[Callable[[], str | None]], int],
    consume: Callable[[Callable[[list[str]], bool]], list[str]],
) -> Stream:
    """Both at once; `produce` takes values until there is none."""
    end = time.monotonic() + duration_ms / 1000
    given = 0
    sent: list[int] = []
    failed: list[BaseException] = []

    def next_value() -> str | None:
        nonlocal given
        if time.monotonic() > end:
            return None
        if given:
            time.sleep(_PAUSE_S)
        given += 1
        return str(given - 1)

    def run() -> None:
        try:
            sent.append(produce(next_value))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        read = consume(lambda read: bool(failed) or (bool(sent) and len(read) >= sent[0]))
    finally:
        thread.join()
    if failed:
        raise failed[0]
    return Stream(sent[0], [int(value) for value in read])
