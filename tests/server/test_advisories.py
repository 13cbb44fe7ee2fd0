"""Kafka's advisories, and those of others that speak its protocol: where each is tested.

CVE-2026-111108   arrays allocated by the declared count          here
CVE-2026-111115   unknown tagged fields kept, without a limit     here; tests/server/test_wide_requests.py
                                                                    ::test_headers_of_very_many_tagged_fields_are_refused;
                                                                  tests/server/test_sasl_connections.py
                                                                    ::test_thousands_of_tags_are_not_read_before_authentication
CVE-2026-111073   telemetry that is a bomb                        tests/telemetry/test_service.py
                                                                    ::test_bomb_goes_off_nowhere
CVE-2026-110985   tokens unchecked without a URL of keys          tests/server/test_bearer_tokens.py
                                                                    ::test_listeners_that_are_not_opened,
                                                                    ::test_unsigned_tokens_only_on_loopback
CVE-2026-33557    any token taken                                 tests/security/test_jwt_validator.py ::test_tokens,
                                                                    ::test_whatever_is_changed_in_a_token_nobody_else_is_let_in
CVE-2024-56128    SCRAM: nonce of the final message               tests/security/test_scram.py
                                                                    ::test_the_nonce_of_the_final_message_is_that_of_the_first
CVE-2021-38153    passwords compared in variable time             tests/security/test_scram.py
                                                                    ::test_the_hashes_of_a_proof_are_as_many_for_somebody_as_for_nobody;
                                                                  tests/security/test_plain.py
                                                                    ::test_passwords_are_compared_in_constant_time_whoever_is_asked_for
CVE-2017-12610    another user's authorization id                 tests/security/test_scram.py
                                                                    ::test_another_authorization_id_is_refused;
                                                                  tests/security/test_plain.py ::test_what_is_refused;
                                                                  tests/security/test_oauthbearer.py
                                                                    ::test_authorization_id_of_another
CVE-2018-1288     a client poses as a replica                     tests/api/test_authorization.py
                                                                    ::test_who_says_that_it_is_a_replica_has_to_be_one
GHSA-47w3-66wq-cpxg   rights by what a request says of itself     tests/api/test_authorization.py
                                                                    ::test_what_the_batch_says_counts
CVE-2022-34917    large allocations before authentication         here; tests/server/test_sasl_connections.py
                                                                    ::test_large_frames_before_authentication_are_few
CVE-2023-34455    batches that are bombs                          tests/records/test_compression.py
                                                                    ::test_a_bomb_costs_no_more_than_a_small_multiple_of_the_bound,
                                                                    ::test_snappy_length_that_lies_allocates_nothing
CVE-2023-25194, CVE-2025-27817, CVE-2025-27818, CVE-2025-27819    here; tests/server/test_bearer_tokens.py
                  who may alter configs runs or reads something     ::test_clients_do_not_choose_whose_tokens_are_good;
                                                                  tests/server/test_tls.py
                                                                    ::test_who_may_not_alter_configs_does_not_learn_which_files_there_are,
                                                                    ::test_files_that_have_no_end_or_keep_readers_waiting_are_not_read
CVE-2026-10142    kafka-python: length of a frame taken on trust  here
CVE-2026-10143    kafka-python: iterations taken on trust         here
CVE-2026-41115    the right that ConsumerGroupDescribe needs      with that API, which is not there yet
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kafka_compat.api.table import HANDLERS
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.key import UpdateMode
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.config.table import BROKER_CONFIGS, DYNAMIC_ONLY_CONFIGS
from kafka_compat.config.values import ConfigType
from kafka_compat.protocol.api_keys import API_VERSIONS, ApiKey
from kafka_compat.protocol.envelope import encode_request, read_request_header
from kafka_compat.protocol.registry import request_class
from kafka_compat.security.sasl.client import NotTheBroker, client_exchange
from kafka_compat.security.sasl.jwks_source import JwksSources
from kafka_compat.security.sasl.offers import Credentials, sasl_offer
from kafka_compat.security.sasl.scram_credentials import MAX_ITERATIONS, ScramCredential, ScramMechanism
from kafka_compat.testing.manual_clock import ManualClock
from kafka_compat.testing.real.kafka import RealKafka
from kafka_compat.wire.errors import TooWide, WireError
from kafka_compat.wire.primitives import Reader
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.sasl_conversations import framed, handshake, header
from tests.support.wire_client import ConnectionClosed, WireClient

ROOT = Path(__file__).resolve().parents[2]
JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";'
NAMED = re.findall(r"(tests/\S+\.py)|::(test_\w+)", __doc__ or "")


def named_tests() -> Iterator[tuple[str, str]]:
    path = ""
    for file, test in NAMED:
        if file:
            path = file
        else:
            yield path, test


@pytest.mark.parametrize(("path", "test"), list(named_tests()))
def test_the_test_of_an_advisory_is_there(path: str, test: str) -> None:
    assert re.search(rf"^(async )?def {test}\(", (ROOT / path).read_text(), re.MULTILINE)


# --- what is announced and does not come (CVE-2026-111108, CVE-2026-111115, CVE-2022-34917)

# Greatest counts, as they begin: classic and compact, and one that is believable of a large frame.
ANNOUNCED = (b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff\x07", b"\x00\x0f\x42\x40", b"\xc0\x84\x3d")


@contextmanager
def allocating_at_most(size: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < size


@pytest.mark.parametrize("api_key", [ApiKey(key) for key in sorted(HANDLERS)], ids=lambda key: key.name)
def test_no_request_allocates_by_a_count_that_it_declares(api_key: ApiKey) -> None:
    """In the place of each byte of a request stands a count, and nothing behind it."""
    message = request_class(api_key)
    for version in {API_VERSIONS[api_key].min_version, API_VERSIONS[api_key].max_version}:
        frame = encode_request(api_key, version, 1, None, message())[4:]
        reader = Reader(frame)
        read_request_header(reader)
        with allocating_at_most(256 << 10):
            for position in range(reader.position, len(frame) + 1):
                for count in ANNOUNCED:
                    try:
                        message.decode(Reader(memoryview(frame[:position] + count), reader.position), version)
                    except (WireError, TooWide, struct.error):
                        continue


def test_unknown_tagged_fields_leave_nothing_behind_and_are_ten_thousand_at_most() -> None:
    def tags(count: int) -> bytes:
        number = bytes([count & 0x7F | 0x80, count >> 7])
        return number + b"".join(bytes([tag & 0x7F | 0x80, tag >> 7 & 0x7F | 0x80, tag >> 14, 1, 7]) for tag in range(count))

    allowed, refused = tags(10_000), tags(10_001)
    with allocating_at_most(64 << 10):
        reader = Reader(allowed)
        reader.skip_tagged_fields()
        assert reader.position == len(allowed)
    with pytest.raises(WireError, match="10001 tagged fields"):
        Reader(refused).skip_tagged_fields()


@pytest.fixture(scope="module")
def broker() -> Iterator[OwnBroker]:
    configs = {
        "listeners": "SASL_PLAINTEXT://127.0.0.1:0",
        "inter.broker.listener.name": "SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config": JAAS,
        "connection.failed.authentication.delay.ms": "0",
    }
    with OwnBroker(settings_of(configs)) as running:
        yield running


@pytest.mark.parametrize("announced", ANNOUNCED, ids=bytes.hex)
@pytest.mark.parametrize(
    ("before", "begun"),
    [
        (b"", struct.pack(">hhi", ApiKey.SASL_HANDSHAKE, 1, 1)),
        (b"", header(ApiKey.SASL_HANDSHAKE, 1)),
        (b"", header(ApiKey.API_VERSIONS, 3)),
        (b"", header(ApiKey.API_VERSIONS, 3, tags=b"\0")),
        (handshake(), header(ApiKey.SASL_AUTHENTICATE, 1)),
        (handshake(), header(ApiKey.SASL_AUTHENTICATE, 2)),
        (handshake(), header(ApiKey.SASL_AUTHENTICATE, 2, tags=b"\0")),
        (handshake(), header(ApiKey.METADATA, 12, tags=b"\0")),
        (handshake(), header(ApiKey.FETCH, 4)),
    ],
    ids=lambda value: value[:24].hex() if isinstance(value, bytes) else None,
)
def test_nor_does_one_before_authentication(broker: OwnBroker, before: bytes, begun: bytes, announced: bytes) -> None:
    with WireClient(broker.bootstrap("SASL_PLAINTEXT")) as client, allocating_at_most(512 << 10):
        client.send_bytes(before + framed(begun + announced))
        if before:
            client.receive_frame()
        with pytest.raises(ConnectionClosed):
            client.receive_frame()


@pytest.mark.parametrize("size", [524_289, 1 << 24, (1 << 31) - 1, -1])
def test_a_frame_before_authentication_has_a_size_that_authentication_needs(broker: OwnBroker, size: int) -> None:
    with WireClient(broker.bootstrap("SASL_PLAINTEXT")) as client, allocating_at_most(512 << 10):
        client.send_bytes(struct.pack(">i", size) + bytes(1000))
        assert client.is_closed_by_peer()


# --- what a client may set that runs or reads something (CVE-2023-25194, CVE-2025-27817 to 27819)

# Dynamic broker configs that name a class, a file, a place or a login module, and what becomes of them here.
TELLING = {
    "config.providers": "taken, and nothing looks at it: no reference in a value is followed",
    "cordoned.log.dirs": "taken, and nothing looks at it",
    "metric.reporters": "receivers that are installed as entry points for it; Java's classes are left out",
    "num.recovery.threads.per.data.dir": "a number",
    "principal.builder.class": "taken, and nothing looks at it",
    "remote.log.index.file.cache.total.size.bytes": "a number",
    "replica.alter.log.dirs.io.max.bytes.per.second": "a number",
    "sasl.jaas.config": "counts where a broker is started, not when it is altered",
    "ssl.engine.factory.class": "refused",
    "ssl.keystore.location": "a regular file of 4 MiB at most, read for who may alter configs",
    "ssl.provider": "taken, and nothing looks at it",
    "ssl.truststore.location": "the same",
}


def test_which_configs_that_clients_alter_name_something_is_known() -> None:
    words = re.compile(r"class|location|\burl\b|\bfile\b|jaas|reporters|\bdirs?\b|\bpath\b|provider|plugin|command")
    found = {
        name
        for name, key in {**BROKER_CONFIGS, **DYNAMIC_ONLY_CONFIGS}.items()
        if key.update_mode is not UpdateMode.READ_ONLY and (key.type is ConfigType.CLASS or words.search(name))
    }
    assert found == set(TELLING)


class Nobody:
    """No credentials."""

    def of_user(self, name: str, mechanism: ScramMechanism) -> ScramCredential | None:
        return None

    def of_token(self, token_id: str, mechanism: ScramMechanism) -> None:
        return None


JNDI = 'com.sun.security.auth.module.JndiLoginModule required user.provider.url="ldap://127.0.0.1:1/x" useFirstPass="true";'
LDAP = 'com.sun.security.auth.module.LdapLoginModule required userProvider="ldap://127.0.0.1:1/x";'
PREFIX = "listener.name.l."


@pytest.mark.parametrize("mechanism", ["plain", "scram-sha-256"])
@pytest.mark.parametrize("text", [JNDI, LDAP])
def test_login_modules_of_others_are_refused_and_never_made(mechanism: str, text: str) -> None:
    config = BrokerConfig({"sasl.enabled.mechanisms": mechanism.upper(), f"{PREFIX}{mechanism}.sasl.jaas.config": text})
    credentials = Credentials({}, Nobody(), JwksSources(ManualClock()))
    with pytest.raises(InvalidConfig, match=r"the login module is com\.sun"):
        sasl_offer(ListenerConfig(config, "L"), "L", credentials)


def test_altered_configs_do_not_say_who_is_let_in() -> None:
    """Also not when a broker starts again in the same process, with what was altered before."""
    config = BrokerConfig({"sasl.enabled.mechanisms": "PLAIN", f"{PREFIX}plain.sasl.jaas.config": JAAS})
    altered = {
        f"{PREFIX}plain.sasl.jaas.config": JAAS.replace("alice", "mallory"),
        f"{PREFIX}sasl.enabled.mechanisms": "PLAIN,OAUTHBEARER",
        f"{PREFIX}oauthbearer.sasl.oauthbearer.allow.unsecured": "true",
        f"{PREFIX}plain.connections.max.reauth.ms": "1",
    }
    config.set_dynamic(altered, altered)
    offer = sasl_offer(ListenerConfig(config, "L"), "L", Credentials(None, Nobody(), JwksSources(ManualClock()), "127.0.0.1"))
    assert list(offer.mechanisms) == ["PLAIN"]
    assert offer.max_reauth_ms == {"PLAIN": 0}
    mechanism = offer.mechanisms["PLAIN"]()
    mechanism.respond(b"\0alice\0secret", 0)
    assert mechanism.result is not None


# --- our own clients (CVE-2026-10142, CVE-2026-10143)


@pytest.mark.parametrize(
    "iterations",
    ["4095", str(MAX_ITERATIONS + 1), "00409699999999", "0004096", "4096 ", "+4096", "1e4", "", "-4096", "99999999999"],
)
def test_a_client_does_not_compute_as_long_as_a_broker_wants(iterations: str) -> None:
    exchange = client_exchange("SCRAM-SHA-256", "alice", "secret")
    nonce = next(exchange).decode().rpartition("r=")[2]
    with pytest.raises(NotTheBroker, match="iterations"):
        exchange.send(f"r={nonce}x,s=c2FsdA==,i={iterations}".encode())


@pytest.mark.parametrize("size", [(1 << 31) - 1, -1, 200 << 20])
def test_a_client_does_not_take_a_frame_of_any_size(size: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connected, _ = server.accept()
            with connected:
                connected.sendall(struct.pack(">i", size))
                connected.settimeout(20)
                while connected.recv(4096):
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ConnectionError, match="does not speak Kafka's protocol"):
            RealKafka(f"127.0.0.1:{server.getsockname()[1]}").start()
        thread.join()
