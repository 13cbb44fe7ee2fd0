"""What a test cluster is made with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from kafka_compat.testing.acls import Acl
    from kafka_compat.testing.throw_away_ca import Tls

ConfigValue = str | int | float
ClockName = Literal["real", "manual"]
VersionLimit = tuple[int, int] | int | None


class Node(NamedTuple):
    """One broker of a cluster.

    Attributes:
        id: its node id.
        port: on 127.0.0.1; 0 takes a free one, which the cluster keeps over `reset` and when the broker is stopped and started.
        rack: `broker.rack`.
    """

    id: int
    port: int = 0
    rack: str | None = None


class TopicSpec(NamedTuple):
    """A topic of a cluster.

    Attributes:
        partitions: how many.
        replication_factor: how many brokers hold each; None is `default.replication.factor`.
        configs: topic configs by Kafka's names.
        records: (key, value) of records that are in it from the start, in partitions as `Kafka.produce` chooses them.
    """

    partitions: int = 1
    replication_factor: int | None = None
    configs: Mapping[str, ConfigValue] = MappingProxyType({})
    records: Sequence[tuple[bytes | str | None, bytes | str | None]] = ()


@dataclass(frozen=True, slots=True)
class KafkaOptions:
    """The arguments of `Kafka`, which explains them; `Kafka.of` makes one with them."""

    brokers: int | Sequence[Node] = 1
    topics: Mapping[str, int | TopicSpec] = field(default_factory=dict)
    configs: Mapping[str, ConfigValue] = field(default_factory=dict)
    clock: ClockName = "real"
    data_dir: Path | None = None
    auto_create: bool = True
    cluster_id: str | None = None
    api_versions: Mapping[str, VersionLimit] = field(default_factory=dict)
    users: Mapping[str, str] | None = field(default=None, repr=False)
    acls: Sequence[Acl] | None = None
    super_users: Sequence[str] | None = None
    tls: bool | Tls = False
