"""What an action of a fault is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafka_compat.api.interception import Outcome

if TYPE_CHECKING:
    from kafka_compat.testing.hits import Hit


class Action:
    """What is done with a request in place of, or around, its handler.

    A subclass of your own is an action too: it has `act`, and says with `name` what it is called in reports.
    """

    name: str = "action"
    # Whether the request goes to the next fault that matches, and to its handler, as if nothing had been put in.
    only_looks: bool = False
    # Keys of the APIs that it can be done to; None is all.
    only_for: frozenset[int] | None = None
    # Whether not every request that it is done to is a hit, but what `Hit.count` is called for.
    counts_late: bool = False

    async def act(self, hit: Hit) -> Outcome:
        """The answer to the request that was hit; on the brokers' loop."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.name
