"""How the coordinators' topics are made: partitions, replicas and configs come from the broker's configs.

Source: `AutoTopicCreationManager.creatableTopic` and the coordinators' topic configs (`groupMetadataTopicConfigs`,
`transactionStateTopicConfigs`, `shareGroupStateTopicConfigs`).
"""

from __future__ import annotations

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.ids import TopicName
from kafka_compat.metadata.topic_plans import TopicSpec
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE


def auto_created_topic(name: TopicName, config: BrokerConfig) -> TopicSpec:
    """What a topic that is made because somebody asked for it is made like; the broker's defaults but for internal ones."""
    if name == CONSUMER_OFFSETS:
        return TopicSpec(
            name=name,
            num_partitions=config.offsets_topic_num_partitions,
            replication_factor=config.offsets_topic_replication_factor,
            configs={
                "cleanup.policy": "compact",
                "compression.type": "producer",
                "segment.bytes": str(config.offsets_topic_segment_bytes),
            },
        )
    if name == TRANSACTION_STATE:
        return TopicSpec(
            name=name,
            num_partitions=config.transaction_state_log_num_partitions,
            replication_factor=config.transaction_state_log_replication_factor,
            configs={
                "cleanup.policy": "compact",
                "compression.type": "uncompressed",
                "min.insync.replicas": str(config.transaction_state_log_min_isr),
                "segment.bytes": str(config.transaction_state_log_segment_bytes),
                "unclean.leader.election.enable": "false",
            },
        )
    if name == SHARE_GROUP_STATE:
        return TopicSpec(
            name=name,
            num_partitions=config.share_coordinator_state_topic_num_partitions,
            replication_factor=config.share_coordinator_state_topic_replication_factor,
            configs={
                "cleanup.policy": "delete",
                "compression.type": "producer",
                "min.insync.replicas": str(config.share_coordinator_state_topic_min_isr),
                "retention.ms": "-1",
                "segment.bytes": str(config.share_coordinator_state_topic_segment_bytes),
            },
        )
    return TopicSpec(name=name)
