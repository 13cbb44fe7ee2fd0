"""A stream of produce and consume whose sessions end and are taken up again: nothing is lost, and nothing comes twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from interop_tests.security.clients import CLIENTS, StartClient, new_topic
from interop_tests.security.server import PASSWORDS, REAUTHENTICATION_MS, SecuredBroker
from interop_tests.security.settings import Security

# Sessions end at least twice; clients begin anew somewhat earlier than they must.
_DURATION_MS = 2 * REAUTHENTICATION_MS + 1_000
# kcat has no stream, and kafkajs 2.2.4 fails to begin anew with Kafka as well (ILLEGAL_SASL_STATE).
_STREAMING = [name for name in CLIENTS if name not in ("kcat", "kafkajs")]

# Clients of other tests that were refused leave sockets and producers to the collector of garbage.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "OAUTHBEARER"])
def test_a_stream_goes_on_when_sessions_end(secured: SecuredBroker, start_client: StartClient, mechanism: str) -> None:
    """All clients at once, as it takes its time: by TLS with SCRAM."""
    with_tls = mechanism == "SCRAM-SHA-512"
    listener = "AGAIN_SSL" if with_tls else "AGAIN"
    security = Security(
        protocol="SASL_SSL" if with_tls else "SASL_PLAINTEXT",
        mechanism=mechanism,
        authority=secured.certificates.authority if with_tls else None,
    )
    if mechanism == "OAUTHBEARER":
        security = security.with_token(secured.tokens.token("right"))
    else:
        security = security.with_user("alice", PASSWORDS["alice"])
    clients = {name: start_client(name) for name in _STREAMING}
    topics = {name: secured.make_topic(new_topic(name)) for name in clients}
    with ThreadPoolExecutor(len(clients)) as pool:
        streams = {
            name: pool.submit(client.stream, secured.bootstrap(listener), security, topics[name], _DURATION_MS)
            for name, client in clients.items()
        }
    for name, under_way in streams.items():
        stream = under_way.result()
        assert stream.sent > 5, name
        assert list(stream.read) == list(range(stream.sent)), name
