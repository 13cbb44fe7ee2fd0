"""Every way a connection ends x what is under way x what waits behind it, against Apache Kafka.

The table is in `tests/support/connection_ends.py`. Where the reference keeps and answers all, so do we. Where it loses what had
arrived, because it stops reading when an answer cannot be sent, we do not: acks=0 producers would never learn of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.both import Address
from tests.support.brokers import Broker
from tests.support.connection_ends import CASES, Stage, expected, reference_may_lose

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def stages(reference_broker: Broker, our_broker: Address) -> Iterator[tuple[Stage, Stage]]:
    """The reference's and ours."""
    stages = Stage(reference_broker.bootstrap, "ends"), Stage(our_broker.bootstrap, "ends")
    yield stages
    for stage in stages:
        stage.close()


@pytest.mark.parametrize(("end", "under_way", "behind"), CASES)
def test_ends(stages: tuple[Stage, Stage], end: str, under_way: str, behind: str) -> None:
    wanted = expected(end, under_way, behind)
    reference, ours = stages
    assert ours.play(end, under_way, behind, wanted.stored) == wanted
    if not reference_may_lose(end, under_way, behind):
        assert reference.play(end, under_way, behind, wanted.stored) == wanted
    elif end == "reset" and under_way in ("fetch", "join") and behind != "acks=0 and a part":
        # Elsewhere it depends on who is faster; here the answer comes certainly behind the reset.
        assert reference.play(end, under_way, behind, None).stored <= 0
