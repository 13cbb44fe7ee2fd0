"""Metric names that dashboards in use read, taken from their JSON, and those that this broker has nothing to say of.

Sources: Strimzi's examples (strimzi-kafka, strimzi-kraft, strimzi-kafka-exporter), grafana/jsonnet-libs' kafka-observ-lib with
the source "prometheus", kafka_exporter's own overview (Grafana 7589).
"""

from __future__ import annotations

STRIMZI_KAFKA = """
    kafka_cluster_partition_atminisr kafka_cluster_partition_underminisr
    kafka_controller_controllerstats_uncleanleaderelections_total kafka_controller_kafkacontroller_activecontrollercount
    kafka_controller_kafkacontroller_offlinepartitionscount kafka_log_log_size
    kafka_network_socketserver_networkprocessoravgidle_percent kafka_server_brokertopicmetrics_bytesin_total
    kafka_server_brokertopicmetrics_bytesout_total kafka_server_brokertopicmetrics_failedfetchrequests_total
    kafka_server_brokertopicmetrics_failedproducerequests_total kafka_server_brokertopicmetrics_messagesin_total
    kafka_server_brokertopicmetrics_totalfetchrequests_total kafka_server_brokertopicmetrics_totalproducerequests_total
    kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent kafka_server_kafkaserver_linux_disk_read_bytes
    kafka_server_kafkaserver_linux_disk_write_bytes kafka_server_replicamanager_leadercount
    kafka_server_replicamanager_partitioncount kafka_server_replicamanager_underreplicatedpartitions
    kafka_server_socket_server_metrics_connection_count process_open_fds jvm_gc_collection_seconds_count
    jvm_gc_collection_seconds_sum jvm_memory_used_bytes jvm_threads_current kubelet_volume_stats_available_bytes
"""

STRIMZI_KRAFT = """
    kafka_server_raftchannelmetrics_incoming_byte_total kafka_server_raftchannelmetrics_outgoing_byte_total
    kafka_server_raftchannelmetrics_request_total kafka_server_raftchannelmetrics_response_total
    kafka_server_raftmetrics_append_records_rate kafka_server_raftmetrics_commit_latency_avg
    kafka_server_raftmetrics_current_epoch kafka_server_raftmetrics_current_leader kafka_server_raftmetrics_current_state
    kafka_server_raftmetrics_current_vote kafka_server_raftmetrics_fetch_records_rate kafka_server_raftmetrics_high_watermark
    kafka_server_raftmetrics_log_end_offset process_open_fds
"""

STRIMZI_EXPORTER = """
    kafka_cluster_partition_atminisr kafka_cluster_partition_underminisr kafka_consumergroup_current_offset
    kafka_consumergroup_lag kafka_topic_partition_current_offset kafka_topic_partition_in_sync_replica
    kafka_topic_partition_leader_is_preferred kafka_topic_partition_oldest_offset kafka_topic_partition_replicas
    kafka_topic_partition_under_replicated_partition kafka_topic_partitions
"""

KAFKA_OBSERV_LIB = """
    kafka_cluster_partition_underminisr kafka_cluster_partition_underreplicated
    kafka_controller_controllerstats_uncleanleaderelections_total kafka_controller_kafkacontroller_activecontrollercount
    kafka_controller_kafkacontroller_offlinepartitionscount kafka_controller_kafkacontroller_preferredreplicaimbalancecount
    kafka_network_requestmetrics_localtimems kafka_network_requestmetrics_localtimems_count
    kafka_network_requestmetrics_remotetimems kafka_network_requestmetrics_remotetimems_count
    kafka_network_requestmetrics_requestqueuetimems kafka_network_requestmetrics_requestqueuetimems_count
    kafka_network_requestmetrics_responsequeuetimems kafka_network_requestmetrics_responsequeuetimems_count
    kafka_network_requestmetrics_responsesendtimems kafka_network_requestmetrics_responsesendtimems_count
    kafka_server_brokertopicmetrics_bytesin_total kafka_server_brokertopicmetrics_bytesout_total
    kafka_server_brokertopicmetrics_fetchmessageconversions_total kafka_server_brokertopicmetrics_messagesin_total
    kafka_server_brokertopicmetrics_producemessageconversions_total kafka_server_kafkaserver_brokerstate
    kafka_server_replicamanager_isrexpands_total kafka_server_replicamanager_isrshrinks_total
    kafka_server_replicamanager_partitioncount kafka_server_sessionexpirelistener_zookeeperauthfailures_total
    kafka_server_sessionexpirelistener_zookeeperdisconnects_total kafka_server_sessionexpirelistener_zookeeperexpires_total
    kafka_server_sessionexpirelistener_zookeepersyncconnects_total
    kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms
    kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms_count kafka_consumer_lag_millis
    kafka_consumergroup_current_offset kafka_consumergroup_lag kafka_consumergroup_uncommitted_offsets
    kafka_log_log_logendoffset kafka_log_log_logstartoffset kafka_log_log_size kafka_topic_partition_current_offset
"""

GRAFANA_7589 = """
    kafka_consumergroup_current_offset kafka_consumergroup_lag kafka_topic_partition_current_offset kafka_topic_partitions
    kafka_brokers kafka_broker_info kafka_topic_partition_leader kafka_consumergroup_lag_sum kafka_consumergroup_members
    kafka_consumergroup_current_offset_sum
"""

DASHBOARDS = {
    "strimzi-kafka": STRIMZI_KAFKA.split(),
    "strimzi-kraft": STRIMZI_KRAFT.split(),
    "strimzi-kafka-exporter": STRIMZI_EXPORTER.split(),
    "kafka-observ-lib": KAFKA_OBSERV_LIB.split(),
    "7589": GRAFANA_7589.split(),
}

# Beginning of the name: why it is not there.
EXCUSED = {
    "jvm_": "there is no JVM",
    "kubelet_": "Kubernetes says it",
    "kafka_server_sessionexpirelistener_": "there is no ZooKeeper, in Kafka neither since 4.0",
    "kafka_server_zookeeperclientmetrics_": "there is no ZooKeeper, in Kafka neither since 4.0",
    "kafka_server_raftchannelmetrics_": "one node writes the metadata log, nobody votes",
    "kafka_server_raftmetrics_append_records_rate": "a rate: the log end offset has it",
    "kafka_server_raftmetrics_fetch_records_rate": "nobody fetches the metadata log",
    "kafka_server_raftmetrics_commit_latency_avg": "not measured",
    "kafka_server_raftmetrics_current_state": "a text, which the JMX exporter makes a label of",
    "kafka_network_requestmetrics_localtimems": "of a request's time nobody knows what was spent here and what waiting",
    "kafka_network_requestmetrics_remotetimems": "of a request's time nobody knows what was spent here and what waiting",
    "kafka_network_requestmetrics_responsequeuetimems": "answers wait in no queue",
    "kafka_network_requestmetrics_responsesendtimems": "who takes answers late is not measured by request",
    "kafka_consumer_lag_millis": "of another exporter; kafka_consumergroup_lag_seconds says it",
    "kafka_consumergroup_uncommitted_offsets": "of another exporter; the same as kafka_consumergroup_lag",
}
