"""Requests as lines of text for people."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable

from kafka_compat.api.observers import End
from kafka_compat.testing.request import Request

_MOST_NAMES = 4


def line_of(request: Request) -> str:
    """API, version, client, what it is about, how it went."""
    about = _names(
        [
            *(f"{topic}-{_numbers(partitions)}" if partitions else topic for topic, partitions in request.partitions.items()),
            *(f"group {group}" for group in request.groups),
            *(f"transactional id {name}" for name in request.transactional_ids),
        ]
    )
    words = [f"{request.api} v{request.version}"]
    if about:
        words.append(f"({about})")
    words.append(f"from {request.client_id or request.address} to broker {request.broker}:")
    words.append(_outcome(request))
    if request.fault:
        words.append(f"[fault: {request.fault}]")
    return " ".join(words)


def counted(requests: Iterable[Request]) -> str:
    """How many of which API, the most frequent first."""
    counts = Counter(request.api for request in requests)
    return ", ".join(f"{count} {api}" for api, count in counts.most_common())


def uuid_text(value: bytes) -> str:
    """A uuid as Kafka writes it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _outcome(request: Request) -> str:
    if request.end is None:
        return "under way"
    took = f"{request.duration_ms:.1f} ms"
    if request.refusals:
        shown = "; ".join(map(str, request.refusals[:_MOST_NAMES]))
        more = len(request.refusals) - _MOST_NAMES
        shown += f"; {more} more" if more > 0 else ""
        return f"connection closed: {shown}" if request.end is End.CLOSED else f"{shown} ({took})"
    return {
        End.ANSWERED: f"ok ({took})",
        End.NO_ANSWER: f"done, no answer ({took})",
        End.CLOSED: "connection closed",
        End.CLIENT_GONE: f"its client was gone ({took})",
    }[request.end]


def _names(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f", {more} more" if more > 0 else "")


def _numbers(numbers: tuple[int, ...]) -> str:
    return (
        str(numbers[0])
        if len(numbers) == 1
        else "{" + ",".join(map(str, numbers[:8])) + ("…" if len(numbers) > 8 else "") + "}"
    )
