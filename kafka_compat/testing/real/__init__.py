"""The face of `Kafka` before a broker that is there anyway, such as Apache Kafka: what a client can do, by requests."""
