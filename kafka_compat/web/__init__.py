"""What is served over HTTP beside the broker: metrics, health, and a test's verbs. Needs the extra `http`."""
