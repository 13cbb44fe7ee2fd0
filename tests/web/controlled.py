"""A Kafka and its control plane, and a client of that as a test in another language would have."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


class ControlClient:
    """Calls verbs; `ok` fails unless they succeed."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def call(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON."""
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        given = {**self._headers, **({"Content-Type": "application/json"} if data is not None else {}), **(headers or {})}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=given)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of an answer with status 200."""
        status, found = self.call(method, path, body)
        assert status == 200, (status, found)
        return found

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        """Status and sentence of a refusal."""
        status, found = self.call(method, path, body)
        assert status >= 400, (status, found)
        return status, found["error"]
