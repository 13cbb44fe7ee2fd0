"""Kafka's own metrics, spelled as the JMX exporter does with Strimzi's rules: what most Kafka dashboards read.

What is deliberately not here: of a request, the times in remote, responsequeue and responsesend, and what is local of them: a
request is one piece of work here, measured from its turn to its answer. `totaltimems` is that; the wait before is
`requestqueuetimems`. Quantiles are those of the last minutes, as exact as buckets that double allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client.core import Metric

from kafka_compat.log.traffic import Traffic
from kafka_compat.protocol.registry import API_NAMES
from kafka_compat.web.metrics.latencies import QUANTILES, Recent, quantile
from kafka_compat.web.metrics.metric import Samples, counter, gauge, value
from kafka_compat.web.metrics.scrape import PartitionRow, Scrape

_TOPIC: Final[tuple[tuple[str, str, Callable[[Traffic], int]], ...]] = (
    ("messagesin", "Records appended.", lambda traffic: traffic.messages_in),
    ("bytesin", "Bytes of batches appended.", lambda traffic: traffic.bytes_in),
    ("bytesout", "Bytes of batches fetched.", lambda traffic: traffic.bytes_out),
    ("totalproducerequests", "Partitions named in produce requests.", lambda traffic: traffic.produces),
    ("totalfetchrequests", "Partitions named in fetch requests.", lambda traffic: traffic.fetches),
    ("failedproducerequests", "Those that failed as nobody expects.", lambda traffic: traffic.failed_produces),
    ("failedfetchrequests", "Those that failed as nobody expects.", lambda traffic: traffic.failed_fetches),
    # Nothing is converted: clients speak message format 2.
    ("producemessageconversions", "Records converted.", lambda traffic: 0),
    ("fetchmessageconversions", "Records converted.", lambda traffic: 0),
)

_LOG: Final[tuple[tuple[str, str, Callable[[PartitionRow], int]], ...]] = (
    ("size", "Bytes of all segments.", lambda row: row.size_in_bytes),
    ("logstartoffset", "First offset that can be read.", lambda row: row.start_offset),
    ("logendoffset", "Offset of the next record.", lambda row: row.end_offset),
    ("numlogsegments", "Segments.", lambda row: row.segments),
)

_PARTITION: Final[tuple[tuple[str, str, Callable[[PartitionRow], int]], ...]] = (
    ("underreplicated", "Whether replicas are not in sync.", lambda row: row.isr < row.replicas),
    ("underminisr", "Whether fewer are in sync than min.insync.replicas.", lambda row: row.isr < row.min_isr),
    ("atminisr", "Whether as many are in sync as min.insync.replicas.", lambda row: row.isr == row.min_isr),
    ("insyncreplicascount", "Replicas in sync.", lambda row: row.isr),
    ("replicascount", "Replicas.", lambda row: row.replicas),
)

_NONE_HERE: Final = "Always 0: this broker never does so."


def families(scrape: Scrape, recent: Recent) -> Iterator[Metric]:
    """All of them; what is behind the listeners once the broker serves."""
    yield value("kafka_server_kafkaserver_brokerstate", "Kafka's BrokerState: 1, 2 recovery, 3 runs, 7.", scrape.life)
    yield from _requests(scrape, recent)
    yield gauge(
        "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent",
        "Share of the last minute, 0 to 1, in which the event loop used no processor.",
        [({}, scrape.idle_share)],
    )
    yield gauge(
        "kafka_network_socketserver_networkprocessoravgidle_percent", "The same: it is one loop.", [({}, scrape.idle_share)]
    )
    yield value("kafka_log_logmanager_remaininglogstorecover", "At a start.", scrape.recovery_wanted - scrape.recovery_opened)
    if not scrape.is_complete:
        return
    yield gauge(
        "kafka_server_socket_server_metrics_connection_count",
        "Open connections.",
        [({"listener": name, "networkProcessor": "0"}, count) for name, count in scrape.connections.items()],
    )
    for name, text, of in _TOPIC:
        yield counter(f"kafka_server_brokertopicmetrics_{name}_total", text, _by_topic(scrape, of))
    yield from _replicas(scrape)
    yield from _controller(scrape)
    for name, text, of_row in _LOG:
        yield gauge(f"kafka_log_log_{name}", text, _by_partition(scrape, of_row))
    for name, text, of_row in _PARTITION:
        yield gauge(f"kafka_cluster_partition_{name}", text, _by_partition(scrape, of_row))
    yield from _groups(scrape)
    yield from _quorum(scrape)


def _requests(scrape: Scrape, recent: Recent) -> Iterator[Metric]:
    counts = scrape.requests
    yield counter(
        "kafka_network_requestmetrics_requests_total",
        "Requests.",
        [({"request": API_NAMES[each.api_key]}, each.requests) for each in counts],
    )
    yield counter(
        "kafka_network_requestmetrics_requestbytes_total",
        "Bytes of requests.",
        [({"request": API_NAMES[each.api_key]}, each.request_bytes) for each in counts],
    )
    yield counter(
        "kafka_network_requestmetrics_responsebytes_total",
        "Bytes of responses.",
        [({"request": API_NAMES[each.api_key]}, each.answer_bytes) for each in counts],
    )
    total = Metric("kafka_network_requestmetrics_totaltimems", "Milliseconds from a request's turn to its answer.", "summary")
    queue = Metric("kafka_network_requestmetrics_requestqueuetimems", "Milliseconds that a request waits before.", "summary")
    for each in counts:
        before = recent.before(each.api_key)
        labels = {"request": API_NAMES[each.api_key]}
        for metric, histogram, earlier, sum_ns in (
            (total, each.histogram, () if before is None else before.histogram, each.duration_ns),
            (queue, each.queue_histogram, () if before is None else before.queue_histogram, each.queue_ns),
        ):
            for share, text in QUANTILES:
                metric.add_sample(metric.name, {**labels, "quantile": text}, quantile(histogram, earlier, share) / 1e6)
            metric.add_sample(f"{metric.name}_count", labels, each.requests)
            metric.add_sample(f"{metric.name}_sum", labels, sum_ns / 1e6)
    yield total
    yield queue


def _by_topic(scrape: Scrape, of: Callable[[Traffic], int]) -> Samples:
    yield {}, of(scrape.all_traffic)
    for topic, traffic in scrape.traffic.items():
        yield {"topic": topic}, of(traffic)


def _by_partition(scrape: Scrape, of: Callable[[PartitionRow], int]) -> Samples:
    for row in scrape.partitions:
        if row.is_here:
            yield {"topic": row.topic, "partition": row.partition}, of(row)


def _replicas(scrape: Scrape) -> Iterator[Metric]:
    here = [row for row in scrape.partitions if row.is_here]
    led = [row for row in here if row.leader == scrape.node_id]
    for name, text, number in (
        ("leadercount", "Partitions that this broker leads.", len(led)),
        ("partitioncount", "Partitions that this broker has.", len(here)),
        ("offlinereplicacount", "Those whose log the medium does not serve.", sum(row.is_offline for row in here)),
        ("underreplicatedpartitions", "Led partitions with replicas not in sync.", sum(row.isr < row.replicas for row in led)),
        ("underminisrpartitioncount", "Led partitions below min.insync.replicas.", sum(row.isr < row.min_isr for row in led)),
        ("atminisrpartitioncount", "Led partitions at min.insync.replicas.", sum(row.isr == row.min_isr for row in led)),
        ("reassigningpartitions", _NONE_HERE, 0),
    ):
        yield value(f"kafka_server_replicamanager_{name}", text, number)
    for name in ("isrshrinks", "isrexpands", "failedisrupdates"):
        yield value(f"kafka_server_replicamanager_{name}_total", _NONE_HERE, 0, "counter")


def _controller(scrape: Scrape) -> Iterator[Metric]:
    partitions = scrape.partitions
    for name, text, number in (
        ("activecontrollercount", "Whether this broker is the controller.", int(scrape.is_controller)),
        ("activebrokercount", "Brokers.", len(scrape.brokers)),
        ("fencedbrokercount", _NONE_HERE, 0),
        ("globaltopiccount", "Topics.", scrape.topics),
        ("globalpartitioncount", "Partitions.", len(partitions)),
        ("offlinepartitionscount", "Partitions without a leader.", sum(row.leader < 0 for row in partitions)),
        (
            "preferredreplicaimbalancecount",
            "Partitions that their first replica does not lead.",
            sum(row.leader != row.preferred for row in partitions),
        ),
        ("metadataerrorcount", _NONE_HERE, 0),
    ):
        yield value(f"kafka_controller_kafkacontroller_{name}", text, number)
    yield value("kafka_controller_controllerstats_uncleanleaderelections_total", _NONE_HERE, 0, "counter")


def _groups(scrape: Scrape) -> Iterator[Metric]:
    if scrape.is_loading:
        return
    prefix = "kafka_coordinator_group_groupmetadatamanager_numgroups"
    yield value(prefix, "Groups that this broker coordinates.", len(scrape.groups))
    for state in ("PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "Empty"):
        count = sum(row.state == state for row in scrape.groups)
        yield value(f"{prefix}{state.lower()}", f"Those in state {state}.", count)


def _quorum(scrape: Scrape) -> Iterator[Metric]:
    """Of the metadata log, which one node writes: as DescribeQuorum tells."""
    for name, text, number in (
        ("current_leader", "Node id.", scrape.node_id if scrape.is_controller else -1),
        ("current_epoch", "Rises with each start.", scrape.metadata_epoch),
        ("current_vote", _NONE_HERE, 0),
        ("high_watermark", "Of the metadata log.", scrape.metadata_end_offset),
        ("log_end_offset", "Of the metadata log.", scrape.metadata_end_offset),
    ):
        yield value(f"kafka_server_raftmetrics_{name}", text, number)
