"""What follows the last epoch of a producer id, against Apache Kafka: 32766 ends, or starts, later."""

from __future__ import annotations

import pytest

from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from tests.conformance.both import Both, Side
from tests.conformance.transaction_script import TIMEOUT_MS, TransactionScript

pytestmark = pytest.mark.slow

BROKER_CONFIGS = {"transaction.state.log.num.partitions": "1"}
LAST_EPOCH = 32766


def use_up(script: TransactionScript, side: Side, epoch: int) -> None:
    """Let a producer start again until it has this epoch."""
    request = InitProducerIdRequest(transactional_id=script.transactional_id, transaction_timeout_ms=TIMEOUT_MS)
    while script.told[side.kind].producer_epoch < epoch:
        answer = side.call(request, 4, InitProducerIdResponse)
        assert answer.error_code == 0, answer
        script.told[side.kind] = ProducerIdAndEpoch(answer.producer_id, answer.producer_epoch)


def test_the_last_epoch_of_ends(both: Both) -> None:
    """Clients of transaction version 2 go on with the next producer id, as the answer to the last end says."""
    topic = both.create_topic(both.name("epochs"), 1)
    script = TransactionScript(both)
    script.init(5)
    for side in both.sides:
        use_up(script, side, LAST_EPOCH - 1)
    script.add({topic: [0]}, 5)
    script.end(True, 5, label="end in the last but one")
    script.describe("in the last")
    last = dict(script.told)
    script.add({topic: [0]}, 5, label="add in the last")
    script.end(False, 5, label="end in the last")
    script.describe("in the first of the next")
    after = dict(script.told)
    script.told = dict(last)
    script.end(False, 5, label="end in the last, repeated")
    script.told = dict(last)
    script.end(True, 5, expect={ErrorCode.INVALID_TXN_STATE}, label="another end in the last")
    script.told = dict(last)
    script.add({topic: [0]}, 5, expect={ErrorCode.INVALID_PRODUCER_ID_MAPPING}, label="add in the last, too late")
    script.init(5, expected=lambda told: told, label="init from the last")
    assert script.told == after
    script.add({topic: [0]}, 5, label="add in the first")
    script.end(True, 5, label="end in the first")
    script.describe("goes on")


def test_the_last_epoch_of_starts(both: Both) -> None:
    topic = both.create_topic(both.name("epochs"), 1)
    script = TransactionScript(both)
    script.init(4)
    for side in both.sides:
        use_up(script, side, LAST_EPOCH)
    script.describe("in the last")
    last = dict(script.told)
    script.add({topic: [0]}, 3)
    script.init(4, expect={ErrorCode.CONCURRENT_TRANSACTIONS}, label="init while it runs")
    script.settled()
    script.describe("fenced in the last")
    script.init(4, label="init behind the last")
    script.describe("in the first of the next")
    script.told = dict(last)
    script.init(4, expected=lambda told: told, expect={ErrorCode.PRODUCER_FENCED}, label="init from the last")


def test_a_producer_raises_its_last_epoch(both: Both) -> None:
    script = TransactionScript(both)
    script.init(4)
    for side in both.sides:
        use_up(script, side, LAST_EPOCH - 1)
    script.init(4, expected=lambda told: told, label="to the last")
    last = dict(script.told)
    script.init(
        4,
        expected=lambda told: told._replace(producer_epoch=told.producer_epoch - 1),
        expect={ErrorCode.UNKNOWN_SERVER_ERROR},
        label="to the last, repeated",
    )
    script.init(4, expected=lambda told: told, label="behind the last")
    script.told = dict(last)
    script.init(4, expected=lambda told: told, label="behind the last, repeated")
    script.describe()
