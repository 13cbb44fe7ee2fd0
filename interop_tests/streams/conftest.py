from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from tests.support.brokers import Broker, BrokerKind, require_commands, skipped_without_reference, start_broker

# What was begun by a process that is gone for good ends soon: its membership, and its transactions.
_SHORT_TIMEOUTS = {
    "group.min.session.timeout.ms": "1000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
}


@pytest.fixture(scope="session")
def broker_process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    require_commands("java", "javac", "mvn")
    kind = cast(BrokerKind, request.config.getoption("--broker"))  # argparse has checked the choice
    with skipped_without_reference():
        started = start_broker(kind, tmp_path_factory.mktemp("broker"), _SHORT_TIMEOUTS)
    with started:
        yield started
        if started.is_running:
            started.stop()
