"""TLS between a socket and its connection."""
