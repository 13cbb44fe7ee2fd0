"""Who is told of each request: when it begins, and how it ended.

`Services.observers` has all of them; the dispatcher tells each in turn. Every request pays for what they do, so they add up or
note, and leave the rest to whoever reads it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from time import monotonic_ns
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kafka_compat.protocol.message import Message
from kafka_compat.wire.framing import SIZE_LENGTH
from kafka_compat.wire.primitives import Part

if TYPE_CHECKING:
    from kafka_compat.api.context import RequestContext
    from kafka_compat.api.session import Session

logger = logging.getLogger(__name__)


class End(IntEnum):
    """How a request ended."""

    # Its answer is made and on its way.
    ANSWERED = 0
    # It wants none, as a produce request with acks=0, or a fault left it out.
    NO_ANSWER = 1
    # The connection is closed instead: it cannot be read, or not be answered.
    CLOSED = 2
    # Nobody is there to take the answer, whatever was carried out.
    CLIENT_GONE = 3


class Observer(Protocol):
    """Is told of requests whose header could be read, on the event loop.

    One that joins while requests are under way hears the end of some whose beginning it was not told. One that raises is logged
    and told no more.
    """

    def ended(
        self, context: RequestContext, end: End, answer_bytes: int, duration_ns: int, response: Message | None, /
    ) -> None:
        """A request is over for the broker; its answer may have to be sent yet.

        Args:
            context: of the request; `size_in_bytes` is its frame's, `queue_ns` how long it waited for its turn before.
            end: how it ended.
            answer_bytes: of the answer's frame, like the request's without the length in front; 0 when there is none.
            duration_ns: since it began.
            response: what was encoded, for `error_codes`; only valid during the call. None when there is no answer, or one so
                wide that it was encoded in a thread.
        """


class Recorder(Protocol):
    """Is told all that there is, bytes too, on the event loop; for test doubles and tools: it costs what it copies."""

    def began(self, context: RequestContext, frame: memoryview, /) -> None:
        """A request is about to be decoded; its frame, without the length in front, is only valid during the call."""

    def ended(
        self,
        context: RequestContext,
        end: End,
        answer: Sequence[Part] | None,
        answer_bytes: int,
        duration_ns: int,
        response: Message | None,
        /,
    ) -> None:
        """See `Observer.ended`; `answer` is the frame with its length, only valid during the call, None when there is none."""

    def refused(self, session: Session, reason: str, /) -> None:
        """A connection is closed for what came through it, or because a fault wants it."""

    def disconnected(self, session: Session, /) -> None:
        """A client has ended its connection; and again, when all that came through it is done."""


@runtime_checkable
class BeginningObserver(Observer, Protocol):
    """One that is told of beginnings too."""

    def began(self, context: RequestContext, /) -> None:
        """A request is about to be decoded."""


class Observers:
    """All of one broker."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers: list[Observer] = []
        self._recorders: tuple[Recorder, ...] = ()
        # What they are told with; attributes, because every request looks at them.
        self.beginnings: tuple[Callable[[RequestContext], None], ...] = ()
        self.hears_beginnings = False
        self.hears_ends = False
        self.ends: tuple[Callable[[RequestContext, End, int, int, Message | None], None], ...] = ()
        for observer in observers:
            self.add(observer)

    def add(self, observer: Observer) -> None:
        """Tell `observer` from now on."""
        self._set([*self._observers, observer])

    def remove(self, observer: Observer) -> None:
        """Tell `observer` no more."""
        self._set([each for each in self._observers if each is not observer])

    def add_recorder(self, recorder: Recorder) -> None:
        """Tell `recorder` from now on; a no-op when it is told already."""
        if recorder not in self._recorders:
            self._set_recorders((*self._recorders, recorder))

    def remove_recorder(self, recorder: Recorder) -> None:
        """Tell `recorder` no more."""
        self._set_recorders(tuple(each for each in self._recorders if each is not recorder))

    def _set(self, observers: list[Observer]) -> None:
        self._observers = observers
        self.beginnings = tuple(each.began for each in observers if isinstance(each, BeginningObserver))
        self.ends = tuple(each.ended for each in observers)
        self._look_who_hears()

    def _set_recorders(self, recorders: tuple[Recorder, ...]) -> None:
        self._recorders = recorders
        self._look_who_hears()

    def _look_who_hears(self) -> None:
        self.hears_beginnings = bool(self.beginnings or self._recorders)
        self.hears_ends = bool(self.ends or self._recorders)

    def tell_began(self, context: RequestContext, frame: memoryview) -> None:
        """Tell that the request in `frame` begins."""
        for began in self.beginnings:
            try:
                began(context)
            except Exception:
                self._dismiss(began)
        for recorder in self._recorders:
            try:
                recorder.began(context, frame)
            except Exception:
                self._dismiss_recorder(recorder)

    def tell_ended(
        self, context: RequestContext, end: End, answer: Sequence[Part] | None = None, response: Message | None = None
    ) -> None:
        """Tell that a request has ended, with this answer."""
        if answer is None:
            size = 0
        else:
            size = (len(answer[0]) if len(answer) == 1 else sum(map(len, answer))) - SIZE_LENGTH
        session = context.session
        if session.is_gone:
            end = End.CLIENT_GONE
        # The next request in the turn of a connection begins where this one ends: one look at the clock for each.
        session.turn_ns = now_ns = monotonic_ns()
        duration_ns = now_ns - context.began_ns
        for ended in self.ends:
            try:
                ended(context, end, size, duration_ns, response)
            except Exception:
                self._dismiss(ended)
        if self._recorders:
            for recorder in self._recorders:
                try:
                    recorder.ended(context, end, answer, size, duration_ns, response)
                except Exception:
                    self._dismiss_recorder(recorder)

    def tell_refused(self, session: Session, reason: str) -> None:
        """Tell that a connection is closed for what came through it."""
        for recorder in self._recorders:
            try:
                recorder.refused(session, reason)
            except Exception:
                self._dismiss_recorder(recorder)

    def tell_disconnected(self, session: Session) -> None:
        """Tell that a client has ended its connection, or that the connection is gone."""
        for recorder in self._recorders:
            try:
                recorder.disconnected(session)
            except Exception:
                self._dismiss_recorder(recorder)

    def _dismiss(self, failed: Callable[..., None]) -> None:
        for observer in self._observers:
            if failed in (observer.ended, getattr(observer, "began", None)):
                logger.exception("%s failed, and observes requests no more", type(observer).__name__)
                self.remove(observer)

    def _dismiss_recorder(self, recorder: Recorder) -> None:
        logger.exception("%s failed, and records requests no more", type(recorder).__name__)
        self.remove_recorder(recorder)


def error_codes(response: Message, version: int) -> Counter[int]:
    """How often each error code is in a response of that version, 0 for what succeeded; takes as long as it is large."""
    from kafka_compat.api.answer_errors import errors_in  # for who looks, not for who serves

    return Counter(error.code for error in errors_in(response, version))
