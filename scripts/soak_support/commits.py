"""Commits rising offsets for a few groups without pause, through kills, and knows what the broker must remember.

Every group commits for one partition of each topic, all to the same number, in one request; one thread serves all groups. A
number that was acknowledged must never be lost: what a group is told later is at least that, at most the last number sent,
and the same for each partition of a request (a commit is one record batch, so a kill cannot tear it).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponse
from tests.support.wire_client import ConnectionClosed, WireClient

GROUPS = ("soak-commits-a", "soak-commits-b", "soak-commits-c")
_COMMIT_VERSION = 8
_FETCH_VERSION = 8
_RETRY_S = 0.02
_LOADING_TIMEOUT_S = 30
_NOT_YET = (
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_COORDINATOR,
)


class Committer:
    """Commits in a thread; `check` compares what the broker remembers with what it acknowledged."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        self.failures: list[str] = []
        self.commits = 0
        self._bootstrap = bootstrap
        self._topics = topics
        self._sent = dict.fromkeys(GROUPS, -1)
        self._acknowledged = dict.fromkeys(GROUPS, -1)
        self._running = threading.Event()
        self._turn = threading.Lock()
        self._ended = False
        with WireClient(bootstrap) as client:  # the first question makes the topic of the commits
            client.call(FindCoordinatorRequest(coordinator_keys=list(GROUPS)), 4, FindCoordinatorResponse)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Go on committing."""
        self._running.set()

    def pause(self) -> None:
        """Return when no commit is on its way."""
        self._running.clear()
        with self._turn:
            pass

    def close(self) -> None:
        """End the thread."""
        self._ended = True
        self._running.set()
        self._thread.join()

    def check(self) -> None:
        """Ask what is committed, while paused."""
        with WireClient(self._bootstrap) as client:
            for group in GROUPS:
                told = self._fetch(client, group)
                if len(set(told)) != 1:
                    self.failures.append(f"{group}: the partitions of one commit are told apart: {told}")
                lowest, highest = min(told), max(told)
                if lowest < self._acknowledged[group] or highest > self._sent[group]:
                    self.failures.append(
                        f"{group}: committed {lowest}..{highest}, acknowledged {self._acknowledged[group]}, "
                        f"sent {self._sent[group]}"
                    )
                # What was told once must not be taken back either.
                self._acknowledged[group] = max(self._acknowledged[group], highest)

    def _run(self) -> None:
        client: WireClient | None = None
        while not self._ended:
            self._running.wait()
            with self._turn:
                if not self._running.is_set() or self._ended:
                    continue
                try:
                    client = client or WireClient(self._bootstrap, timeout_s=5)
                    for group in GROUPS:
                        self._commit(client, group)
                except (OSError, ConnectionClosed):
                    if client is not None:
                        client.close()
                    client = None
            if client is None:
                time.sleep(_RETRY_S)
        if client is not None:
            client.close()

    def _commit(self, client: WireClient, group: str) -> None:
        number = self._sent[group] + 1
        partition = OffsetCommitRequestPartition(partition_index=0, committed_offset=number, committed_metadata=str(number))
        topics = [OffsetCommitRequestTopic(name=topic, partitions=[partition]) for topic in self._topics]
        self._sent[group] = number
        response = client.call(OffsetCommitRequest(group_id=group, topics=topics), _COMMIT_VERSION, OffsetCommitResponse)
        codes = {ErrorCode(answer.error_code) for topic in response.topics for answer in topic.partitions}
        if codes == {ErrorCode.NONE}:
            self._acknowledged[group] = number
            self.commits += 1
        elif not codes <= set(_NOT_YET):
            self.failures.append(f"{group}: commit of {number} answered {sorted(code.name for code in codes)}")

    def _fetch(self, client: WireClient, group: str) -> list[int]:
        request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None)])
        deadline = time.monotonic() + _LOADING_TIMEOUT_S
        while True:
            answer = client.call(request, _FETCH_VERSION, OffsetFetchResponse).groups[0]
            code = ErrorCode(answer.error_code)
            if code not in _NOT_YET:
                break
            assert time.monotonic() < deadline, f"{group}: {code.name} for {_LOADING_TIMEOUT_S} s"
            time.sleep(_RETRY_S)
        assert code == ErrorCode.NONE, f"{group}: {code.name}"
        told = {topic.name: topic.partitions[0] for topic in answer.topics}
        for name, partition in told.items():
            with contextlib.suppress(ValueError):
                if int(partition.metadata or "") == partition.committed_offset:
                    continue
            self.failures.append(f"{group}: {name} is at {partition.committed_offset} with metadata {partition.metadata!r}")
        return [told[name].committed_offset if name in told else -1 for name in self._topics]
