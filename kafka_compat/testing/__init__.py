"""The test double: a cluster inside the test process, with time and faults under control."""

from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.manual_clock import ManualClock
from kafka_compat.testing.options import KafkaOptions, Node, TopicSpec

__all__ = ["Cluster", "Kafka", "KafkaOptions", "ManualClock", "Node", "TopicSpec"]
