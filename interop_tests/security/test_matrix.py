"""Every client at every listener with every mechanism, with what is right and what is wrong; also: `--broker reference`."""

from __future__ import annotations

import re

import pytest

from interop_tests.security.cases import CASES, Case
from interop_tests.security.clients import CLIENTS, StartClient, new_topic
from interop_tests.security.server import SecuredBroker


# Clients that are refused leave sockets and producers to the collector of garbage.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("client", CLIENTS)
def test_who_comes_in(secured: SecuredBroker, start_client: StartClient, client: str, case: Case) -> None:
    tried = CLIENTS[client]
    for part, reason in tried.has_not.items():
        if part in case.name:
            pytest.skip(f"{client} does not have {part}: {reason}")
    topic, value = new_topic(client), f"of {case.name}"
    comes_in = tried.outcome(case) == "in"
    bootstrap, security = secured.bootstrap(case.listener), case.security(secured)
    attempt = start_client(client).attempt(bootstrap, security, topic, value, 20 if comes_in else 1)
    if comes_in:
        assert (attempt.value, attempt.words) == (value, "")
    else:
        assert attempt.value is None
        assert re.search(tried.words(case), attempt.words, re.DOTALL), attempt.words
