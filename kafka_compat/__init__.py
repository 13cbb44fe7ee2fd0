"""Apache Kafka's wire protocol, spoken by a broker in Python.

PYTEST_DONT_REWRITE: a pytest run inside another would warn that a package with a plugin is there already.
"""

__version__ = "0.1.0"
