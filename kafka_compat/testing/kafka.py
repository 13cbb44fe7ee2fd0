"""A Kafka in the test process: brokers, what is in them, faults, time and topology, in one object.

What happens, happens on the brokers' event loop, in a thread of its own; each verb here runs the part of that name there
(`inspection.py`, `faults.py`, `topology.py`, ...) and waits for it. `Kafka.aio` has those that wait, for whoever has a loop.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self, TypeVar
from weakref import finalize

from kafka_compat.testing.lookups import Lookup
from kafka_compat.testing.options import ClockName, ConfigValue, KafkaOptions, Node, TopicSpec

if TYPE_CHECKING:
    from kafka_compat.testing.access import AccessControl
    from kafka_compat.testing.acls import Acl
    from kafka_compat.testing.action import Action
    from kafka_compat.testing.aio import AsyncKafka
    from kafka_compat.testing.clock_control import ClockControl
    from kafka_compat.testing.cluster import Cluster
    from kafka_compat.testing.faults import Fault, Faults
    from kafka_compat.testing.found import Match
    from kafka_compat.testing.inspection import Inspection
    from kafka_compat.testing.matching import When
    from kafka_compat.testing.requests import RequestLog
    from kafka_compat.testing.snapshots import Snapshot, Snapshots
    from kafka_compat.testing.throw_away_ca import Tls
    from kafka_compat.testing.topology import BrokerHandle, Topology
    from kafka_compat.testing.views import GroupView, HeadersLike, Isolation, ProducerView, Record, TopicView, TransactionView
    from kafka_compat.testing.waits import InVain, Waits

# How long a wait takes at most unless it is told otherwise.
WAIT_S: Final = 5.0
_GRACE_S: Final = 10.0

T = TypeVar("T")


class Kafka:
    """A Kafka for a test.

    >>> with Kafka(topics={"orders": 3}) as kafka:
    ...     producer = Producer(kafka.config("confluent"))  # doctest: +SKIP

    It starts with `with`, `async with` or `start`; all else needs it running.

    Args:
        brokers: how many, with node ids 1, 2, ...; or one `Node` for each. Several replicate: unless `configs` say otherwise,
            topics have as many replicas as there are brokers, and three at most.
        topics: topic name to its number of partitions, or to a `TopicSpec`; made before the cluster is handed over.
        configs: broker configs by Kafka's names. What suits tests stands in place of Kafka's defaults for
            `group.initial.rebalance.delay.ms` (0) and the number of partitions of internal topics (5).
        clock: "manual" for time that stands still but for `clock.advance`.
        data_dir: keep the data in this folder instead of in memory; one of an earlier run is taken up where that ended.
        auto_create: whether a topic is made when a client first asks for it (`auto.create.topics.enable`).
        cluster_id: instead of a random one.
        api_versions: API name to the versions it is limited to, as (lowest, highest), highest, or None for an API that is not
            there: the view of an older client or broker.
        users: name to password: clients have to say who they are, by SASL (PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512).
        acls: what they may do, of `allow` and `deny`; nobody may do more. Without it everybody may do everything.
        super_users: names of users who may do everything all the same.
        tls: connections are enciphered, with certificates that are made for the process (it needs cryptography), or with
            files of your own, `Tls(...)`.

    Raises:
        TypeError, ValueError: an argument is not allowed; the message says what is.
        RuntimeError: (from all others) the cluster is not running.
    """

    def __init__(
        self,
        *,
        brokers: int | Sequence[Node] = 1,
        topics: Mapping[str, int | TopicSpec] | None = None,
        configs: Mapping[str, ConfigValue] | None = None,
        clock: ClockName = "real",
        data_dir: Path | str | None = None,
        auto_create: bool = True,
        cluster_id: str | None = None,
        api_versions: Mapping[str, tuple[int, int] | int | None] | None = None,
        users: Mapping[str, str] | None = None,
        acls: Sequence[Acl] | None = None,
        super_users: Sequence[str] | None = None,
        tls: bool | Tls = False,
    ) -> None:
        # The first one imports the broker: who only collects tests, or has this in a signature, does not wait for it.
        from kafka_compat.testing.changes import Changes
        from kafka_compat.testing.cluster import Cluster
        from kafka_compat.testing.requests import RequestLog

        self._options = KafkaOptions(
            brokers=brokers,
            topics=_copied(topics),
            configs=_copied(configs),
            clock=clock,
            data_dir=Path(data_dir) if isinstance(data_dir, str) else data_dir,
            auto_create=auto_create,
            cluster_id=cluster_id,
            api_versions=_copied(api_versions),
            users=None if users is None else _copied(users),
            acls=tuple(acls) if isinstance(acls, list) else acls,
            super_users=super_users,
            tls=tls,
        )
        self._cluster = Cluster.of(self._options)
        self._changes = Changes(self._cluster)
        # Nothing of a running cluster knows its Kafka: when that is forgotten, it is stopped.
        finalize(self, _forgotten, self._cluster).atexit = False
        self._faults: Faults | None = None
        # From the start, as it has all requests.
        self._requests = RequestLog(self._cluster)
        self._topology: Topology | None = None
        self._inspection: Inspection | None = None
        self._waits: Waits | None = None

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Kafka stays in its process: others need its bootstrap_servers only")

    @classmethod
    def of(cls, options: KafkaOptions) -> Self:
        """A cluster with these options."""
        return cls(**{field.name: getattr(options, field.name) for field in fields(options)})

    # --- life

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._cluster.__exit__(kind, error, trace)

    async def __aenter__(self) -> Self:
        await self._cluster.start_async()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._cluster.__aexit__(kind, error, trace)

    def start(self) -> None:
        """Start all brokers; returns when they serve."""
        self._cluster.start()

    def stop(self) -> None:
        """Stop all; a no-op when it is stopped. No thread, task, port or open file is left.

        Raises what has failed in a function of the test that was called meanwhile, such as the `when` of a fault.
        """
        self._cluster.stop()

    def reset(self) -> None:
        """Go back to what the constructor made.

        Connections are closed; topics, groups, transactions, faults, stopped brokers and the request log are as in the
        beginning, topic ids are new, ports stay, and producer ids keep rising. A manual clock stands where it stood. Clients
        that are made after it work at once; one that lives on connects again, but keeps what it has in memory: records that it
        has fetched, and positions in topics that are others now.

        Raises:
            RuntimeError: it was started on the data of an earlier run (`data_dir`), which would be lost: restore a snapshot.
        """
        self._run(self._cluster.reset())
        self._requests.clear()

    def snapshot(self, folder: Path | str | None = None) -> Snapshot:
        """What is in the cluster now, for `restore`; in `folder` too, which may be committed as a fixture.

        Records, groups' offsets, transactions, configs, ids of topics and producers, users and rights, quotas; not the
        brokers, nor members of groups. No password is written into a folder: users who were added come in by SCRAM from there.
        `snapshot_folder.py` describes the folder.

        Raises:
            ValueError: the folder holds something else than a snapshot.
        """
        return self._run(self._snapshots.take(None if folder is None else Path(folder)))

    def restore(self, snapshot: Snapshot | Path | str) -> None:
        """Replace what is in the cluster by a snapshot, or by one in a folder; otherwise as `reset`.

        Members of groups are gone, as nobody heartbeats for them, transactions that were open are open, and leader epochs rise.

        Raises:
            ValueError: it cannot be read, or has replicas on brokers that this cluster has not; nothing has happened then.
        """
        self._run(self._snapshots.restore(Path(snapshot) if isinstance(snapshot, str) else snapshot))

    # --- where it is

    @property
    def cluster(self) -> Cluster:
        """The engine: brokers and their event loop."""
        return self._cluster

    @property
    def options(self) -> KafkaOptions:
        """What it was made with."""
        return self._options

    @property
    def bootstrap_servers(self) -> str:
        """`host:port` of every broker, for `bootstrap.servers`."""
        return self._cluster.bootstrap

    def config(self, client: str, *, user: str | None = None, mechanism: str = "SCRAM-SHA-512", **extra: Any) -> dict[str, Any]:
        """Settings for a client: "confluent", "kafka-python", "aiokafka", "java" or "kafkajs", with `extra` added.

        Args:
            client: its name.
            user: who it is, in a Kafka with users; need not be said where there is one only.
            mechanism: how it says so: "PLAIN", "SCRAM-SHA-256" or "SCRAM-SHA-512".
            extra: more settings.

        Raises:
            ValueError: the client, the user or the mechanism is not known.
        """
        from kafka_compat.testing.client_configs import client_config
        from kafka_compat.testing.client_security import client_security

        security = client_security(client, self._cluster, user, mechanism)
        return client_config(client, self.bootstrap_servers, {**security, **extra})

    # --- who may come in, and do what

    @property
    def users(self) -> list[str]:
        """Names of those who may come in."""
        return self._run(self.access.users())

    def add_user(self, name: str, password: str) -> None:
        """Let somebody in, or give him another password.

        Raises:
            ValueError: this Kafka was not made with `users`.
        """
        self._run(self.access.put_user(name, password))

    def remove_user(self, name: str) -> None:
        """Let somebody in no more; his open connections stay.

        Raises:
            ValueError: there is none of that name.
        """
        self._run(self.access.remove_user(name))

    @property
    def acls(self) -> list[Acl]:
        """What users may and may not do, also by the requests of clients; one for each operation."""
        return self._run(self.access.acls())

    def allow(self, user: str, *operations: str, **what: Any) -> Acl:
        """Let a user do it from now on: `kafka.allow("alice", "read", topic="orders")`; arguments as of `acls.allow`.

        Raises:
            ValueError: it cannot be meant so, or this Kafka was not made with `acls`.
        """
        from kafka_compat.testing.acls import allow

        return self._run(self.access.add_acl(allow(user, *operations, **what)))

    def deny(self, user: str, *operations: str, **what: Any) -> Acl:
        """Forbid it to a user from now on, whatever allows it; otherwise as `allow`."""
        from kafka_compat.testing.acls import deny

        return self._run(self.access.add_acl(deny(user, *operations, **what)))

    def remove_acl(self, acl: Acl) -> None:
        """Take away what `allow` or `deny` gave.

        Raises:
            ValueError: it is not there.
        """
        self._run(self.access.remove_acl(acl))

    @property
    def aio(self) -> AsyncKafka:
        """The verbs that wait, as coroutines, for any event loop."""
        from kafka_compat.testing.aio import AsyncKafka

        return AsyncKafka(self)

    @property
    def clock(self) -> ClockControl:
        """`wall_ms()`, and `advance(by_ms, keep_sessions=False)` with a manual clock."""
        from kafka_compat.testing.clock_control import ClockControl

        return ClockControl(self._cluster)

    # --- what is in it

    def create_topic(
        self,
        name: str,
        partitions: int = 1,
        *,
        replication_factor: int | None = None,
        configs: Mapping[str, ConfigValue] | None = None,
    ) -> TopicView:
        """Make a topic; clients can use it when this returns.

        Raises:
            KafkaError: as CreateTopics answers.
        """
        return self._run(self.inspection.create_topic(name, partitions, replication_factor=replication_factor, configs=configs))

    def delete_topic(self, name: str) -> None:
        """Delete a topic.

        Raises:
            KafkaError: UNKNOWN_TOPIC_OR_PARTITION.
        """
        self._run(self.inspection.delete_topic(name))

    def produce(
        self,
        topic: str,
        value: bytes | str | None,
        *,
        key: bytes | str | None = None,
        headers: HeadersLike = (),
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> Record:
        """Append a record by the leader's Produce, with acks=all, and return it as it is in the log.

        No client has asked for it: no fault hits it, and it is not among the `requests`.

        Args:
            topic: made when it is not there, if `auto_create` is true.
            value: a str is UTF-8 in the record; None is a tombstone.
            key: the same.
            headers: a mapping, or pairs, as names may repeat.
            partition: where not given, the one that Kafka's producers choose for the key (murmur2); without a key one after
                the other, from 0 on.
            timestamp_ms: of creation; now where not given.

        Raises:
            KafkaError: as Produce answers; UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE.
        """
        return self._run(
            self.inspection.produce(topic, value, key=key, headers=headers, partition=partition, timestamp_ms=timestamp_ms)
        )

    def records(self, topic: str, *, partition: int | None = None, isolation: Isolation = "committed") -> list[Record]:
        """All records of a topic, by partition and offset, but control records; an unknown topic has none.

        Args:
            topic: internal ones too.
            partition: only this one.
            isolation: "committed" is what a consumer with read_committed gets: nothing of aborted transactions, and nothing
                behind the first record of an open one; "uncommitted" what one without gets; "all" what is in the leader's log,
                also above the high watermark.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        return self._run(self.inspection.records(topic, partition=partition, isolation=isolation))

    def batches(self, topic: str, partition: int = 0) -> list[bytes]:
        """The batches of a partition's log, byte for byte, control batches too."""
        return self._run(self.inspection.batches(topic, partition))

    @property
    def topics(self) -> Mapping[str, TopicView]:
        """Topics by name, internal ones too."""
        return Lookup("topic", self._run(self.inspection.topics()))

    @property
    def groups(self) -> Mapping[str, GroupView]:
        """Groups by id."""
        return Lookup("group", self._run(self.inspection.groups()))

    @property
    def transactions(self) -> Mapping[str, TransactionView]:
        """Transactional ids with what is known of them."""
        return Lookup("transactional id", self._run(self.inspection.transactions()))

    def producers(self) -> list[ProducerView]:
        """Idempotent and transactional producers that partitions know."""
        return self._run(self.inspection.producers())

    # --- waits: each says in its TimeoutError what was there instead

    def wait_for_records(
        self,
        topic: str,
        count: int = 1,
        *,
        where: Match | None = None,
        isolation: Isolation = "committed",
        timeout_s: float = WAIT_S,
    ) -> list[Record]:
        """Wait until `count` records (for which `where` holds) are in a topic, and return all there are, as `records` would.

        Args:
            topic: need not exist yet.
            count: at least so many.
            where: called in the brokers' thread: it must not call verbs of `Kafka`.
            isolation: as for `records`.
            timeout_s: of real time.

        Raises:
            TimeoutError: the message says which came, and which are in transactions.
            RuntimeError: the cluster was stopped or reset meanwhile.
        """
        return self._wait(
            self.waits.for_records(topic, count, where=where, isolation=isolation, timeout_s=timeout_s), timeout_s
        )

    def wait_for_assignment(self, group: str, *, members: int | None = None, timeout_s: float = WAIT_S) -> GroupView:
        """Wait until a group is stable, has that many members (at least one), and each has its assignment and begins there.

        A record that is produced when this returns will be read, also by consumers that read from latest: each partition of the
        topics that they subscribe to has a member, and for each the group has committed an offset, or the member has asked
        where the partition begins or ends. Consumers have to be polled for that, in another thread or coroutine. A group of
        another protocol than consumers' need only be stable.

        Raises:
            TimeoutError: the message says who is in the group, with what, and what is missing.
            RuntimeError: the cluster was stopped or reset meanwhile.
        """
        return self._wait(self.waits.for_assignment(group, members=members, timeout_s=timeout_s), timeout_s)

    def wait_until_consumed(self, group: str, *, topic: str | None = None, timeout_s: float = WAIT_S) -> None:
        """Wait until no record is left for a group in the topic, or in all partitions that it has committed an offset of.

        What counts are committed offsets. End markers of transactions and aborted records need not be consumed.

        Raises:
            TimeoutError: the message says where it is behind, and why if that is known.
            RuntimeError: the cluster was stopped or reset meanwhile.
        """
        self._wait(self.waits.until_consumed(group, topic=topic, timeout_s=timeout_s), timeout_s)

    def wait_for(self, predicate: Callable[[], object], *, timeout_s: float = WAIT_S) -> None:
        """Wait until `predicate` is true; it is called in this thread, when something has happened in the cluster.

        Something has happened when a request began or ended, records or markers came, a timer of a group or a transaction
        fired, or topics, configs, brokers or leaders changed; what only happens in the test process has to be waited for
        otherwise. What is not in `topics`, `groups`, `transactions` or `brokers` yet need not be asked for with care: a
        predicate that raises their KeyError is not true yet.

        Raises:
            TimeoutError: the message says which predicate, and what it gave last.
            RuntimeError: the cluster was stopped or reset meanwhile.
        """
        from kafka_compat.testing.waits import InVain, until

        try:
            until(self.waits, self._cluster, predicate, timeout_s)
        except InVain as error:
            self._explain(error)
            raise

    @contextmanager
    def assert_produces(
        self, topic: str, count: int = 1, *, where: Match | None = None, timeout_s: float = WAIT_S
    ) -> Iterator[list[Record]]:
        """Fail unless the block leads to exactly `count` new records in a topic; the list has them after the block.

        Records of transactions count when these are committed. After the block missing ones are waited for; one too many fails
        when it has come by the time that the brokers are done with what they were asked. An exception of the block passes.

        Raises:
            AssertionError: the message says which records came.
        """
        before = self._run(self.waits.mark(topic))
        produced: list[Record] = []
        yield produced
        produced += self._wait(self.waits.exactly(topic, count, since=before, where=where, timeout_s=timeout_s), timeout_s)

    # --- faults

    def fail(
        self,
        api: str | Sequence[str],
        what: str | int | Action,
        *,
        broker: int | Collection[int] | None = None,
        topic: str | None = None,
        partition: int | Collection[int] | None = None,
        group: str | None = None,
        transactional_id: str | None = None,
        client_id: str | None = None,
        times: int | None = 1,
        on_call: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        when: When | None = None,
        must_fire: bool = True,
    ) -> Fault:
        """Let requests go wrong.

        Args:
            api: name of the API, such as "Produce", or several; "*" for all.
            what: an error code's name, or what `kafka_compat.testing.actions` makes.
            broker: only requests to the broker of this node id, or of one of several.
            topic: only of requests, and of their parts, that name this topic.
            partition: the same of a partition, or of one of several.
            group: only requests of this group.
            transactional_id: only requests of this transactional id.
            client_id: only requests with this client id.
            times: how often; None is always.
            on_call: only the n-th of the requests that match, from 1; `times` counts on from there.
            probability: of each that matches.
            seed: of the generator that draws them, so that a run can be repeated.
            when: only requests for which this is true; called on the brokers' loop.
            must_fire: whether `unfired` names it when it has never fired.
        """
        return self.faults.add(
            api,
            what,
            broker=broker,
            topic=topic,
            partition=partition,
            group=group,
            transactional_id=transactional_id,
            client_id=client_id,
            times=times,
            on_call=on_call,
            probability=probability,
            seed=seed,
            when=when,
            must_fire=must_fire,
        )

    @property
    def faults(self) -> Faults:
        """All faults: iterate, `clear()`, `unfired()`; `faults.disk` those of the file system."""
        if self._faults is None:
            from kafka_compat.testing.faults import Faults

            self._faults = Faults(self._cluster)
        return self._faults

    # --- requests

    @property
    def requests(self) -> RequestLog:
        """What clients have asked: `of(...)`, `last(n)`, `wait_for(...)`, and each request with its bodies and errors."""
        return self._requests

    # --- topology

    @property
    def brokers(self) -> Mapping[int, BrokerHandle]:
        """Brokers by node id, stopped ones too."""
        return self.topology.brokers

    @property
    def topology(self) -> Topology:
        """Leaders, in-sync replicas, coordinators and the controller, and what moves them."""
        if self._topology is None:
            from kafka_compat.testing.topology import Topology

            self._topology = Topology(self._cluster, lambda: self.faults)
        return self._topology

    # --- when a test has failed

    def report(self, *, requests: int = 20) -> str:
        """What is there, what did not happen, and the likely cause, as text for people."""
        from kafka_compat.testing.diagnosis import report

        return report(self, requests)

    def leaks(self, *, grace_s: float = 1.0) -> list[str]:
        """What clients have left: open transactions, members that never left, connections; a sentence each.

        Args:
            grace_s: how long to wait for clients that are on their way out; it returns as soon as nothing is left.
        """
        from kafka_compat.testing.diagnosis import leaks

        return leaks(self, grace_s)

    # --- the parts, on the brokers' event loop

    @property
    def access(self) -> AccessControl:
        """Users and rights."""
        from kafka_compat.testing.access import AccessControl

        return AccessControl(self._cluster)

    @property
    def inspection(self) -> Inspection:
        """Produces and reads."""
        if self._inspection is None:
            from kafka_compat.testing.inspection import Inspection

            self._inspection = Inspection(self._cluster)
        return self._inspection

    @property
    def waits(self) -> Waits:
        """Waits for what happens."""
        if self._waits is None:
            from kafka_compat.testing.waits import Waits

            self._waits = Waits(self._cluster, self.inspection, self._changes)
        return self._waits

    @property
    def _snapshots(self) -> Snapshots:
        from kafka_compat.testing.snapshots import Snapshots

        return Snapshots(self._cluster)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._cluster.run(work)

    def _wait(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """The work has its own time limit, and says what was there when it is over."""
        from kafka_compat.testing.arguments import seconds
        from kafka_compat.testing.waits import InVain

        try:
            limit_s = seconds("timeout_s", timeout_s) + _GRACE_S
        except (TypeError, ValueError):
            work.close()
            raise
        try:
            return self._cluster.run(work, limit_s)
        except InVain as error:
            self._explain(error)
            raise

    def _explain(self, error: InVain) -> None:
        from kafka_compat.testing.explanation import blame_loop, explain

        blame_loop(error)
        explain(self, error)


def _copied(given: Mapping[str, T] | None) -> Mapping[str, T]:
    """What the caller may go on changing; what is no mapping is refused where it is checked."""
    if given is None:
        return {}
    return dict(given) if isinstance(given, Mapping) else given


def _forgotten(cluster: Cluster) -> None:
    if cluster.is_running:
        warnings.warn(
            f"a Kafka at {cluster.bootstrap} was never stopped: use `with`, or call stop()", ResourceWarning, stacklevel=1
        )
        cluster.let_go()
