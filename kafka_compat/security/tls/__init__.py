"""TLS of a listener, without I/O: configs, keys and certificates, the context made of them, and whom a certificate names."""
