"""What Apache Kafka answered when it was last asked: for runs without Java, and to see when its answers change.

`tests/golden/conformance/MODULE.jsonl.gz` has a line for each test, sorted by name, and in it the reference's normalised
answers in the order in which the test compares them:

    ["test_delete", [["some v0", {"error_code": 0, ...}], ...]]

Bytes are {"hex": "..."}; what is large, and what a compressor made, is told by its size and digest only (`recorded_form`). The
files depend on nothing but the answers: recording again what has not changed makes no difference.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, cast

from tests.conformance.normalise import Normal

DIRECTORY: Final = Path(__file__).resolve().parent.parent / "golden" / "conformance"
REFRESH: Final = "python -m pytest --record"

_LARGEST_TEXT: Final = 1000  # characters, or bytes
_LARGEST_LIST: Final = 1000  # items
_OF_THE_CODEC: Final = "<of the codec>"
_CODEC_BITS: Final = 7


class Answer(NamedTuple):
    """One comparison: its label and what the reference answered."""

    label: str
    answer: Normal


def recorded_form(answer: object) -> Normal:
    """`answer` as it is recorded, whoever gave it: plain JSON values and bytes, without what is large or not Kafka's.

    A compressed batch of records (see `data_plane.records_name`) is told without its compressed bytes, its length and its CRC:
    they belong to the compressor, which is another one where the recording is replayed.
    """
    match answer:
        case None | bool() | float():
            return answer
        case int():
            return int(answer)
        case str() if len(answer) > _LARGEST_TEXT:
            return f"<{len(answer)} characters, SHA-256 {_digest(answer.encode('utf-8', 'surrogatepass'))}>"
        case str():
            return str(answer)
        case bytes() if len(answer) > _LARGEST_TEXT:
            return f"<{len(answer)} bytes, SHA-256 {_digest(answer)}>"
        case bytes():
            return answer
        case list() | tuple():
            items = [recorded_form(item) for item in answer]
            if len(items) > _LARGEST_LIST:
                return f"<{len(items)} items, SHA-256 {_digest(_json(items).encode())}>"
            return items
        case dict():
            values = {str(name): recorded_form(value) for name, value in answer.items()}
            attributes = values.get("attributes")
            if "body" in values and isinstance(attributes, int) and attributes & _CODEC_BITS:
                values.update(body=_OF_THE_CODEC, batch_length=_OF_THE_CODEC, crc=_OF_THE_CODEC)
            return values
    raise TypeError(f"no recorded form of {type(answer).__name__}")


class Recordings:
    """The recordings of all modules, read when they are first asked for; `save` writes those that were changed."""

    def __init__(self, directory: Path = DIRECTORY) -> None:
        self._directory = directory
        self._modules: dict[str, dict[str, list[Answer]]] = {}
        self._changed: set[str] = set()

    def modules(self) -> Iterator[str]:
        """Those that have a recording on disk."""
        return (path.name.removesuffix(".jsonl.gz") for path in sorted(self._directory.glob("*.jsonl.gz")))

    def of(self, module: str) -> Mapping[str, list[Answer]]:
        """Test name to its answers."""
        return self._of(module)

    def replace(self, module: str, test: str, answers: list[Answer]) -> None:
        """Put another recording of a test in place of what there is."""
        self._of(module)[test] = answers
        self._changed.add(module)

    def forget(self, module: str, test: str) -> None:
        """Drop the recording of a test."""
        if self._of(module).pop(test, None) is not None:
            self._changed.add(module)

    def save(self) -> None:
        """Write the modules that were changed; a module without answers loses its file."""
        self._directory.mkdir(parents=True, exist_ok=True)
        for module in sorted(self._changed):
            path = self._path(module)
            lines = [_json([test, answers]) for test, answers in sorted(self._modules[module].items()) if answers]
            if not lines:
                path.unlink(missing_ok=True)
                continue
            content = "".join(f"{line}\n" for line in lines).encode()
            # The same bytes are left alone: another version of zlib would squeeze them otherwise.
            if not path.exists() or gzip.decompress(path.read_bytes()) != content:
                path.write_bytes(gzip.compress(content, mtime=0))
        self._changed.clear()

    def _of(self, module: str) -> dict[str, list[Answer]]:
        if module not in self._modules:
            path = self._path(module)
            found: dict[str, list[Answer]] = {}
            if path.exists():
                for line in gzip.decompress(path.read_bytes()).decode().splitlines():
                    test, answers = json.loads(line, object_hook=_bytes_of)
                    found[test] = [Answer(*answer) for answer in answers]
            self._modules[module] = found
        return self._modules[module]

    def _path(self, module: str) -> Path:
        return self._directory / f"{module}.jsonl.gz"


def _json(value: object) -> str:
    return json.dumps(value, default=_hex_of, separators=(",", ":"))


def _hex_of(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    raise TypeError(f"{type(value).__name__} has no recorded form")


def _bytes_of(value: dict[str, Normal]) -> Normal:
    return bytes.fromhex(cast(str, value["hex"])) if value.keys() == {"hex"} else value


def _digest(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()[:32]
