"""Small pieces for reading and writing raw pipes, each used from a thread of its own."""

from __future__ import annotations

from collections import deque
from typing import IO

CHUNK = 1 << 20
LAST_LINES = 40
LONGEST_LINE = 400


class Tap:
    """A stream that remembers having ended: a crash within a frame is no wrong frame."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.ended = False

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer as far as bytes have come; 0 at the end."""
        count: int = self._stream.readinto(buffer)  # type: ignore[attr-defined]
        self.ended = count == 0
        return count


class LastLines:
    """The last lines of a stream, for the details behind an error."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=LAST_LINES)

    def __str__(self) -> str:
        return "\n".join(tuple(self._lines))

    def drain(self, stream: IO[bytes]) -> None:
        """Read the stream to its end; a full pipe would halt whoever writes to it."""
        rest = b""
        while chunk := stream.read(4096):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[-LONGEST_LINE:]
            self._lines.extend(_text(line) for line in lines)
        if rest:
            self._lines.append(_text(rest))


def write_all(stream: IO[bytes], view: memoryview) -> None:
    """Write every byte; a raw pipe may take fewer than it is given."""
    while view:
        view = view[stream.write(view[:CHUNK]) :]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip()[:LONGEST_LINE]
