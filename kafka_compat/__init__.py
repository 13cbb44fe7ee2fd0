"""Apache Kafka's wire protocol, spoken by a broker in Python."""

__version__ = "0.1.0"
