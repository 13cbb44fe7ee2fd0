"""Connections of SASL listeners: what is held back, for how long, and what is dropped; all with a manual clock or none."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_compat.api.context import Services
from kafka_compat.api.interception import Intercepted, Outcome
from kafka_compat.config.settings import ServerSettings
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_user_scram_credentials import (
    AlterUserScramCredentialsRequest,
    AlterUserScramCredentialsResponse,
    ScramCredentialUpsertion,
)
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.builder import build_batch
from kafka_compat.security.sasl.plain import PlainMechanism
from kafka_compat.security.sasl.scram_credentials import ScramMechanism
from kafka_compat.server.sasl_connection import FailureLog, Strangers, shown
from kafka_compat.testing.manual_clock import ManualClock
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.sasl_conversations import (
    ALICE,
    CLOSED,
    GSSAPI_TOKEN,
    METADATA,
    OFFSETS,
    WRONG,
    authenticate,
    framed,
    handshake,
    hold,
)
from tests.support.waiting import until
from tests.support.wire_client import ConnectionClosed, NotAuthenticated, WireClient, create_topic

JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret" user_bob="other";'
SASL, PLAIN, BRIEF = "SASL_PLAINTEXT", "PLAINTEXT", "BRIEF"
DELAY_S = 0.25
CONFIGS = {
    "listeners": f"{SASL}://127.0.0.1:0,{PLAIN}://127.0.0.1:0,{BRIEF}://127.0.0.1:0",
    "listener.security.protocol.map": f"{SASL}:SASL_PLAINTEXT,{PLAIN}:PLAINTEXT,{BRIEF}:SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config": JAAS,
    "listener.name.brief.plain.sasl.jaas.config": JAAS,
    "listener.name.brief.plain.connections.max.reauth.ms": "10000",
    "connection.failed.authentication.delay.ms": str(int(DELAY_S * 1000)),
}


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module")
def broker(clock: ManualClock) -> Iterator[OwnBroker]:
    with OwnBroker(settings_of(CONFIGS), clock) as running:
        create_topic(running.bootstrap(PLAIN), "t")
        yield running


@pytest.fixture
def bootstrap(broker: OwnBroker) -> str:
    return broker.bootstrap(SASL)


def connections(broker: OwnBroker) -> int:
    def count() -> int:
        sockets = broker.broker.sockets
        return 0 if sockets is None else sockets.connection_count

    return broker.call(count)


# --- failures


def test_a_failure_is_answered_late_and_what_comes_meanwhile_is_dropped(bootstrap: str) -> None:
    with WireClient(bootstrap) as client:
        client.send_bytes(handshake())
        client.receive_frame()
        began_s = time.monotonic()
        client.send_bytes(authenticate(WRONG) + OFFSETS + handshake() + authenticate())
        client.send_bytes(bytes(200_000))
        answer = client.receive_frame()
        assert time.monotonic() - began_s >= DELAY_S
        assert answer[4:6] == ErrorCode.SASL_AUTHENTICATION_FAILED.to_bytes(2)
        with pytest.raises(ConnectionClosed):
            client.receive_frame()


def test_who_will_send_no_more_is_still_told(bootstrap: str) -> None:
    with WireClient(bootstrap) as client:
        client.send_bytes(handshake() + authenticate(WRONG))
        client.socket.shutdown(socket.SHUT_WR)
        client.receive_frame()
        assert client.receive_frame()[4:6] == ErrorCode.SASL_AUTHENTICATION_FAILED.to_bytes(2)


def test_who_leaves_before_is_forgotten(broker: OwnBroker, bootstrap: str) -> None:
    with WireClient(bootstrap) as client:
        client.send_bytes(handshake() + authenticate(WRONG))
        client.receive_frame()
        assert connections(broker) >= 1
    until(lambda: connections(broker) == 0)


def test_many_failures_are_waited_for_together(bootstrap: str) -> None:
    clients = [WireClient(bootstrap) for _ in range(50)]
    began_s = time.monotonic()
    for client in clients:
        client.send_bytes(handshake() + authenticate(WRONG))
    for client in clients:
        client.receive_frame()
        assert client.receive_frame()[4:6] == ErrorCode.SASL_AUTHENTICATION_FAILED.to_bytes(2)
        client.close()
    assert time.monotonic() - began_s < 50 * DELAY_S / 2


@pytest.mark.parametrize("sent", [GSSAPI_TOKEN, METADATA, framed(b""), authenticate()])
def test_what_no_client_of_kafka_s_sends_ends_the_connection_at_once(bootstrap: str, sent: bytes) -> None:
    began_s = time.monotonic()
    assert hold(bootstrap, [sent]) == [CLOSED]
    assert time.monotonic() - began_s < DELAY_S


def test_the_log_has_a_line_for_each_until_they_are_many(caplog: pytest.LogCaptureFixture) -> None:
    log = FailureLog(most=3)
    with caplog.at_level("INFO"):
        for number in range(10):
            log.write(20, f"line {number}", 0)
        log.write(20, "next", 1)
    assert caplog.messages == ["line 0", "line 1", "line 2", "7 more failed authentications", "next"]


def test_a_client_cannot_write_lines_of_the_log() -> None:
    assert shown("mechanism x\nERROR y\x1b[2J") == "mechanism x\\nERROR y\\x1b[2J"
    assert len(shown("x" * 10_000)) < 400


def test_a_password_is_not_in_the_log(bootstrap: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        for message in (b"\0alice\0my-hidden-password", b"\0alice\0my-hidden-password\0", b"my-hidden-password"):
            hold(bootstrap, [handshake(), authenticate(message)])
            hold(bootstrap, [handshake(version=0), framed(message)])
        # Of many lines in a second some are left out.
        until(lambda: "Invalid username" in caplog.text, lambda: hold(bootstrap, [handshake(), authenticate(WRONG)]))
    assert "Failed authentication with /127.0.0.1 (channelId=127.0.0.1:" in caplog.text
    assert "(Authentication failed: Invalid username or password)" in caplog.text
    assert "my-hidden-password" not in caplog.text


# --- sizes


def test_large_frames_before_authentication_are_few(bootstrap: str) -> None:
    frame = authenticate(b"\0alice\0" + b"x" * 400_000)
    clients = [WireClient(bootstrap) for _ in range(17)]
    try:
        for client in clients:
            client.send_bytes(handshake())
            client.receive_frame()
            client.send_bytes(frame[:100_000])
        # One of them is one too many: who has been at it for longest is refused after a while; the rest waits for more.
        until(lambda: any(_is_closed(client) for client in clients))
        assert [_is_closed(client) for client in clients] == [True] + [False] * 16
        clients[-1].send_bytes(frame[100_000:])
        assert clients[-1].receive_frame()[4:6] == ErrorCode.SASL_AUTHENTICATION_FAILED.to_bytes(2)
        # A client of ordinary manners is let in beside them.
        WireClient(bootstrap, user="alice", password="secret").close()
    finally:
        for client in clients:
            client.close()
    until(lambda: hold(bootstrap, [handshake(), authenticate(b"\0alice\0" + b"x" * 400_000)])[-1] != CLOSED)


def test_large_frames_of_strangers_take_nothing_of_the_memory_for_known_clients(broker: OwnBroker, bootstrap: str) -> None:
    memory = services_of(broker).memory
    frame = authenticate(b"\0alice\0" + b"x" * 400_000)
    batch = memoryview(bytes(build_batch([(1, b"k", b"v" * 700_000, ())])))
    with WireClient(bootstrap) as stranger, WireClient(bootstrap, user="alice", password="secret") as client:
        stranger.send_bytes(handshake())
        stranger.receive_frame()
        stranger.send_bytes(frame[:300_000])
        until(lambda: broker.call(lambda: _large_of(broker)) > 100_000)
        assert broker.call(lambda: (memory.used_bytes, len(memory._receiving))) == (0, 0)
        assert _produced(client, batch) == 0
        assert broker.call(lambda: memory.used_bytes) == 0
    until(lambda: broker.call(lambda: _large_of(broker)) == 0)


def _large_of(broker: OwnBroker) -> int:
    return _strangers(broker).memory.used_bytes


# --- turns


def test_steps_that_wait_for_their_turn_are_taken_in_order(
    broker: OwnBroker, bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has time: each step, and what stands behind it, waits; also of a client that has gone."""
    batch = memoryview(bytes(build_batch([(1, b"k", b"v", ())])))
    turns = _strangers(broker).turns
    monkeypatch.setattr(type(turns), "has_time", lambda self, **_: self is not turns)
    for steps in ((handshake() + authenticate(), OFFSETS), (handshake(version=0), framed(ALICE), OFFSETS)):
        assert CLOSED not in hold(bootstrap, steps)
    assert hold(bootstrap, [handshake() + authenticate(WRONG), b"", b""])[-1] == CLOSED
    with WireClient(broker.bootstrap(PLAIN)) as reader:
        before = _end_of(reader)
        data = TopicProduceData(name="t", partition_data=[PartitionProduceData(index=0, records=batch)])
        produced = encode_request(0, 9, 1, "c", ProduceRequest(acks=0, timeout_ms=1000, topic_data=[data]))
        with WireClient(bootstrap) as client:
            client.send_bytes(handshake() + authenticate() + produced * 3)
        until(lambda: _end_of(reader) == before + 3)


