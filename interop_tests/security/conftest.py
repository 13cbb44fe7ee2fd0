from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

import pytest

from interop_tests.security.server import SecuredBroker, start_secured
from tests.support.brokers import BrokerKind, skipped_without_reference

if TYPE_CHECKING:
    from interop_tests.security.clients import SecurityClient, StartClient


@pytest.fixture(scope="session")
def secured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    kind = cast(BrokerKind, request.config.getoption("--broker"))
    with skipped_without_reference():
        started = start_secured(kind, tmp_path_factory.mktemp("secured"))
    with started.broker:
        yield started


@pytest.fixture(scope="session")
def start_client() -> Iterator[StartClient]:
    """The client of that name, one for the whole run."""
    from interop_tests.security.clients import CLIENTS  # kafka-python warns as it is imported, which is allowed by now

    clients: dict[str, SecurityClient] = {}
    with ExitStack() as stack:

        def start(name: str) -> SecurityClient:
            if name not in clients:
                clients[name] = CLIENTS[name].start()
                stack.callback(clients[name].close)
            return clients[name]

        yield start
