"""All configs of Kafka 4.3.1: one table, how values are resolved and where they come from, how they change.

The front door: `settings` (what a broker starts with), `broker` (BrokerConfig), `topic` (TopicConfig), `group` (GroupConfig),
`alter` (changes while running), `describe` (DescribeConfigs). No module here does I/O but `sources.read_properties`.
"""
