"""What the wire layer raises when bytes cannot be read or a value cannot be written.

Not for mypyc: a compiled class with an interpreted or builtin base accepts weak references and leaves them behind when it
goes, and the interpreter crashes on them later.
"""


class WireError(Exception):
    """Bytes that are no value of the expected type, or a value that has no bytes in this version.

    Kafka answers a request it cannot parse by closing the connection (`InvalidRequestException` in
    `RequestContext.parseRequest`), so a server treats this error as the client's fault.

    Attributes:
        message: what was wrong, without the position.
        position: offset in bytes from the start of the reader's buffer (or of the writer's output).
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message, position)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return f"{self.message} at byte {self.position}"


class TextTooLong(WireError):
    """A text of more bytes than a string field holds."""


class TooWide(Exception):
    """A message has more array elements than whoever reads or writes it wants to handle in one go; nothing is wrong with it."""
