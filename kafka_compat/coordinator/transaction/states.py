"""The states of a transactional id and what may follow what.

    Empty               a producer id was given out; nothing was written since
    Ongoing             partitions were added; times out
    PrepareCommit       decided, and never taken back: markers are being written
    PrepareAbort        the same for an abort
    CompleteCommit      every partition has its marker; the next transaction may begin
    CompleteAbort       the same for an abort
    Dead                the id expires; never in the log
    PrepareEpochFence   the epoch of a running transaction is raised so that its producer can go on no more, and PrepareAbort
                        follows at once; never in the log

Source: Kafka's TransactionState.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final


class TransactionState(IntEnum):
    """The state; the value is its id in records."""

    EMPTY = 0
    ONGOING = 1
    PREPARE_COMMIT = 2
    PREPARE_ABORT = 3
    COMPLETE_COMMIT = 4
    COMPLETE_ABORT = 5
    DEAD = 6
    PREPARE_EPOCH_FENCE = 7


_E, _O, _PC, _PA, _CC, _CA, _D, _F = TransactionState

# Names in answers and in the filters of ListTransactions.
STATE_NAMES: Final[Mapping[TransactionState, str]] = MappingProxyType(
    {
        _E: "Empty",
        _O: "Ongoing",
        _PC: "PrepareCommit",
        _PA: "PrepareAbort",
        _CC: "CompleteCommit",
        _CA: "CompleteAbort",
        _D: "Dead",
        _F: "PrepareEpochFence",
    }
)

# The fence is no state of its own here: its abort is decided in the same turn. PrepareAbort after other states than Ongoing is
# transaction version 2's, whose producers abort when they do not know whether they have begun.
LEGAL_PREVIOUS: Final[Mapping[TransactionState, frozenset[TransactionState]]] = MappingProxyType(
    {
        _E: frozenset({_E, _CC, _CA}),
        _O: frozenset({_O, _E, _CC, _CA}),
        _PC: frozenset({_O}),
        _PA: frozenset({_O, _E, _CC, _CA}),
        _CC: frozenset({_PC}),
        _CA: frozenset({_PA}),
    }
)

# Markers are being written, and nothing may change before each partition has its own.
PREPARED: Final = frozenset({_PC, _PA})

MAY_EXPIRE: Final = frozenset({_E, _CC, _CA})
