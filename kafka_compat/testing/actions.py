"""What a fault does to a request."""

from __future__ import annotations


class Action:
    """What is done with a request in place of, or around, its handler."""
