"""AddRaftVoter 0-1: make a controller a voter of the metadata quorum (KIP-853).

v1 may be answered before the change is committed (KIP-1186). No controller on another machine can follow this broker's
metadata, so that whoever would be a voter is never ready; Kafka says the same of one that it cannot reach.
"""

from __future__ import annotations

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.refusals import with_default_text
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.metadata.quorum import is_other_cluster, voter_text, voters_text
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.protocol.messages.add_raft_voter import AddRaftVoterRequest, AddRaftVoterResponse
from kafka_compat.security.acl import AclOperation

# Of an error message; the text of a response has 32 KiB at most.
_LISTENERS_SHOWN = 10


def handle(context: RequestContext, request: AddRaftVoterRequest) -> Answer:
    """Refuse: in the order of Kafka's `KafkaRaftClient.handleAddVoterRequest` and `AddVoterHandler`."""
    require_cluster(context, AclOperation.ALTER, None)
    return in_slices(_response(context, request))


def refuse(request: AddRaftVoterRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone, never without a text."""
    return AddRaftVoterResponse(error_code=error_code, error_message=with_default_text(error_code, message))


def _response(context: RequestContext, request: AddRaftVoterRequest) -> Work[Response]:
    image = context.services.image
    if (problem := is_other_cluster(image, request.cluster_id)) is not None:
        raise KafkaError(ErrorCode.INCONSISTENT_CLUSTER_ID, problem)
    if request.voter_id < 0 or request.voter_directory_id == ZERO_UUID:
        raise KafkaError(ErrorCode.INVALID_REQUEST, "Add voter request didn't include a valid voter")
    wanted = (context.services.config.text("controller.listener.names") or "CONTROLLER").split(",")[0].strip().upper()
    endpoints: dict[str, str] = {}
    for listener in request.listeners:
        name = listener.name.upper()
        if name == wanted:
            break
        if len(endpoints) < _LISTENERS_SHOWN:
            endpoints[name] = f"ListenerName({name[:100]})={listener.host[:255]}/<unresolved>:{listener.port}"
        yield
    else:
        raise KafkaError(
            ErrorCode.INVALID_REQUEST,
            f"Add voter request didn't include the endpoint (Endpoints(endpoints={{{', '.join(endpoints.values())}}})) "
            f"for the default listener ListenerName({wanted})",
        )
    voter = voter_text(request.voter_id, request.voter_directory_id)
    if request.voter_id in image.registered:
        raise KafkaError(
            ErrorCode.DUPLICATE_VOTER, f"The voter id for {voter} is already part of the set of voters {voters_text(image)}."
        )
    raise KafkaError(ErrorCode.REQUEST_TIMED_OUT, f"New voter {voter} is not ready to receive requests")
