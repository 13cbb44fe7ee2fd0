"""Which of many requests are meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from kafka_compat.testing.names import api_key_of, error_code_of
from kafka_compat.testing.request import Request


class Filters(TypedDict, total=False):
    """What has to hold of a request besides its API.

    Attributes:
        client_id: of the client.
        topic: that request or answer name; a fetch within a session names only what is new to the session or has new records.
        group: that the request names.
        transactional_id: that the request names.
        broker: node id.
        error: name of an error code that is in the answer.
        where: is called with each request that is left.
    """

    client_id: str
    topic: str
    group: str
    transactional_id: str
    broker: int
    error: str
    where: Callable[[Request], object]


def matcher(apis: Sequence[str], filters: Filters) -> Callable[[Request], bool]:
    """Whether a request is meant.

    Raises:
        ValueError: there is no such API, or no such error code.
    """
    names = frozenset(apis)
    for name in names:
        api_key_of(name)
    error = filters.get("error")
    if error is not None:
        error = error_code_of(error).name
    checks: list[Callable[[Request], object]] = []
    if names:
        checks.append(lambda request: request.api in names)
    if "client_id" in filters:
        client_id = filters["client_id"]
        checks.append(lambda request: request.client_id == client_id)
    if "broker" in filters:
        broker = filters["broker"]
        checks.append(lambda request: request.broker == broker)
    if error is not None:
        checks.append(lambda request: error in request.errors)
    # Those that decode bodies come last.
    if "group" in filters:
        group = filters["group"]
        checks.append(lambda request: group in request.groups)
    if "transactional_id" in filters:
        transactional_id = filters["transactional_id"]
        checks.append(lambda request: transactional_id in request.transactional_ids)
    if "topic" in filters:
        topic = filters["topic"]
        checks.append(lambda request: topic in request.topics)
    if "where" in filters:
        checks.append(filters["where"])
    return lambda request: all(check(request) for check in checks)


def described(apis: Sequence[str], filters: Filters) -> str:
    """What is meant, for messages."""
    words = {"client_id": "client", "transactional_id": "transactional id"}
    said = [f"{words.get(name, name)} {value!r}" for name, value in filters.items() if name != "where"]
    if "where" in filters:
        said.append("for which `where` is true")
    return " ".join([" or ".join(apis) or "request", *(["of", ", ".join(said)] if said else [])])
