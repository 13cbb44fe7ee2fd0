"""The change records of the cluster metadata log, and their stored form.

Each record of the log is one change: the record's key is the change's type name, its value a JSON object of its fields
(readable in a dump, and a field can be added later: a reader takes a missing field's default and refuses an unknown type, so
a newer log is never half understood). Ids are 16 bytes in memory and base64url in JSON, as Kafka prints them.

Changes are told apart by type: as named tuples, two of different types with the same fields are equal.
Epochs are absolute everywhere but in `BrokerIncarnation.raise_leader_epochs_by`, which spares a record per partition at start.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import NamedTuple

from kafka_compat.ids import BrokerId, PartitionId, TopicId, TopicName


class ClusterCreated(NamedTuple):
    """The cluster got its id; the first record of every metadata log."""

    cluster_id: str


class BrokerIncarnation(NamedTuple):
    """A broker process began; all leader epochs rise, so that clients see a new term."""

    number: int
    raise_leader_epochs_by: int


class BrokerRegistered(NamedTuple):
    """A broker is up, and this is where clients reach it: by listener name, host and port."""

    id: BrokerId
    endpoints: dict[str, tuple[str, int]]
    rack: str | None


class BrokerFenced(NamedTuple):
    """A broker is down; it stays registered."""

    id: BrokerId


class BrokerUnregistered(NamedTuple):
    """A broker is gone for good."""

    id: BrokerId


class ControllerMoved(NamedTuple):
    """Another broker is the controller."""

    id: BrokerId
    epoch: int


class TopicCreated(NamedTuple):
    """A topic with its replicas per partition, the preferred leader first; leads over and replaces one of the same name.

    `in_sync` are the replicas of each that are up, the leader first; None: all of them.
    """

    name: TopicName
    id: TopicId
    assignments: list[list[BrokerId]]
    leader_epochs: list[int]
    partition_epochs: list[int]
    in_sync: list[list[BrokerId]] | None = None


class TopicGrown(NamedTuple):
    """Partitions added behind the existing ones; `in_sync` as in `TopicCreated`."""

    name: TopicName
    assignments: list[list[BrokerId]]
    in_sync: list[list[BrokerId]] | None = None


class TopicDeleted(NamedTuple):
    """A topic is gone."""

    name: TopicName
    id: TopicId


class PartitionChanged(NamedTuple):
    """All that is known of one partition after a change: see `image.Partition`."""

    name: TopicName
    partition: PartitionId
    replicas: list[BrokerId]
    isr: list[BrokerId]
    leader: BrokerId
    leader_epoch: int
    partition_epoch: int
    elr: Sequence[BrokerId] = ()
    last_known_elr: Sequence[BrokerId] = ()
    adding: Sequence[BrokerId] = ()
    removing: Sequence[BrokerId] = ()


class ConfigsChanged(NamedTuple):
    """All overrides of one resource after the change; empty when none are left."""

    resource_type: int
    name: str
    configs: dict[str, str]

    def __repr__(self) -> str:
        """Without values: some are passwords."""
        return f"ConfigsChanged({self.resource_type}, {self.name!r}, {sorted(self.configs)})"


class FeatureChanged(NamedTuple):
    """The level of one feature after UpdateFeatures."""

    name: str
    level: int


class ProducerIdsReserved(NamedTuple):
    """Producer ids below `next_producer_id` may have been given out."""

    next_producer_id: int


class ScramCredentialSet(NamedTuple):
    """What a user's password is checked by; `mechanism` is a code of Kafka's ScramMechanism: 1 SHA-256, 2 SHA-512."""

    user: str
    mechanism: int
    salt: bytes
    stored_key: bytes
    server_key: bytes
    iterations: int

    def __repr__(self) -> str:
        """Without keys, which are as secret as a password."""
        return f"ScramCredentialSet({self.user!r}, mechanism={self.mechanism}, iterations={self.iterations})"


class ScramCredentialRemoved(NamedTuple):
    """The user has no password for the mechanism any more."""

    user: str
    mechanism: int


class AclAdded(NamedTuple):
    """An access control entry: see `image.Acl`. Ids are 16 bytes."""

    id: bytes
    resource_type: int
    resource_name: str
    pattern_type: int
    principal: str
    host: str
    operation: int
    permission: int


class AclRemoved(NamedTuple):
    """The entry is gone."""

    id: bytes


class ClientQuotasChanged(NamedTuple):
    """All quotas of one entity after the change; empty when none are left.

    `entity` has a pair of type (`user`, `client-id`, `ip`) and name for each of its parts, sorted; None is the default's name.
    """

    entity: Sequence[tuple[str, str | None]]
    quotas: dict[str, float]


class DelegationTokenSet(NamedTuple):
    """A delegation token (KIP-48) as it is after it was made or its expiry changed; principals as `type:name`."""

    token_id: str
    owner: str
    requester: str
    renewers: Sequence[str]
    issued_ms: int
    expires_ms: int
    max_ms: int


class DelegationTokenRemoved(NamedTuple):
    """The token is gone."""

    token_id: str


Change = (
    ClusterCreated
    | BrokerIncarnation
    | BrokerRegistered
    | BrokerFenced
    | BrokerUnregistered
    | ControllerMoved
    | TopicCreated
    | TopicGrown
    | TopicDeleted
    | PartitionChanged
    | ConfigsChanged
    | FeatureChanged
    | ProducerIdsReserved
    | ScramCredentialSet
    | ScramCredentialRemoved
    | AclAdded
    | AclRemoved
    | ClientQuotasChanged
    | DelegationTokenSet
    | DelegationTokenRemoved
)

_TYPES: dict[str, type[Change]] = {
    "cluster": ClusterCreated,
    "incarnation": BrokerIncarnation,
    "broker": BrokerRegistered,
    "broker-fenced": BrokerFenced,
    "broker-unregistered": BrokerUnregistered,
    "controller": ControllerMoved,
    "topic": TopicCreated,
    "topic-grown": TopicGrown,
    "topic-deleted": TopicDeleted,
    "partition": PartitionChanged,
    "configs": ConfigsChanged,
    "feature": FeatureChanged,
    "producer-ids": ProducerIdsReserved,
    "scram": ScramCredentialSet,
    "scram-removed": ScramCredentialRemoved,
    "acl": AclAdded,
    "acl-removed": AclRemoved,
    "quotas": ClientQuotasChanged,
    "token": DelegationTokenSet,
    "token-removed": DelegationTokenRemoved,
}
_SCRAM_BYTES = ("salt", "stored_key", "server_key")
_NAMES = {cls: name for name, cls in _TYPES.items()}


class UnknownChange(Exception):
    """The log holds a change this version does not know: it was written by a newer one."""


def uuid_text(value: bytes) -> str:
    """Sixteen bytes as Kafka prints a Uuid: base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def uuid_bytes(text: str) -> bytes:
    """The reverse of `uuid_text`."""
    return base64.urlsafe_b64decode(text + "==")


