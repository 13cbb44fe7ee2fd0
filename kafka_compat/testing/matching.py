"""Which requests a fault is about: by broker, client and what they name, and how often it fires of those."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from kafka_compat.api.context import RequestContext
from kafka_compat.ids import TopicId
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.fetch import FetchRequest
from kafka_compat.testing.arguments import whole_number
from kafka_compat.testing.named import EVERY, Names, leaves

if TYPE_CHECKING:
    from kafka_compat.metadata.image import ClusterImage
    from kafka_compat.testing.request import Request


# An empty array of topics is all of them (Metadata: in v0), and they ask for topics with all their partitions.
_ALL_BY_EMPTY: Final = frozenset({ApiKey.METADATA, ApiKey.DESCRIBE_TOPIC_PARTITIONS})
_WHOLE_TOPICS: Final = _ALL_BY_EMPTY
EVERY_PARTITION: Final = -1


def numbers(name: str, value: int | Collection[int] | None) -> frozenset[int] | None:
    """One number or several, as `Kafka.fail` takes them.

    Raises:
        TypeError, ValueError: they are none.
    """
    if value is None:
        return None
    several = [value] if isinstance(value, int | str) or not isinstance(value, Collection) else list(value)
    if not several:
        raise ValueError(f"{name} is a number, or several, not {value!r}")
    return frozenset(whole_number(name, each, 0) for each in several)


def _text(value: object) -> str:
    if not isinstance(value, frozenset):
        return repr(value)
    return str(next(iter(value))) if len(value) == 1 else str(sorted(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Of which requests, and of which of their parts; None is any."""

    broker: frozenset[int] | None = None
    topic: str | None = None
    partition: frozenset[int] | None = None
    group: str | None = None
    transactional_id: str | None = None
    client_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what is no name.

        Raises:
            TypeError: of the type of an argument.
            ValueError: of its value.
        """
        for name in ("topic", "group", "transactional_id", "client_id"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise TypeError(f"{name} is a str, not {value!r}")

    def __str__(self) -> str:
        given = ((name, getattr(self, name)) for name in self.__slots__)
        return ", ".join(f"{name}={_text(value)}" for name, value in given if value is not None)

    @property
    def is_about_parts(self) -> bool:
        """Whether one request may have parts that are meant, and others."""
        return any(one is not None for one in (self.topic, self.partition, self.group, self.transactional_id))

    def has_part(self, names: Names, image: ClusterImage) -> bool:
        """Whether a part with these names is meant."""
        if self.group is not None and names.group != self.group:
            return False
        if self.transactional_id is not None and names.transactional_id != self.transactional_id:
            return False
        if self.topic is not None and topic_name(names, image) != self.topic:
            return False
        return self.partition is None or names.partition in self.partition

    def is_in(self, names: Names, image: ClusterImage) -> bool:
        """Whether a part is meant, or more is asked for than it names, and what is meant is in that."""
        if self.has_part(names, image):
            return True
        partition = None if self.partition is None else next(iter(self.partition))
        if names.topic == EVERY:
            is_there = self.topic is None or self.topic in image.topics
            return is_there and self.has_part(names._replace(topic=self.topic, partition=partition), image)
        return names.partition == EVERY_PARTITION and self.has_part(names._replace(partition=partition), image)

    def why_not(self, context: RequestContext, request: Message) -> str | None:
        """None when a request is meant, else which argument it does not fit."""
        if self.broker is not None and context.services.node_id not in self.broker:
            return "broker"
        if self.client_id is not None and (context.header.client_id or "") != self.client_id:
            return "client_id"
        if self.is_about_parts:
            image = context.services.image
            if not any(self.is_in(names, image) for names in asked_for(context, request)):
                return "what it names"
        return None


def asked_for(context: RequestContext, request: Message) -> Iterator[Names]:
    """What a request is about, part by part: also what a fetch session has and this request of it does not repeat."""
    api_key, version = context.header.api_key, context.version
    if api_key in _ALL_BY_EMPTY and not request.topics and (api_key != ApiKey.METADATA or version == 0):  # type: ignore[attr-defined]
        yield Names(topic=EVERY)
        return
    if api_key in _WHOLE_TOPICS:
        yield from (names._replace(partition=EVERY_PARTITION) for names in leaves(request, version))
        return
    yield from leaves(request, version)
    if isinstance(request, FetchRequest) and request.session_epoch > 0:
        session = context.services.fetch_sessions.get(request.session_id)
        for topic, partition in () if session is None else session.partitions:
            if isinstance(topic, str):
                yield Names(topic=topic, partition=partition)
            else:
                yield Names(topic_id=topic, partition=partition)


def topic_name(names: Names, image: ClusterImage) -> str | None:
    """The topic's name, also of one that is given by its id."""
    if names.topic is not None or names.topic_id is None:
        return names.topic
    topic = image.topics_by_id.get(TopicId(names.topic_id))
    return None if topic is None else topic.name


class Trigger:
    """When a fault fires, of the requests that it is about.

    Args:
        times: how often; None is always.
        on_call: not before the n-th, from 1.
        probability: of each from there on.
        seed: of the generator that draws.
    """

    def __init__(self, times: int | None, on_call: int | None, probability: float | None, seed: int | None) -> None:
        if times is not None:
            whole_number("times", times, 1)
        if on_call is not None:
            whole_number("on_call", on_call, 1)
        if probability is not None:
            if not isinstance(probability, int | float) or isinstance(probability, bool):
                raise TypeError(f"probability is a number from 0 to 1, not {probability!r}")
            if not 0 <= probability <= 1:
                raise ValueError(f"probability is a number from 0 to 1, not {probability}")
        if seed is not None:
            if probability is None:
                raise ValueError("seed says how probability draws, and goes with it")
            if not isinstance(seed, int) or isinstance(seed, bool):
                raise TypeError(f"seed is a whole number, not {seed!r}")
        self.times = times
        self.on_call = on_call
        self.probability = probability
        self._random = Random(seed)  # noqa: S311 (no secret)
        self._calls = 0
        self._fired = 0

    def fires(self) -> bool:
        """Whether it fires for one more request; counts it."""
        self._calls += 1
        if self.is_over or (self.on_call is not None and self._calls < self.on_call):
            return False
        if self.probability is not None and self._random.random() >= self.probability:
            return False
        self._fired += 1
        return True

    def take_back(self) -> None:
        """It had nothing to do after all: it fires once more."""
        self._fired -= 1

    @property
    def is_over(self) -> bool:
        """Whether it never fires any more."""
        return self.times is not None and self._fired >= self.times


When = Callable[["Request"], object]
