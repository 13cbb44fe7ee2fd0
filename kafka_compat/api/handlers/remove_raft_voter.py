"""RemoveRaftVoter 0: take a voter out of the metadata quorum (KIP-853).

The voters are the brokers that are registered, and the last of them stays, as in Kafka. Of several, which only the test double
has, none is removed: UnregisterBroker is what makes a broker of it no more.
"""

from __future__ import annotations

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.refusals import with_default_text
from kafka_compat.metadata.quorum import directory_id, is_other_cluster, voter_text, voters_text
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.protocol.messages.remove_raft_voter import RemoveRaftVoterRequest, RemoveRaftVoterResponse
from kafka_compat.security.acl import AclOperation


def handle(context: RequestContext, request: RemoveRaftVoterRequest) -> Response:
    """Refuse: in the order of Kafka's `KafkaRaftClient.handleRemoveVoterRequest` and `RemoveVoterHandler`."""
    require_cluster(context, AclOperation.ALTER, None)
    image = context.services.image
    if (problem := is_other_cluster(image, request.cluster_id)) is not None:
        raise KafkaError(ErrorCode.INCONSISTENT_CLUSTER_ID, problem)
    if request.voter_id < 0 or request.voter_directory_id == ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Remove voter request didn't include a valid voter")
    is_voter = request.voter_id in image.registered and request.voter_directory_id == directory_id(image.cluster_id)
    if is_voter and len(image.registered) > 1:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Every registered broker is a voter: UnregisterBroker removes one")
    voter = voter_text(request.voter_id, request.voter_directory_id)
    raise KafkaError(ErrorCode.VOTER_NOT_FOUND, f"Cannot remove voter {voter} from the set of voters {voters_text(image)}")


def refuse(request: RemoveRaftVoterRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone, never without a text."""
    return RemoveRaftVoterResponse(error_code=error_code, error_message=with_default_text(error_code, message))
