"""The pytest plugin: imports pytest and the standard library until a fixture is used."""

from __future__ import annotations
