"""One request of a client, as a test sees it: before it is handled, under way, or over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kafka_compat.api.observers import End
from kafka_compat.protocol.registry import API_NAMES

if TYPE_CHECKING:
    from kafka_compat.api.context import RequestContext
    from kafka_compat.protocol.json_form import Json
    from kafka_compat.protocol.message import Message
    from kafka_compat.testing.refusals import Refusal
    from kafka_compat.testing.request_bodies import BodyNames

NO_NAMES: Final[Mapping[bytes, str]] = {}


class Request:
    """A request; what belongs to its end is None, 0 or empty until it has ended.

    Bodies are decoded when they are asked for.

    Attributes:
        number: of all requests of the cluster's log, from 0; -1 when it is not of a log.
        broker: node id of the broker that it came to.
        session: its connection (`kafka_compat.api.session.Session`), which may have changed since.
        correlation_id: the client's.
        began_ms, ended_ms: when the broker took it up and was done with it, by the broker's clock, since the Unix epoch.
        request_bytes, answer_bytes: sizes of the frames, without the length in front.
        queue_ms: how long it waited for its turn before that, at least.
        duration_ms: from its turn to its answer, in real time.
        end: how it ended.
        refusals: what the answer refuses, or why the connection is closed instead; at most the first 20.
        began_ns, ended_ns: the same on the clock of `time.monotonic_ns`, in real time.
    """

    __slots__ = (
        "_answer",
        "_body",
        "_context",
        "_fault",
        "_frame",
        "_header",
        "_names",
        "answer_bytes",
        "began_ms",
        "began_ns",
        "broker",
        "duration_ms",
        "end",
        "ended_ms",
        "ended_ns",
        "number",
        "queue_ms",
        "refusals",
        "request_bytes",
        "session",
    )

    def __init__(
        self,
        context: RequestContext,
        body: Message | None = None,
        *,
        number: int = -1,
        frame: bytes | None = None,
        names: Mapping[bytes, str] = NO_NAMES,
    ) -> None:
        services = context.services
        header = context.header
        self.number = number
        self.broker = int(services.node_id)
        self.session = context.session
        self.began_ms = services.clock.wall_ms()
        self.began_ns = context.began_ns
        self.ended_ms: int | None = None
        self.request_bytes = context.size_in_bytes
        self.answer_bytes = 0
        self.queue_ms = context.queue_ns / 1e6
        self.duration_ms = 0.0
        self.end: End | None = None
        self.refusals: tuple[Refusal, ...] = ()
        self.ended_ns = 0
        self._fault = ""
        self._header = header
        self._context: RequestContext | None = context
        self._names = names
        self._frame = frame
        self._answer: bytes | None = None
        self._body = body

    def __repr__(self) -> str:
        from kafka_compat.testing.request_lines import line_of

        return f"<{line_of(self)}>"

    # --- around the body

    @property
    def api(self) -> str:
        """Kafka's name of the API, such as `Produce`."""
        return API_NAMES[self._header.api_key]

    @property
    def api_key(self) -> int:
        """Its number."""
        return self._header.api_key

    @property
    def version(self) -> int:
        """The API version of request and answer."""
        return self._header.api_version

    @property
    def correlation_id(self) -> int:
        """The client's number for it."""
        return self._header.correlation_id

    @property
    def client_id(self) -> str:
        """What the client calls itself; empty when it does not."""
        return self._header.client_id or ""

    @property
    def address(self) -> str:
        """The client's `host:port`."""
        return self.session.address

    @property
    def software(self) -> str:
        """Name and version of the client's library, as far as it has said so."""
        return f"{self.session.software_name} {self.session.software_version}"

    # --- bodies

    @property
    def body(self) -> Message | None:
        """The request; records are cut to their first kibibyte when it is large. None when it is too large or unreadable."""
        if self._body is not None or self._frame is None:
            return self._body
        from kafka_compat.testing.request_bodies import body_of

        return body_of(self._frame)

    @property
    def answer(self) -> Message | None:
        """The answer, like `body`; None when there is none."""
        if self._answer is None:
            return None
        from kafka_compat.testing.request_bodies import answer_of

        return answer_of(self.api_key, self.version, self._answer)

    @property
    def body_json(self) -> dict[str, Json] | None:
        """The request in the form of Kafka's JSON converters."""
        return _json(self.body, self.version)

    @property
    def answer_json(self) -> dict[str, Json] | None:
        """The answer in that form."""
        return _json(self.answer, self.version)

    # --- what it is about

    @property
    def partitions(self) -> dict[str, tuple[int, ...]]:
        """Partitions that the request names, by topic; an empty tuple where it means the topic.

        A fetch within a session names only what is new to the session.
        """
        return self._names_in(self.body).partitions

    @property
    def topics(self) -> tuple[str, ...]:
        """Topics that request or answer name."""
        return tuple(dict.fromkeys((*self.partitions, *self._names_in(self.answer).partitions)))

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups that the request names."""
        return self._names_in(self.body).groups

    @property
    def transactional_ids(self) -> tuple[str, ...]:
        """Transactional ids that the request names."""
        return self._names_in(self.body).transactional_ids

    @property
    def transactional_id(self) -> str | None:
        """The first of them."""
        return next(iter(self.transactional_ids), None)

    # --- how it went

    @property
    def fault(self) -> str:
        """What was done to it on purpose; empty when nothing was."""
        return self._fault if self._context is None else getattr(self._context, "fault", "")

    @property
    def errors(self) -> tuple[str, ...]:
        """Names of the error codes of the answer, each once."""
        return tuple(dict.fromkeys(refusal.error for refusal in self.refusals if refusal.error))

    @property
    def why(self) -> str:
        """Field and rule of each refusal in words, a line each; empty when nothing was refused."""
        return "\n".join(map(str, self.refusals))

    def names_topic(self, topic_id: bytes) -> str:
        """The name of a topic by its id, or the id as text when no topic of the cluster has or had it."""
        name = self._names.get(topic_id)
        if name is None:
            context = self._context
            found = None if context is None else context.services.image.topics_by_id.get(topic_id)  # type: ignore[call-overload]
            if found is None:
                from kafka_compat.testing.request_lines import uuid_text

                return uuid_text(topic_id)
            name = str(found.name)
        return name

    def _names_in(self, body: Message | None) -> BodyNames:
        from kafka_compat.testing.request_bodies import BodyNames, names_in

        return BodyNames({}, (), ()) if body is None else names_in(body, self.version, self.names_topic)

    # --- written by the log

    def ended(
        self, end: End, ended_ms: int, duration_ns: int, answer: bytes | None, answer_bytes: int, refusals: tuple[Refusal, ...]
    ) -> None:
        """It is over."""
        self.end = end
        self.ended_ms = ended_ms
        self.ended_ns = self.session.turn_ns  # which has just been set to it
        self.duration_ms = duration_ns / 1e6
        self.answer_bytes = answer_bytes
        self.refusals = refusals
        self._answer = answer
        self._fault = self.fault
        self._context = None

    @property
    def kept_bytes(self) -> int:
        """What its bodies take in memory."""
        return (len(self._frame) if self._frame else 0) + (len(self._answer) if self._answer else 0)


def _json(message: Message | None, version: int) -> dict[str, Json] | None:
    if message is None:
        return None
    from kafka_compat.protocol.json_form import to_json

    return to_json(message, version)
