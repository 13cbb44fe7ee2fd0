"""The states of a classic group and what may follow what.

    Empty               no members; keeps offsets until they expire. Also "simple" groups, which only ever commit offsets
    PreparingRebalance  waits until all members have joined again, or the rebalance timeout
    CompletingRebalance members know the generation and wait for the leader's assignment
    Stable              everybody has an assignment
    Dead                the shard was given up

Source: ClassicGroupState.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final


class GroupState(Enum):
    """The state; the value is its name in answers."""

    EMPTY = "Empty"
    PREPARING_REBALANCE = "PreparingRebalance"
    COMPLETING_REBALANCE = "CompletingRebalance"
    STABLE = "Stable"
    DEAD = "Dead"


_E, _P, _C, _S, _D = GroupState

LEGAL_PREVIOUS: Final[Mapping[GroupState, frozenset[GroupState]]] = MappingProxyType(
    {
        _E: frozenset({_P}),
        _P: frozenset({_S, _C, _E}),
        _C: frozenset({_P}),
        _S: frozenset({_C}),
        _D: frozenset({_S, _P, _C, _E, _D}),
    }
)
