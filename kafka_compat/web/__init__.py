"""The HTTP room of a broker: metrics, health, and the control plane of the test double. Needs the extra `http`."""
