"""Random commands of two members, played to both brokers; a seed that finds a difference belongs in `SEEDS`.

Two members, because which of several others leads after the leader left follows from the hashes of random ids.
"""

from __future__ import annotations

import random

import pytest

from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from tests.conformance.conftest import Both
from tests.conformance.group_script import GroupScript, Protocols, subscription

pytestmark = pytest.mark.reference

SEEDS = range(8)
_COMMANDS = 40
# Both sides would have to be slower than this to answer for an answer to be missed; when one answers, the other is waited for.
_SETTLE_S = 0.15

_PROTOCOLS: tuple[Protocols, ...] = (
    (("range", subscription("t")), ("sticky", subscription("t"))),
    (("sticky", subscription("t")), ("range", subscription("t"))),
    (("range", subscription("t", "u")),),
)


class Machine:
    """Chooses what a member does next, and keeps track of who waits."""

    def __init__(self, script: GroupScript, seed: int) -> None:
        self.script = script
        self.random = random.Random(seed)
        self.instances = {who: who if self.random.random() < 0.5 else None for who in ("a", "b")}
        self.protocol = "range"
        self.code_of_join: dict[str, int] = {}

    def step(self) -> None:
        idle = [who for who in self.instances if who not in self.script.waiting]
        who = self.random.choice(idle) if idle else ""
        choices = ["join"] * 6 + ["sync"] * 6 + ["heartbeat"] * 2 + ["come back"] if idle else []
        match self.random.choice([*choices, "leave", "describe"]):
            case "join":
                self.join(who)
            case "sync":
                self.sync(who)
            case "heartbeat":
                self.heartbeat(who)
            case "come back":
                if self.instances[who] is not None:
                    self.forget(who)
                self.join(who)
            case "leave":
                self.leave(self.random.choice(list(self.instances)))
            case _:
                self.script.describe()
        self.settle()

    def join(self, who: str) -> None:
        how = {
            "instance": self.instances[who],
            "protocols": self.random.choice(_PROTOCOLS),
            "version": self.random.randint(5, 9),
            "session_ms": 60_000,
            "rebalance_ms": 60_000,
        }
        self.script.begin_join(who, **how)  # type: ignore[arg-type]
        self.settle()
        if who not in self.script.waiting and self.code_of_join.get(who) == 79:
            self.script.begin_join(who, **how)  # type: ignore[arg-type]

    def sync(self, who: str) -> None:
        known = [name for name in self.instances if self.script.casts[0].id(name)]
        self.script.begin_sync(
            who,
            assign=known,
            instance=self.instances[who],
            protocol_name=self.protocol,
            generation=self.random.choice([None, None, None, 1]),
        )

    def heartbeat(self, who: str) -> None:
        self.script.heartbeat(who, instance=self.instances[who], generation=self.random.choice([None, None, None, 1]))

    def leave(self, who: str) -> None:
        by_instance = self.instances[who] is not None and self.random.random() < 0.5
        self.script.leave(who, instance=self.instances[who], member="" if by_instance else None)
        self.settle()
        if who in self.script.waiting:
            self.script.abandon(who)  # a sync of a member that is gone is never answered

    def settle(self) -> None:
        """Take the answers that are there."""
        while self.script.waiting and (answered := self.script.answered_by(_SETTLE_S)):
            for who in answered:
                self.took(who, self.script.answer(who)[0])

    def took(self, who: str, response: Message) -> None:
        if not isinstance(response, JoinGroupResponse):
            return
        self.code_of_join[who] = response.error_code
        if response.error_code == 0 and response.protocol_name:
            self.protocol = response.protocol_name
        if response.error_code in (25, 82):
            self.forget(who)

    def forget(self, who: str) -> None:
        for cast in self.script.casts:
            cast.ids.pop(who, None)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_commands_are_answered_alike(both: Both, seed: int) -> None:
    script = GroupScript(both, "random")
    machine = Machine(script, seed)
    try:
        for _ in range(_COMMANDS):
            machine.step()
    finally:
        script.finish()
