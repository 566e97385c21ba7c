"""The engine as a process with two pipes, which no one ever waits for.

Three threads do the waiting: one writes what is sent, one reads frames, one keeps the last lines
of the standard error. `EngineProcess` is what the client asks of it, so that a test or another
kind of engine can stand in.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, BinaryIO, Protocol, cast

from SlicerSynthLib.pipes import LastLines, Tap, write_all
from SlicerSynthLib.tree import ProcessTree
from SynthCore.errors import ComputationError
from SynthCore.protocol import Buffer, Message, ProtocolError, encode, read

GRACE = 0.5
"""Seconds for the rest to follow, once the process, its output or its input has ended."""


class EngineError(ComputationError):
    """The engine cannot be started."""


class EngineProcess(Protocol):
    """What the client asks of an engine; none of it ever waits."""

    def start(self, command: Sequence[str]) -> None:
        """Start it; `EngineError` if that is not possible."""

    def send(self, message: Message, payload: Iterable[Buffer] | None = None) -> None:
        """Put a message on its way; `payload` replaces the message's own."""

    def received(self) -> list[Message]:
        """All that has come since the last call."""

    def is_running(self) -> bool:
        """Whether anything more can come from it."""

    def exit_code(self) -> int | None:
        """None while it runs, or where it is not known; negative for a signal."""

    def problem(self) -> str:
        """What was wrong with its output, as a sentence, or nothing."""

    def last_words(self) -> str:
        """The last lines of its standard error."""

    def kill(self) -> None:
        """End it with everything it has started."""


class PipeProcess:
    """An engine started by a command, in this machine's own process table.

    Parameters
    ----------
    environment : mapping, optional
        For the process, this one's own by default. A Python other than Slicer's needs the
        environment Slicer was started in (``slicer.util.startupEnvironment()``).
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = environment
        self._tree: ProcessTree | None = None
        self._to_write: queue.SimpleQueue[list[Buffer] | None] = queue.SimpleQueue()
        self._inbox: deque[Message] = deque()
        self._lines = LastLines()
        self._problem = ""
        self._killed = False
        self._exited = threading.Event()
        self._output_ended = threading.Event()
        self._ended_at: float | None = None

    def start(self, command: Sequence[str]) -> None:
        """Start the command; see `EngineProcess`."""
        try:
            self._tree = ProcessTree(command, self._environment, self._exit_seen)
        except (OSError, ValueError, IndexError) as error:
            reason = getattr(error, "strerror", None) or "not a command"
            raise EngineError(
                f"The engine could not be started ({reason}); install it, or correct its command "
                "under Engine."
            ) from None
        popen = self._tree.popen
        for work, stream in (
            (self._write, popen.stdin),
            (self._read, popen.stdout),
            (self._listen, popen.stderr),
        ):
            name = f"engine{work.__name__}"
            threading.Thread(target=work, args=(stream,), name=name, daemon=True).start()

    def send(self, message: Message, payload: Iterable[Buffer] | None = None) -> None:
        """Queue a message for the writing thread."""
        self._to_write.put(encode(message, payload))

    def received(self) -> list[Message]:
        """Every message that has come since the last call."""
        count = len(self._inbox)
        return [self._inbox.popleft() for _ in range(count)]

    def is_running(self) -> bool:
        """Whether anything more can come: not killed, not ended, and frames on its output."""
        if self._tree is None or self._killed or self._problem:
            return False
        if self._exited.is_set() and self._output_ended.is_set():
            return False
        return self._ended_at is None or time.monotonic() - self._ended_at < GRACE

    @property
    def pid(self) -> int | None:
        """Of the process that was started, None before."""
        return None if self._tree is None else self._tree.popen.pid

    def exit_code(self) -> int | None:
        """The exit code, negative for a signal, None while it runs."""
        return self._tree.popen.returncode if self._tree and self._exited.is_set() else None

    def problem(self) -> str:
        """What was wrong with its output."""
        return self._problem

    def last_words(self) -> str:
        """The last lines of its standard error."""
        return str(self._lines)

    def kill(self) -> None:
        """End the whole tree; what it had still to say is dropped."""
        self._killed = True
        self._inbox.clear()
        if self._tree is not None:
            self._tree.kill()
            self._to_write.put(None)

    def _exit_seen(self) -> None:
        self._exited.set()
        self._note_end()
        self._to_write.put(None)

    def _note_end(self) -> None:
        if self._ended_at is None:
            self._ended_at = time.monotonic()

    def _write(self, stream: IO[bytes]) -> None:
        if hasattr(signal, "pthread_sigmask"):
            # an embedded Python may not ignore SIGPIPE, which would end the whole application
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
        try:
            while (pieces := self._to_write.get()) is not None:
                for piece in pieces:
                    write_all(stream, memoryview(piece).cast("B"))
                del piece, pieces  # no volume is held while nothing is sent
        except (OSError, ValueError):
            self._note_end()
        finally:
            with contextlib.suppress(OSError):
                stream.close()

    def _read(self, stream: IO[bytes]) -> None:
        tap = Tap(stream)
        try:
            while (message := read(cast(BinaryIO, tap))) is not None:
                if not self._killed:
                    self._inbox.append(message)
                del message
        except (ProtocolError, OSError, ValueError, MemoryError) as error:
            if isinstance(error, ProtocolError) and not tap.ended:
                self._problem = str(error)
        finally:
            self._output_ended.set()
            self._note_end()
            stream.close()

    def _listen(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError), stream:
            self._lines.drain(stream)