def encode_change(change: Change) -> tuple[bytes, bytes]:
    """Key and value of the change's record."""
    fields = change._asdict()
    if isinstance(change, TopicCreated | TopicDeleted | AclAdded | AclRemoved):
        fields["id"] = uuid_text(change.id)
    elif isinstance(change, ScramCredentialSet):
        fields |= {name: base64.b64encode(fields[name]).decode() for name in _SCRAM_BYTES}
    return _NAMES[type(change)].encode(), json.dumps(fields, separators=(",", ":")).encode()


def decode_change(key: bytes, value: bytes) -> Change:
    """The change in a record.

    Raises:
        UnknownChange: the type or a field is not known.
    """
    cls = _TYPES.get(key.decode())
    fields = json.loads(value)
    if cls is None:
        raise UnknownChange(f"metadata record of unknown type {key.decode()!r}; was the data written by a newer version?")
    unknown = fields.keys() - set(cls._fields)
    if unknown:
        raise UnknownChange(f"metadata record {key.decode()!r} has unknown fields {sorted(unknown)}")
    if cls in (TopicCreated, TopicDeleted):
        fields["id"] = TopicId(uuid_bytes(fields["id"]))
    elif cls in (AclAdded, AclRemoved):
        fields["id"] = uuid_bytes(fields["id"])
    elif cls is ScramCredentialSet:
        fields |= {name: base64.b64decode(fields[name]) for name in _SCRAM_BYTES}
    elif cls is ClientQuotasChanged:
        fields["entity"] = [(kind, name) for kind, name in fields["entity"]]
    elif cls is BrokerRegistered:
        fields["endpoints"] = {name: (host, port) for name, (host, port) in fields["endpoints"].items()}
    return cls(**fields)
