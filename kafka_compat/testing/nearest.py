"""What may have been meant by a name that is not there."""

from __future__ import annotations

from collections.abc import Iterable

_LIKENESS = 0.6


def nearest(name: str, known: Iterable[str], most: int = 1) -> list[str]:
    """The names that are most like it; case and underscores do not count, and those that only go on come first."""
    from difflib import get_close_matches  # slow, and nobody needs it otherwise

    bare = _bare(name)
    if not bare:
        return []
    alike = {_bare(other): other for other in known}
    near = [other for other in alike if other and (other.startswith(bare) or bare.startswith(other))]
    return [alike[other] for other in (near or get_close_matches(bare, alike, most, _LIKENESS))[:most]]


def did_you_mean(name: str, known: Iterable[str], most: int = 1) -> str:
    """A question about the nearest names, to be put behind a refusal; empty when none is near."""
    near = nearest(name, known, most)
    return f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""


def _bare(name: str) -> str:
    return name.replace("_", "").strip().lower()
