"""From the arguments of a test cluster to its plan: each refusal says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.settings import SINGLE_NODE_CONFIGS
from kafka_compat.config.topic import validate_topic_overrides
from kafka_compat.testing.access import Access
from kafka_compat.testing.arguments import configs_of, nodes_of, text, topics_of
from kafka_compat.testing.options import ConfigValue, Node, TopicSpec, VersionLimit
from kafka_compat.testing.versions import limits_of
from kafka_compat.testing.world import Plan


def make_plan(
    *,
    brokers: int | Sequence[Node],
    topics: Mapping[str, int | TopicSpec] | None,
    configs: Mapping[str, ConfigValue] | None,
    cluster_id: str | None,
    data_dir: Path | None,
    api_versions: Mapping[str, VersionLimit] | None,
    access: Access,
) -> Plan:
    """The plan.

    Raises:
        TypeError, ValueError: an argument is not allowed.
    """
    plan = Plan(
        nodes=nodes_of(brokers),
        topics=topics_of(topics),
        configs={**SINGLE_NODE_CONFIGS, **configs_of(configs)},
        api_limits=limits_of(api_versions),
        cluster_id=None if cluster_id is None else text("cluster_id", cluster_id),
        data_dir=data_dir,
        access=access,
    )
    try:
        config = plan.config_of(plan.nodes[0])
    except InvalidConfig as error:  # of values that do not go together
        raise ValueError(f"configs: {error}") from None
    for name, spec in plan.topics.items():
        factor = spec.replication_factor
        if factor is not None and factor > len(plan.nodes):
            raise ValueError(
                f"topics[{name!r}].replication_factor is at most the number of brokers, {len(plan.nodes)}, not {factor}"
            )
        try:
            validate_topic_overrides({key: str(value) for key, value in spec.configs.items()}, config)
        except InvalidConfig as error:
            raise ValueError(f"topics[{name!r}].configs: {error}") from None
    return plan


# Of the internal topics, of which Kafka's defaults make 50 partitions at the first group, and at the first transactional id: a
# test makes them anew after each reset.
_INTERNAL_PARTITIONS: Final = 5


def configs_of_tests(brokers: int) -> dict[str, ConfigValue]:
    """What suits tests, in place of Kafka's defaults.

    Several brokers replicate, as whoever runs several sets it, so that nothing is lost with one of them. Kafka's own defaults
    are 3 replicas of its internal topics, and 1 of all others (`default.replication.factor`): but a test with three brokers
    that stops one of them is about what goes on then.
    """
    partitions: dict[str, ConfigValue] = {
        "offsets.topic.num.partitions": _INTERNAL_PARTITIONS,
        "transaction.state.log.num.partitions": _INTERNAL_PARTITIONS,
    }
    if brokers == 1:
        return partitions
    replicas = min(brokers, 3)
    in_sync = replicas - 1
    return {
        **partitions,
        "default.replication.factor": replicas,
        "offsets.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.replication.factor": replicas,
    }
