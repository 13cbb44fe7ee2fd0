"""The test double: a cluster inside the test process, with time and faults under control."""

from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.manual_clock import ManualClock

__all__ = ["Cluster", "ManualClock"]
