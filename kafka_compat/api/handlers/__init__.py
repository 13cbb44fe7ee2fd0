"""One module per API, named after it: imported when it is first used, so that start-up does not pay for what nobody calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_compat.api.handlers import (
        add_offsets_to_txn as add_offsets_to_txn,
    )
    from kafka_compat.api.handlers import (
        add_partitions_to_txn as add_partitions_to_txn,
    )
    from kafka_compat.api.handlers import (
        add_raft_voter as add_raft_voter,
    )
    from kafka_compat.api.handlers import (
        alter_client_quotas as alter_client_quotas,
    )
    from kafka_compat.api.handlers import (
        alter_configs as alter_configs,
    )
    from kafka_compat.api.handlers import (
        alter_partition_reassignments as alter_partition_reassignments,
    )
    from kafka_compat.api.handlers import (
        alter_replica_log_dirs as alter_replica_log_dirs,
    )
    from kafka_compat.api.handlers import (
        alter_user_scram_credentials as alter_user_scram_credentials,
    )
    from kafka_compat.api.handlers import (
        api_versions as api_versions,
    )
    from kafka_compat.api.handlers import (
        create_acls as create_acls,
    )
    from kafka_compat.api.handlers import (
        create_delegation_token as create_delegation_token,
    )
    from kafka_compat.api.handlers import (
        create_partitions as create_partitions,
    )
    from kafka_compat.api.handlers import (
        create_topics as create_topics,
    )
    from kafka_compat.api.handlers import (
        delete_acls as delete_acls,
    )
    from kafka_compat.api.handlers import (
        delete_groups as delete_groups,
    )
    from kafka_compat.api.handlers import (
        delete_records as delete_records,
    )
    from kafka_compat.api.handlers import (
        delete_topics as delete_topics,
    )
    from kafka_compat.api.handlers import (
        describe_acls as describe_acls,
    )
    from kafka_compat.api.handlers import (
        describe_client_quotas as describe_client_quotas,
    )
    from kafka_compat.api.handlers import (
        describe_cluster as describe_cluster,
    )
    from kafka_compat.api.handlers import (
        describe_configs as describe_configs,
    )
    from kafka_compat.api.handlers import (
        describe_delegation_token as describe_delegation_token,
    )
    from kafka_compat.api.handlers import (
        describe_groups as describe_groups,
    )
    from kafka_compat.api.handlers import (
        describe_log_dirs as describe_log_dirs,
    )
    from kafka_compat.api.handlers import (
        describe_producers as describe_producers,
    )
    from kafka_compat.api.handlers import (
        describe_quorum as describe_quorum,
    )
    from kafka_compat.api.handlers import (
        describe_topic_partitions as describe_topic_partitions,
    )
    from kafka_compat.api.handlers import (
        describe_transactions as describe_transactions,
    )
    from kafka_compat.api.handlers import (
        describe_user_scram_credentials as describe_user_scram_credentials,
    )
    from kafka_compat.api.handlers import (
        elect_leaders as elect_leaders,
    )
    from kafka_compat.api.handlers import (
        end_txn as end_txn,
    )
    from kafka_compat.api.handlers import (
        expire_delegation_token as expire_delegation_token,
    )
    from kafka_compat.api.handlers import (
        fetch as fetch,
    )
    from kafka_compat.api.handlers import (
        find_coordinator as find_coordinator,
    )
    from kafka_compat.api.handlers import (
        get_telemetry_subscriptions as get_telemetry_subscriptions,
    )
    from kafka_compat.api.handlers import (
        heartbeat as heartbeat,
    )
    from kafka_compat.api.handlers import (
        incremental_alter_configs as incremental_alter_configs,
    )
    from kafka_compat.api.handlers import (
        init_producer_id as init_producer_id,
    )
    from kafka_compat.api.handlers import (
        join_group as join_group,
    )
    from kafka_compat.api.handlers import (
        leave_group as leave_group,
    )
    from kafka_compat.api.handlers import (
        list_config_resources as list_config_resources,
    )
    from kafka_compat.api.handlers import (
        list_groups as list_groups,
    )
    from kafka_compat.api.handlers import (
        list_offsets as list_offsets,
    )
    from kafka_compat.api.handlers import (
        list_partition_reassignments as list_partition_reassignments,
    )
    from kafka_compat.api.handlers import (
        list_transactions as list_transactions,
    )
    from kafka_compat.api.handlers import (
        metadata as metadata,
    )
    from kafka_compat.api.handlers import (
        offset_commit as offset_commit,
    )
    from kafka_compat.api.handlers import (
        offset_delete as offset_delete,
    )
    from kafka_compat.api.handlers import (
        offset_fetch as offset_fetch,
    )
    from kafka_compat.api.handlers import (
        offset_for_leader_epoch as offset_for_leader_epoch,
    )
    from kafka_compat.api.handlers import (
        produce as produce,
    )
    from kafka_compat.api.handlers import (
        push_telemetry as push_telemetry,
    )
    from kafka_compat.api.handlers import (
        remove_raft_voter as remove_raft_voter,
    )
    from kafka_compat.api.handlers import (
        renew_delegation_token as renew_delegation_token,
    )
    from kafka_compat.api.handlers import (
        sasl_authenticate as sasl_authenticate,
    )
    from kafka_compat.api.handlers import (
        sasl_handshake as sasl_handshake,
    )
    from kafka_compat.api.handlers import (
        sync_group as sync_group,
    )
    from kafka_compat.api.handlers import (
        txn_offset_commit as txn_offset_commit,
    )
    from kafka_compat.api.handlers import (
        unregister_broker as unregister_broker,
    )
    from kafka_compat.api.handlers import (
        update_features as update_features,
    )
    from kafka_compat.api.handlers import (
        write_txn_markers as write_txn_markers,
    )
else:
    from importlib import import_module

    def __getattr__(name):
        try:
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            raise AttributeError(f"there is no handler {name}") from error
