"""What groups and committed offsets are after a crash and after an orderly restart, against Apache Kafka.

Groups are brought into every state that there is, then both brokers end and come back, and every member goes on as if nothing
had happened.
"""

from __future__ import annotations

import pytest

from tests.conformance.both import ANY_ERROR, Both, Brokers
from tests.conformance.group_records import compare_group_logs
from tests.conformance.group_script import GroupScript, subscription
from tests.conformance.offset_requests import OffsetCases, Offsets, commit_request

pytestmark = pytest.mark.slow

BROKER_CONFIGS = {"group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "3"}
OTHER = (("range", subscription("another")),)
_MEMBERS = ("a", "b", "c")


class Groups:
    """A group in each state, by its name."""

    def __init__(self, both: Both) -> None:
        self.topic = both.create_topic(both.name("crashed"), 2)
        self.scripts: dict[str, GroupScript] = {}
        self._both = both
        for name in (
            "pending", "joining_first", "completing_first", "stable", "preparing", "completing", "syncing", "left", "empty",
            "static_returned", "static_stable", "deleted", "offsets_deleted", "connect",
        ):  # fmt: skip
            self.scripts[name] = GroupScript(both, name)
            getattr(self, f"_{name}")(self.scripts[name])

    def commit(self, script: GroupScript, who: str, partition: int, offset: int) -> None:
        offsets = [Offsets(self.topic, [(partition, offset, who)])]
        script.call(
            who or "admin",
            "commit",
            lambda cast: commit_request(
                cast.side, 9, script.group, offsets, generation=cast.generations.get(who, -1), member=cast.id(who)
            ),
            9,
            expect=ANY_ERROR,
        )

    def go_on(self, script: GroupScript) -> None:
        """What each member would do next, in every state that it may believe to be in."""
        script.describe(expect=ANY_ERROR)
        cases = OffsetCases(self._both)
        cases.fetch(f"{script.group} after", (script.group, [(self.topic, [0, 1])]), versions=range(9, 10))
        known = [who for who in _MEMBERS if script.casts[0].id(who)]
        for who in known:
            script.heartbeat(who, expect=ANY_ERROR)
            self.commit(script, who, 1, 100)
            script.sync(who, expect=ANY_ERROR)
        script.describe(expect=ANY_ERROR)
        cases.fetch(f"{script.group} later", (script.group, None), versions=range(9, 10))
        for who in known:
            script.leave(who, expect=ANY_ERROR)
        script.describe(expect=ANY_ERROR)
        script.join("d", protocols=(("range", subscription(self.topic)), ("sticky", b"")))
        script.sync("d", assign=["d"])
        self.commit(script, "d", 0, 101)
        script.describe()
        cases.fetch(f"{script.group} at last", (script.group, None), versions=range(9, 10))

    # --- states

    def _pending(self, script: GroupScript) -> None:
        script.ask_id("a")

    def _joining_first(self, script: GroupScript) -> None:
        script.join("a")
        script.ask_id("b")
        script.begin_join("b")
        script.until("PreparingRebalance", 2)

    def _completing_first(self, script: GroupScript) -> None:
        script.join("a")

    def _stable(self, script: GroupScript) -> None:
        script.join("a")
        script.sync("a", assign=["a"])
        script.ask_id("b")
        script.begin_join("b")
        script.until("PreparingRebalance", 2)
        script.join("a")
        script.answer("b")
        script.begin_sync("b")
        script.sync("a", assign=["a", "b"])
        script.answer("b")
        self.commit(script, "a", 0, 5)
        self.commit(script, "b", 1, 6)

    def _preparing(self, script: GroupScript) -> None:
        self._stable(script)
        script.begin_join("b", protocols=OTHER)
        script.until("PreparingRebalance", 2)
        self.commit(script, "a", 0, 7)

    def _completing(self, script: GroupScript) -> None:
        self._preparing(script)
        script.join("a")
        script.answer("b")

    def _syncing(self, script: GroupScript) -> None:
        self._completing(script)
        script.begin_sync("b")

    def _left(self, script: GroupScript) -> None:
        self._stable(script)
        script.leave("b")  # the next generation is not in the log before it is assigned

    def _empty(self, script: GroupScript) -> None:
        self._stable(script)
        script.leave("b")
        script.leave("a")
        self.commit(script, "", 1, 8)

    def _static_stable(self, script: GroupScript) -> None:
        script.join("a", instance="one")
        script.sync("a", instance="one", assign=["a"])
        self.commit(script, "a", 0, 9)

    def _static_returned(self, script: GroupScript) -> None:
        self._static_stable(script)
        for cast in script.casts:
            cast.ids["b"] = cast.ids["a"]
            cast.generations["b"] = cast.generations["a"]
        script.join("a", instance="one", member="")

    def _deleted(self, script: GroupScript) -> None:
        self._empty(script)
        script.delete()

    def _offsets_deleted(self, script: GroupScript) -> None:
        self._empty(script)
        OffsetCases(self._both).delete("before", script.group, (self.topic, [1]))

    def _connect(self, script: GroupScript) -> None:
        script.join("a", protocol_type="connect", protocols=(("compatible", bytes(range(256))), ("default", b"")))
        script.sync("a", protocol_type="connect", protocol_name="compatible", assign=["a"])


@pytest.mark.parametrize("how", ["crash", "restart"])
def test_members_go_on_after_the_broker_was_away(how: str, configured: Brokers, both: Both) -> None:
    groups = Groups(both)
    for script in groups.scripts.values():
        for who in script.waiting:
            script.abandon(who)
        for cast in script.casts:
            cast.hang_up_all()
    for side in both.sides:
        side.close()
    for broker in configured:
        if how == "crash":
            broker.kill()
            broker.start()
        else:
            broker.restart()
    for script in groups.scripts.values():
        script.wait_for_coordinator()
    for side in both.sides:
        both.wait_for_leaders(side, groups.topic, 2)
    for script in groups.scripts.values():
        groups.go_on(script)
    for script in groups.scripts.values():
        script.finish()
        compare_group_logs(script)
