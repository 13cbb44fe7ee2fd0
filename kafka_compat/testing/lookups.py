"""Mappings that say what is in them when a test asks for something else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NoReturn, TypeVar

_MOST: Final = 5

T = TypeVar("T")


class NotThere(KeyError):
    """A test asked for what is not there, or not yet; `Kafka.wait_for` goes on waiting."""

    def __str__(self) -> str:
        """A sentence, which KeyError would put in quotes."""
        return str(self.args[0])


class Lookup(dict[str, T]):
    """By name; `what` is what they are."""

    def __init__(self, what: str, entries: Mapping[str, T]) -> None:
        super().__init__(entries)
        self._what = what

    def __missing__(self, name: object) -> NoReturn:
        """Raises NotThere."""
        raise NotThere(there_is_no(self._what, name, self))


def there_is_no(what: str, name: object, others: Iterable[object]) -> str:
    """That there is none of that name, and which there are."""
    names = [repr(other) for other in others]
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"there is no {what} {name!r}" + (f", only {', '.join(names[:_MOST])}{more}" if names else ", nor any other")
