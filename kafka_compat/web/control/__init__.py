"""The verbs of `kafka_compat.testing.Kafka` over HTTP, for tests in any language; `verbs.py` is the table."""
