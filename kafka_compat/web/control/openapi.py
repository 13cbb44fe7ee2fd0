"""The OpenAPI document of the verbs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import kafka_compat
from kafka_compat.protocol.json_form import Json
from kafka_compat.web.control.arguments import Argument, Verb

_ERRORS = {
    "400": "The request cannot be understood.",
    "401": "The token is missing or wrong.",
    "404": "There is no such thing.",
    "408": "A wait was over before what it waits for had come; the text says what was there instead.",
    "409": "The cluster refuses; `kafka_error` names Kafka's error code if there is one.",
}


def document(verbs: Sequence[Verb], *, needs_token: bool) -> dict[str, Json]:
    """All of it."""
    paths: dict[str, Json] = {}
    for verb in verbs:
        of_path = paths.setdefault(re.sub(r":path\}", "}", verb.path), {})
        assert isinstance(of_path, dict)
        of_path[verb.method.lower()] = _operation(verb)
    found: dict[str, Json] = {
        "openapi": "3.1.0",
        "info": {
            "title": "kafka-compat control plane",
            "version": kafka_compat.__version__,
            "description": "The verbs of kafka_compat.testing.Kafka over HTTP.",
        },
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {
                        "error": {"type": "string", "description": "a sentence for a person"},
                        "kafka_error": {"type": "string", "description": "name of Kafka's error code"},
                    },
                }
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    if needs_token:
        found["security"] = [{"token": []}]
    return found


def _operation(verb: Verb) -> dict[str, Json]:
    error: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    responses: dict[str, Json] = {"200": {"description": verb.text, "content": {"application/json": {"schema": {}}}}}
    for status, text in _ERRORS.items():
        responses[status] = {"description": text, "content": error}
    found: dict[str, Json] = {"operationId": verb.name, "summary": verb.text, "responses": responses}
    parameters: list[Json] = [
        {
            "name": argument.name,
            "in": argument.place,
            "required": argument.is_required,
            "description": argument.text,
            "schema": _schema(argument),
        }
        for argument in verb.arguments
        if argument.place != "body"
    ]
    if parameters:
        found["parameters"] = parameters
    fields = [argument for argument in verb.arguments if argument.place == "body"]
    if fields:
        properties: dict[str, Json] = {
            argument.name: {**_schema(argument), "description": argument.text} for argument in fields
        }
        required: list[Json] = [argument.name for argument in fields if argument.is_required]
        schema: dict[str, Json] = {"type": "object", "properties": properties, "additionalProperties": False}
        if required:
            schema["required"] = required
        found["requestBody"] = {"required": bool(required), "content": {"application/json": {"schema": schema}}}
    return found


def _schema(argument: Argument) -> dict[str, Json]:
    found: dict[str, Json] = {} if argument.kind == "any" else {"type": argument.kind}
    if argument.kind == "array":
        found["items"] = {}
    if argument.choices:
        found["enum"] = [*argument.choices]
    return found
