"""The test double: a Kafka inside the test process, with time and faults under control."""

from typing import TYPE_CHECKING

from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions, Node, TopicSpec

if TYPE_CHECKING:
    from kafka_compat.testing.acls import Acl, allow, deny
    from kafka_compat.testing.cluster import Cluster
    from kafka_compat.testing.manual_clock import ManualClock
    from kafka_compat.testing.throw_away_ca import Tls

__all__ = ["Acl", "Cluster", "Kafka", "KafkaOptions", "ManualClock", "Node", "Tls", "TopicSpec", "allow", "deny"]


def __getattr__(name: str) -> object:
    """What imports the broker, when it is first asked for."""
    if name == "Cluster":
        from kafka_compat.testing.cluster import Cluster

        return Cluster
    if name == "ManualClock":
        from kafka_compat.testing.manual_clock import ManualClock

        return ManualClock
    if name in ("Acl", "allow", "deny"):
        from kafka_compat.testing import acls

        return getattr(acls, name)
    if name == "Tls":
        from kafka_compat.testing.throw_away_ca import Tls

        return Tls
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
