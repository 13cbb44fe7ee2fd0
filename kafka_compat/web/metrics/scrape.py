"""One look at a broker: plain values, taken in slices of the event loop, so that a thread can make text of them.

Each partition and each group is as it was at its turn; nothing is kept from one scrape to the next but when the first record
that a group has not consumed was written, which does not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kafka_compat.api.context import Services
from kafka_compat.api.request_counters import ApiCounts
from kafka_compat.coordinator.transaction.values import ListFilter
from kafka_compat.ids import BrokerId
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.traffic import Traffic
from kafka_compat.metadata.image import Partition, Topic
from kafka_compat.pacing import Pace
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.server.broker import Broker
from kafka_compat.server.life import BrokerState
from kafka_compat.web.loop_watch import LoopWatch
from kafka_compat.web.metrics.lag_times import LagTimes


class PartitionRow(NamedTuple):
    """A partition; `min_isr` and all behind it are of the log here, and nothing is known of them without one."""

    topic: str
    partition: str
    leader: int
    preferred: int
    replicas: int
    isr: int
    is_here: bool
    min_isr: int = 0
    start_offset: int = -1
    high_watermark: int = -1
    end_offset: int = -1
    size_in_bytes: int = 0
    segments: int = 0
    is_offline: bool = False


class OffsetRow(NamedTuple):
    """An offset that a group has committed; `lag` is -1 where the end is not known, `lag_s` of what is all consumed 0."""

    topic: str
    partition: str
    offset: int
    lag: int
    lag_s: float


class GroupRow(NamedTuple):
    """A group that is coordinated here."""

    group: str
    kind: str
    state: str
    members: int
    offsets: list[OffsetRow]


@dataclass(slots=True)
class Scrape:
    """What was seen.

    Attributes:
        is_complete: whether there was anything to see behind the listeners: not during recovery.
        traffic: by topic, of those that are there now.
        all_traffic: of all that ever were since the start.
        transactions: transactional ids by the name of their state.
        is_loading: whether figures of groups or transactions are missing, as their coordinators load.
    """

    life: BrokerState
    node_id: int
    requests: list[ApiCounts]
    recovery_wanted: int
    recovery_opened: int
    loop_delays: list[int]
    loop_delay_s: float
    idle_share: float
    is_complete: bool = False
    is_controller: bool = False
    topics: int = 0
    brokers: list[tuple[int, str]] = field(default_factory=list)
    partitions: list[PartitionRow] = field(default_factory=list)
    traffic: dict[str, Traffic] = field(default_factory=dict)
    all_traffic: Traffic = field(default_factory=Traffic)
    groups: list[GroupRow] = field(default_factory=list)
    transactions: Mapping[str, int] = field(default_factory=dict)
    is_loading: bool = False
    loading_shards: Mapping[str, int] = field(default_factory=dict)
    connections: Mapping[str, int] = field(default_factory=dict)
    accepted: int = 0
    metadata_epoch: int = 0
    metadata_end_offset: int = 0
    compaction: tuple[int, int, int, int] = (0, 0, 0, 0)
    open_transactions: int = 0
    producers: int = 0


async def look(broker: Broker, watch: LoopWatch, lag_times: LagTimes) -> Scrape:
    """Look at the broker, whatever its state."""
    scrape = Scrape(
        life=broker.life,
        node_id=broker.settings.node_id,
        requests=broker.counters.snapshot(),
        recovery_wanted=broker.recovery.wanted,
        recovery_opened=broker.recovery.opened,
        loop_delays=list(watch.counts),
        loop_delay_s=watch.delay_s,
        idle_share=watch.idle_share,
    )
    services, sockets = broker.services, broker.sockets
    if broker.life is not BrokerState.RUNNING or services is None or sockets is None:
        return scrape
    scrape.is_complete = True
    scrape.connections = {listener.name: 0 for listener in broker.settings.listeners} | sockets.connections_by_listener()
    scrape.accepted = sockets.accepted_count
    _cluster(scrape, services)
    await _partitions(scrape, services)
    try:
        await _groups(scrape, services, lag_times)
        states: Counter[str] = Counter()
        async for listing in services.transactions.list(ListFilter()):
            states[listing.state] += 1
        scrape.transactions = states
    except KafkaError:
        scrape.is_loading = True
    return scrape


def _cluster(scrape: Scrape, services: Services) -> None:
    image, controller, cleaner = services.image, services.controller, services.logs.cleaner
    scrape.is_controller = image.controller_id == services.node_id
    scrape.topics = len(image.topics)
    scrape.brokers = [
        (broker.id, "{}:{}".format(*next(iter(broker.endpoints.values()), ("", -1)))) for broker in image.brokers.values()
    ]
    scrape.metadata_epoch = image.incarnation
    scrape.metadata_end_offset = controller.metadata_offset
    scrape.compaction = (cleaner.rounds, cleaner.bytes_before, cleaner.bytes_after, cleaner.uncleanable_count)
    scrape.loading_shards = {
        "group": len(services.groups.loading()),
        "transaction": len(services.transactions.loading()),
    }


async def _partitions(scrape: Scrape, services: Services) -> None:
    node_id, logs = services.node_id, services.logs
    scrape.all_traffic.add(logs.retired)
    pace = Pace()
    for topic in list(services.image.topics.values()):
        async for partition in pace.over(list(topic.partitions)):
            log = logs.get_by_id(topic.id, partition.id)
            scrape.partitions.append(_row(topic, partition, node_id, log))
            if log is not None:
                traffic = scrape.traffic.get(topic.name)
                if traffic is None:
                    traffic = scrape.traffic[topic.name] = Traffic()
                traffic.add(log.traffic)
                scrape.all_traffic.add(log.traffic)
                producers = log.state.producers
                scrape.producers += len(producers)
                scrape.open_transactions += producers.ongoing_count
        await pace.turn()


def _row(topic: Topic, partition: Partition, node_id: BrokerId, log: PartitionLog | None) -> PartitionRow:
    seen = (
        topic.name,
        str(partition.id),
        partition.leader,
        partition.replicas[0] if partition.replicas else -1,
        len(partition.replicas),
        len(partition.isr),
        node_id in partition.replicas,
    )
    if log is None:
        return PartitionRow(*seen, is_offline=True)
    return PartitionRow(
        *seen,
        min_isr=min(log.config.min_insync_replicas, len(partition.replicas)),
        start_offset=log.log_start_offset,
        high_watermark=log.high_watermark,
        end_offset=log.log_end_offset,
        size_in_bytes=log.size_in_bytes,
        segments=len(log.segments()),
        is_offline=log.is_offline,
    )


async def _groups(scrape: Scrape, services: Services, lag_times: LagTimes) -> None:
    groups = services.groups
    pace = Pace()
    listings = [listing async for listing in groups.list_groups(frozenset(), frozenset())]
    for listing in listings:
        group_id = listing.group_id
        members = 0
        if listing.group_type == "classic":
            members = len((await groups.describe_classic_group(group_id)).members)
        offsets: list[OffsetRow] = []
        for topic, partitions in await groups.committed_partitions(group_id):
            for fetched in await groups.fetch_offsets(group_id, topic, partitions):
                if fetched.offset >= 0:
                    log = services.logs.get(topic, fetched.partition)
                    lag, lag_s = -1, 0.0
                    if log is not None:
                        lag = max(0, log.high_watermark - fetched.offset)
                        if lag:
                            lag_s = await lag_times.since(log, fetched.offset, services.clock.wall_ms())
                    offsets.append(OffsetRow(topic, str(fetched.partition), fetched.offset, lag, lag_s))
                await pace.turn()
        scrape.groups.append(GroupRow(group_id, listing.group_type, listing.state, members, offsets))
        await pace.turn()
    lag_times.forget_unasked()
