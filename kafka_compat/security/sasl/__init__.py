"""SASL: the state of a connection's authentication, and the mechanisms, all without I/O."""
