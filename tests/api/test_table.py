"""The table's rows and the modules that they name."""

from __future__ import annotations

import importlib
import pkgutil
from typing import get_type_hints

import pytest

from kafka_compat.api import handlers
from kafka_compat.api.table import HANDLERS, Handler
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import request_class


def _module(handler: Handler[Message]) -> str:
    return ApiKey(handler.api_key).name.lower()


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=_module)
def test_each_row_names_the_module_of_its_key_which_takes_the_requests_that_are_decoded(handler: Handler[Message]) -> None:
    module = importlib.import_module(f"kafka_compat.api.handlers.{_module(handler)}")
    assert handler._load() is module
    wanted = request_class(handler.api_key)
    # The modules that are compiled have no annotations to ask; mypy has checked them against the row.
    for function in (module.handle, module.refuse):
        if hasattr(function, "__globals__"):
            assert get_type_hints(function, {**vars(module)})["request"] is wanted


def test_no_module_of_the_folder_is_without_a_row() -> None:
    named = {_module(handler) for handler in HANDLERS.values()}
    assert {module.name for module in pkgutil.iter_modules(handlers.__path__)} == named


def test_what_is_no_handler_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no handler produce_twice"):
        handlers.produce_twice  # type: ignore[attr-defined]  # noqa: B018