def _end_of(client: WireClient) -> int:
    partition = ListOffsetsPartition(partition_index=0, current_leader_epoch=-1, timestamp=-1)
    request = ListOffsetsRequest(replica_id=-1, topics=[ListOffsetsTopic(name="t", partitions=[partition])])
    return client.call(request, 5, ListOffsetsResponse).topics[0].partitions[0].offset


def _strangers(broker: OwnBroker) -> Strangers:
    sockets = broker.broker.sockets
    assert sockets is not None
    return sockets._sasl[SASL].strangers


def test_known_clients_do_not_stand_behind_strangers(
    broker: OwnBroker, bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """50 passwords to check that take long: a client whose request comes after all of them is answered soon all the same."""
    events: list[str] = []
    respond = PlainMechanism.respond

    def slowly(self: PlainMechanism, message: bytes, now_ms: int) -> bytes:
        events.append("step")
        until_s = time.perf_counter() + 0.002
        while time.perf_counter() < until_s:
            pass
        return respond(self, message, now_ms)

    strangers = [WireClient(bootstrap) for _ in range(50)]
    with WireClient(bootstrap, user="alice", password="secret") as known:
        for stranger in strangers:
            stranger.send_bytes(handshake())
            stranger.receive_frame()
        monkeypatch.setattr(PlainMechanism, "respond", slowly)

        def send() -> None:  # on the broker's loop, which finds all of it when it goes on
            for stranger in strangers:
                stranger.send_bytes(authenticate(WRONG))
            known.send(MetadataRequest(topics=[]), 9)

        broker.call(send)
        known.receive(MetadataRequest(topics=[]), 9, MetadataResponse)
        events.append("answer")
        for stranger in strangers:
            stranger.receive_frame()
            stranger.close()
    assert events.index("answer") < 30
    assert events.count("step") == 50


def _is_closed(client: WireClient) -> bool:
    client.socket.setblocking(False)
    try:
        return client.socket.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
    finally:
        client.socket.settimeout(20)


def test_a_frame_after_authentication_may_be_larger(bootstrap: str) -> None:
    batch = memoryview(bytes(build_batch([(1, b"k", b"v" * 700_000, ())])))
    with WireClient(bootstrap, user="alice", password="secret") as client:
        assert _produced(client, batch) == 0


def _produced(client: WireClient, batch: memoryview) -> int:
    data = TopicProduceData(name="t", partition_data=[PartitionProduceData(index=0, records=batch)])
    request = ProduceRequest(acks=1, timeout_ms=1000, topic_data=[data])
    return client.call(request, 9, ProduceResponse).responses[0].partition_responses[0].error_code


def test_thousands_of_tags_are_not_read_before_authentication(bootstrap: str) -> None:
    tags = b"\xa0\x9c\x01" + b"".join(
        bytes([0x80 | number & 0x7F, 0x80 | number >> 7 & 0x7F, number >> 14, 0]) for number in range(20_000)
    )
    head = struct.pack(">hhih", 18, 3, 1, -1)
    began_s = time.monotonic()
    assert hold(bootstrap, [framed(head + tags)]) == [CLOSED]
    assert time.monotonic() - began_s < DELAY_S


# --- sessions that end


def test_a_session_ends_and_a_stream_goes_on_by_authenticating_again(broker: OwnBroker, clock: ManualClock) -> None:
    """No record and no answer is lost on the way: what is sent before, between and behind is carried out in order."""
    batch = memoryview(bytes(build_batch([(1, b"k", b"v", ())])))
    with WireClient(broker.bootstrap(BRIEF), user="alice", password="secret") as client:
        for round_number in range(5):
            assert _produced(client, batch) == 0
            broker.run(clock.advance(9_999))
            assert _produced(client, batch) == 0
            if round_number % 2:  # also when it is late
                broker.run(clock.advance(5_000))
            assert client.authenticate("alice", "secret") == 10_000
        broker.run(clock.advance(10_001))
        with pytest.raises(ConnectionClosed):
            _produced(client, batch)


def test_nobody_else_authenticates_in_a_session(broker: OwnBroker) -> None:
    with WireClient(broker.bootstrap(BRIEF), user="alice", password="secret") as client:
        with pytest.raises(NotAuthenticated) as refusal:
            client.authenticate("bob", "other")
        assert refusal.value.args == (
            ErrorCode.SASL_AUTHENTICATION_FAILED,
            "Cannot change principals during re-authentication from User.alice: User.bob",
        )
        assert client.is_closed_by_peer()


# --- credentials


def restartable(path: Path, **more: object) -> ServerSettings:
    return settings_of(CONFIGS, data_dir=path, **more)


def is_let_in(broker: OwnBroker, user: str, password: str, mechanism: str = "SCRAM-SHA-256") -> bool:
    try:
        WireClient(broker.bootstrap(SASL), user=user, password=password, mechanism=mechanism).close()
    except NotAuthenticated:
        return False
    return True


def test_credentials_survive_a_restart(tmp_path: Path) -> None:
    salted = ScramMechanism.SCRAM_SHA_256.salt_password("pass", b"salt-of-a-test", 4096)
    upsertion = ScramCredentialUpsertion(
        name="carol", mechanism=1, iterations=4096, salt=b"salt-of-a-test", salted_password=salted
    )
    with OwnBroker(restartable(tmp_path)) as broker, WireClient(broker.bootstrap(PLAIN)) as client:
        assert not is_let_in(broker, "carol", "pass")
        request = AlterUserScramCredentialsRequest(upsertions=[upsertion])
        assert client.call(request, 0, AlterUserScramCredentialsResponse).results[0].error_code == 0
        assert is_let_in(broker, "carol", "pass")
        assert not is_let_in(broker, "carol", "pass", "SCRAM-SHA-512")
    with OwnBroker(restartable(tmp_path)) as broker:
        assert is_let_in(broker, "carol", "pass")


def services_of(broker: OwnBroker) -> Services:
    assert broker.broker.services is not None
    return broker.broker.services


def test_users_of_a_start_and_of_formatting(tmp_path: Path) -> None:
    users = {"carol": "one"}
    with OwnBroker(restartable(tmp_path, users=users, add_scram=("SCRAM-SHA-512=[name=dave,password=two]",))) as broker:
        for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
            assert is_let_in(broker, "carol", "one", mechanism)
        services = services_of(broker)
        assert is_let_in(broker, "dave", "two", "SCRAM-SHA-512")
        stored = broker.call(lambda: dict(services.image.scram_credentials["carol"]))
        users["eve"] = "three"  # PLAIN looks into the mapping
        assert is_let_in(broker, "eve", "three", "PLAIN")
    # Who is there already is left as he is.
    again = ("SCRAM-SHA-512=[name=dave,password=another]", "SCRAM-SHA-256=[name=carol,password=another]")
    with OwnBroker(restartable(tmp_path, users={"carol": "one"}, add_scram=again)) as broker:
        services = services_of(broker)
        # Not made anew, with another salt: there is nothing to change.
        assert broker.call(lambda: dict(services.image.scram_credentials["carol"])) == stored
        assert is_let_in(broker, "dave", "two", "SCRAM-SHA-512")
        assert not is_let_in(broker, "dave", "two", "PLAIN")
    with OwnBroker(restartable(tmp_path, users={"carol": "changed"})) as broker:
        assert not is_let_in(broker, "carol", "one")
        assert is_let_in(broker, "carol", "changed")


def test_a_jaas_text_is_not_described(broker: OwnBroker) -> None:
    name = "listener.name.sasl_plaintext.plain.sasl.jaas.config"
    with WireClient(broker.bootstrap(PLAIN)) as client:
        resource = DescribeConfigsResource(resource_type=4, resource_name="1", configuration_keys=None)
        result = client.call(DescribeConfigsRequest(resources=[resource]), 4, DescribeConfigsResponse).results[0]
    (config,) = [config for config in result.configs if config.name == name]
    assert (config.value, config.is_sensitive) == (None, True)
    assert "user_alice" not in repr(result)


# --- bytes


def test_noise_before_authentication_does_no_harm(broker: OwnBroker, bootstrap: str) -> None:
    chance = random.Random(17)
    good = [handshake(), authenticate(), handshake("SCRAM-SHA-256"), authenticate(b"n,,n=alice,r=x"), OFFSETS, framed(ALICE)]
    for _ in range(400):
        parts = []
        for _ in range(chance.randrange(1, 4)):
            part = bytearray(chance.choice(good) if chance.random() < 0.7 else framed(chance.randbytes(chance.randrange(60))))
            for _ in range(chance.randrange(3)):
                part[chance.randrange(len(part))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            parts.append(bytes(part))
        with WireClient(bootstrap) as client:
            client.send_bytes(b"".join(parts))
    until(lambda: connections(broker) == 0)
    with WireClient(bootstrap, user="alice", password="secret") as client:
        assert client.call(MetadataRequest(topics=[]), 12, MetadataResponse).brokers


def test_a_fault_may_answer_in_place_of_the_handler(broker: OwnBroker, bootstrap: str) -> None:
    async def in_a_while(intercepted: Intercepted) -> Outcome:
        return await intercepted.work()

    services = services_of(broker)
    broker.call(lambda: setattr(services, "intercept", lambda context, request: in_a_while))
    try:
        with WireClient(bootstrap, user="alice", password="secret") as client:
            assert client.call(MetadataRequest(topics=[]), 12, MetadataResponse).brokers
        with pytest.raises(NotAuthenticated):
            WireClient(bootstrap, user="alice", password="wrong")
    finally:
        broker.call(lambda: setattr(services, "intercept", None))
