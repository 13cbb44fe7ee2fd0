"""Rules of Kafka's generated classes that the vectors do not show."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError, UnsupportedVersion
from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.protocol.messages.alter_user_scram_credentials import ScramCredentialUpsertion
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_compat.protocol.messages.describe_delegation_token import DescribedDelegationToken, DescribeDelegationTokenResponse
from kafka_compat.protocol.messages.fetch import FetchRequest, FetchResponse, ReplicaState
from kafka_compat.protocol.messages.join_group import JoinGroupRequest
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, TopicProduceData
from kafka_compat.protocol.messages.renew_delegation_token import RenewDelegationTokenRequest
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest
from kafka_compat.protocol.records.consumer_group_member_metadata import (
    ClassicMemberMetadata,
    ConsumerGroupMemberMetadataValue,
)
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader, Writer


def test_defaults_are_the_schema_s() -> None:
    request = FetchRequest()
    assert (request.replica_id, request.max_bytes, request.isolation_level) == (-1, 0x7FFFFFFF, 0)
    assert request.cluster_id is None
    assert request.topics == []
    assert request.replica_state == ReplicaState(replica_id=-1, replica_epoch=-1)
    assert TopicProduceData().topic_id == ZERO_UUID
    assert MetadataRequest().topics == []
    assert MetadataRequest(topics=None).topics is None


def test_a_json_null_default_is_the_empty_value() -> None:
    """Kafka's generator only takes the string "null" for null: `"default": null` is no default."""
    assert ConsumerGroupMemberMetadataValue().classic_member_metadata == ClassicMemberMetadata()
    assert ConsumerGroupMemberMetadataValue(classic_member_metadata=None).classic_member_metadata is None


def test_defaults_are_not_shared() -> None:
    first, second = FetchResponse(), FetchResponse()
    first.responses.append(None)  # type: ignore[arg-type]
    assert second.responses == []
    assert FetchRequest().replica_state is not FetchRequest().replica_state


def test_a_field_a_version_lacks_is_refused_when_set() -> None:
    request = JoinGroupRequest(group_id="g", group_instance_id="i")
    with pytest.raises(UnsupportedVersion, match=r"JoinGroupRequest\.group_instance_id is set"):
        request.encode(Writer(), 4)
    request.encode(Writer(), 5)


def test_an_ignorable_field_is_dropped() -> None:
    request = JoinGroupRequest(group_id="g", rebalance_timeout_ms=5, reason="because")
    writer = Writer()
    request.encode(writer, 0)
    decoded = JoinGroupRequest.decode(Reader(writer.to_bytes()), 0)
    assert (decoded.rebalance_timeout_ms, decoded.reason) == (-1, None)


def test_null_where_the_version_has_none_is_refused() -> None:
    with pytest.raises(WireError, match=r"MetadataRequest\.topics cannot be null"):
        MetadataRequest(topics=None).encode(Writer(), 0)


def test_a_field_inside_a_struct_follows_the_message_s_version() -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(topic_id=b"i" * 16, name=None)])
    request.encode(Writer(), 12)
    with pytest.raises(WireError, match=r"MetadataRequestTopic\.name cannot be null"):
        request.encode(Writer(), 9)


def test_the_last_of_two_equal_tags_counts() -> None:
    writer = Writer()
    FetchRequest(cluster_id="one").encode(writer, 12)
    encoded = writer.to_bytes()
    tags = bytes.fromhex("01" + "00" + "04" + "04") + b"one"
    assert encoded.endswith(tags)
    doubled = encoded[: -len(tags)] + b"\x02" + tags[1:] + bytes.fromhex("00" + "04" + "04") + b"two"
    assert FetchRequest.decode(Reader(doubled), 12).cluster_id == "two"


def test_unknown_tags_are_skipped() -> None:
    encoded = bytes.fromhex("0161" + "0162" + "01" + "630401020304")
    encoded = b"\x02a\x02b" + encoded[4:]
    assert ApiVersionsRequest.decode(Reader(encoded), 3) == ApiVersionsRequest(
        client_software_name="a", client_software_version="b"
    )


def test_a_tag_of_another_version_is_refused() -> None:
    """FetchRequest's replica state is tag 1 from version 15 on; Kafka refuses the tag before."""
    writer = Writer()
    FetchRequest(replica_id=-1, replica_state=ReplicaState(replica_id=3)).encode(writer, 15)
    FetchRequest.decode(Reader(writer.to_bytes()), 15)
    writer = Writer()
    FetchRequest().encode(writer, 12)
    encoded = writer.to_bytes()
    assert encoded.endswith(b"\x00")
    with pytest.raises(WireError, match="tag 1 is not valid in version 12"):
        FetchRequest.decode(Reader(encoded[:-1] + bytes.fromhex("010100")), 12)


def test_bytes_behind_a_request_are_left_to_the_caller() -> None:
    writer = Writer()
    CreateTopicsRequest(topics=[CreatableTopic(name="t")]).encode(writer, 7)
    reader = Reader(writer.to_bytes() + b"more")
    assert CreateTopicsRequest.decode(reader, 7).topics[0].name == "t"
    assert reader.remaining == 4


def test_records_are_views_and_equal_to_their_bytes() -> None:
    request = ProduceRequest(
        topic_data=[TopicProduceData(name="t", partition_data=[PartitionProduceData(index=1, records=b"abc")])]
    )
    writer = Writer()
    request.encode(writer, 9)
    decoded = ProduceRequest.decode(Reader(writer.to_bytes()), 9)
    assert isinstance(decoded.topic_data[0].partition_data[0].records, memoryview)
    assert decoded == request
    assert decoded != ProduceRequest()
    assert (decoded == 5) is False


def test_repr_names_the_fields() -> None:
    assert repr(CreateTopicsRequest(timeout_ms=5)) == "CreateTopicsRequest(topics=[], timeout_ms=5, validate_only=False)"


def test_messages_are_not_hashable() -> None:
    with pytest.raises(TypeError):
        hash(ProduceRequest())


def test_kafka_error_carries_its_code() -> None:
    assert str(KafkaError(ErrorCode.NOT_COORDINATOR)) == "NOT_COORDINATOR"
    assert str(KafkaError(ErrorCode.INVALID_CONFIG, "no such key")) == "INVALID_CONFIG: no such key"
    assert UnsupportedVersion("x").error_code is ErrorCode.UNSUPPORTED_VERSION


def test_what_proves_somebody_is_not_printed() -> None:
    for message in (
        SaslAuthenticateRequest(auth_bytes=b"\0alice\0secret"),
        RenewDelegationTokenRequest(hmac=b"secret"),
        DescribeDelegationTokenResponse(tokens=[DescribedDelegationToken(hmac=b"secret")]),
        ScramCredentialUpsertion(salted_password=b"secret"),
    ):
        assert "secret" not in repr(message)
        assert " bytes>" in repr(message)
