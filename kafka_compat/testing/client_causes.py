"""Causes that show in what clients could not do: connect, be understood, write, reach a leader.

Each finder says only what the evidence shows, and nothing when a later success has made it void.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_compat.api.observers import End
from kafka_compat.testing.evidence import Evidence, count, ms_between, several
from kafka_compat.testing.nearest import did_you_mean
from kafka_compat.testing.request import Request

# What a client asks that looks for its way, and does nothing yet.
_FIRST_STEPS: Final = frozenset({"ApiVersions", "Metadata", "InitProducerId"})


def held(evidence: Evidence) -> Iterator[str]:
    """Requests that a fault holds back."""
    for request in evidence.under_way:
        if request.fault:
            since = ms_between(request.began_ns, evidence.now_ns)
            yield f"a fault ({request.fault}) has held back {what_of(request)} for {since:,} ms; release() lets it go on"


def wrong_protocol(evidence: Evidence) -> Iterator[str]:
    """Connections that spoke something else, or sent what is no request."""
    asked = {id(each.session) for each in evidence.requests}
    strangers = [each for each in evidence.closed if id(each.session) not in asked]
    reasons = list(dict.fromkeys(each.reason for each in strangers))
    for reason in reasons:
        number = sum(each.reason == reason for each in strangers)
        were = "connection was" if number == 1 else "connections were"
        guess = reason.partition("; ")[2] or reason
        yield f"{number} {were} closed, as the first bytes were no request of Kafka's protocol: {guess}"


def sasl(evidence: Evidence) -> Iterator[str]:
    """Clients that want to authenticate."""
    for request in evidence.requests.of("SaslHandshake", "SaslAuthenticate").errors().last():
        mechanism = ""
        for hello in evidence.requests.of("SaslHandshake"):
            if hello.session is request.session:
                mechanism = getattr(hello.body, "mechanism", "")
        by = f" by {mechanism}" if mechanism and request.api == "SaslAuthenticate" else ""
        yield f"{_client(request)} cannot authenticate{by}: {request.refusals[0].rule}"


def rights(evidence: Evidence) -> Iterator[str]:
    """Rights that clients lack, with no such request answered since."""
    lacking: dict[str, str] = {}
    for request in evidence.requests:
        for refusal in request.refusals:
            if refusal.error.endswith("AUTHORIZATION_FAILED") and not request.fault:
                lacking[f"{request.api} {refusal.rule}"] = f"a {request.api} of {_client(request)} was refused: {refusal.rule}"
    yield from lacking.values()


def unreadable(evidence: Evidence) -> Iterator[str]:
    """Requests that could not be answered."""
    for request in evidence.requests:
        if request.end is End.CLOSED and not request.fault and request.refusals:
            yield f"the connection of {_client(request)} was closed at its {request.api} v{request.version}: {request.why}"
            return


def nobody(evidence: Evidence) -> Iterator[str]:
    """No client has come."""
    if len(evidence.requests) or len(evidence.under_way) or evidence.closed or evidence.kafka.requests.dropped:
        return
    if evidence.state.sessions:
        yield f"{count(len(evidence.state.sessions), 'connection')} came, and no request"
    else:
        yield f"no client has connected: bootstrap.servers is {evidence.kafka.bootstrap_servers}"


def unknown_topics(evidence: Evidence) -> Iterator[str]:
    """Topics that clients want and that are still not there."""
    wanted: dict[str, Request] = {}
    for request in evidence.requests.of("Metadata", "Produce", "Fetch", "ListOffsets").errors():
        if request.fault:
            continue
        for refusal in request.refusals:
            about_topic = refusal.error in ("UNKNOWN_TOPIC_OR_PARTITION", "INVALID_TOPIC_EXCEPTION")
            if refusal.topic and about_topic and refusal.topic not in evidence.state.topics:
                wanted[refusal.topic] = request
    for topic, request in wanted.items():
        said = f"{_client(request)} asks for topic {topic!r}, which does not exist{did_you_mean(topic, evidence.own_topics)}"
        rule = next(each for each in request.refusals if each.topic == topic)
        if rule.error == "INVALID_TOPIC_EXCEPTION":
            said += f": {rule.rule}"
        elif not evidence.state.auto_create:
            said += ": auto.create.topics.enable is false"
        yield said


def refused_records(evidence: Evidence) -> Iterator[str]:
    """Records that were refused, with none accepted in the same partition from the same client since."""
    last: dict[tuple[str, str, int], tuple[Request, str]] = {}
    for request in evidence.requests.of("Produce"):
        refused = {(each.topic, each.partition): str(each) for each in request.refusals}
        for topic, partitions in request.partitions.items():
            for partition in partitions:
                key = (request.client_id, topic, partition)
                if (topic, partition) in refused:
                    last[key] = (request, refused[topic, partition])
                else:
                    last.pop(key, None)
    by_rule: dict[tuple[str, str, str], list[tuple[Request, str]]] = {}
    for (client_id, topic, _), (request, said) in last.items():
        if topic in evidence.state.topics:  # else it is a matter of the topic
            by_rule.setdefault((client_id, topic, request.refusals[0].error), []).append((request, said))
    for (_, topic, _), some in by_rule.items():
        request, said = some[-1]
        yield f"records of {_client(request)} to {topic} were refused: {said}"


def no_leader(evidence: Evidence) -> Iterator[str]:
    """Partitions that nobody leads, and brokers that are stopped."""
    stopped = evidence.state.nodes - evidence.state.running
    if not stopped:
        return
    number = several(sorted(stopped))
    names = f"broker {number} is stopped" if len(stopped) == 1 else f"brokers {number} are stopped"
    without = [f"{t.name}-{p.id}" for t in evidence.state.topics.values() for p in t.partitions if p.leader < 0]
    wanted = [name for name in without if not name.startswith("__")]
    if wanted:
        yield f"{names}, and {several(wanted)} {'has' if len(wanted) == 1 else 'have'} no leader"
    elif without:
        yield f"{names}, and partitions of coordinators have no leader ({several(without)}): groups and transactions wait"


def not_flushed(evidence: Evidence) -> Iterator[str]:
    """Clients that looked for a topic and did nothing with it."""
    for client_id, requests in evidence.clients.items():
        if not {each.api for each in requests} <= _FIRST_STEPS:
            continue
        topics = dict.fromkeys(t for each in requests.of("Metadata") for t in each.partitions if t in evidence.own_topics)
        transactional = any(each.transactional_id for each in requests.of("InitProducerId"))
        is_producer = any(each.api == "InitProducerId" for each in requests)
        if not topics and not is_producer:
            asked_for_all = any(getattr(each.body, "topics", ()) is None for each in requests.of("Metadata"))
            if asked_for_all and not evidence.fetched and not evidence.members:
                did = "has asked for metadata only, and no client has read"
                yield f"client {client_id!r} {did}: a consumer reads when it is polled"
            continue
        about = f"asked where {several(map(repr, topics))} is" if topics else "initialized a producer id"
        if is_producer:
            rest = "and has produced nothing: records are sent by flush(), or when the producer has time to"
            rest += "; a transaction's by its commit at the latest" if transactional else ""
        else:
            rest = "and has neither produced nor read: a producer sends by flush(), a consumer reads when it is polled"
        yield f"client {client_id!r} {about}, {rest}"


def faults(evidence: Evidence) -> Iterator[str]:
    """What faults have done."""
    hit: dict[tuple[str, str], list[Request]] = {}
    for request in evidence.requests:
        if request.fault:
            hit.setdefault((request.fault, request.api), []).append(request)
    for (fault, api), requests in hit.items():
        yield f"the fault {fault} has hit {count(len(requests), f'{api} request')}, the last one of {_client(requests[-1])}"


def what_of(request: Request) -> str:
    """A request with its client and topics or groups, for sentences."""
    about = several([*request.partitions, *request.groups])
    return f"a {request.api} of {_client(request)}" + (f" ({about})" if about else "")


def _client(request: Request) -> str:
    return f"client {request.client_id!r}" if request.client_id else f"the client at {request.address}"
