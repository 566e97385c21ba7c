"""Programs that run one after another beside the interface, line by line, until one fails."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from SlicerSynthLib.install import Step
from SlicerSynthLib.tree import ProcessTree


class Steps:
    """Runs the steps in order; `poll` tells of lines and of the end, on the caller's thread.

    Parameters
    ----------
    steps : sequence of Step
        The programs.
    environment : mapping
        Of each process.
    on_line : callable
        Told each title and each line of output.
    on_end : callable
        Told the outcome once: an empty text, or a sentence of what went wrong.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        environment: Mapping[str, str],
        on_line: Callable[[str], None],
        on_end: Callable[[str], None],
    ) -> None:
        self._waiting = deque(steps)
        self._environment = environment
        self._on_line, self._on_end = on_line, on_end
        self._lines: deque[str] = deque()
        self._cancelled = False
        self._ended = False
        self._step: Step | None = None
        self._tree: ProcessTree | None = None
        self._readers: list[threading.Thread] = []
        self._exited = threading.Event()

    def poll(self) -> bool:
        """Go on; true once everything has ended and was told."""
        if self._ended:
            return True
        while self._lines:
            self._on_line(self._lines.popleft())
        if self._tree is not None:
            if not self._exited.is_set() or any(thread.is_alive() for thread in self._readers):
                return False
            code, self._tree = self._tree.popen.returncode, None
            if code != 0 and not self._cancelled:
                title = self._step.title if self._step else ""
                return self._end(f"{title} failed (exit code {code}); see the lines above.")
        if self._cancelled:
            return self._end("The installation was cancelled; nothing uses what it left.")
        if not self._waiting:
            return self._end("")
        self._start(self._waiting.popleft())
        return self._ended

    def cancel(self) -> None:
        """End the program that runs, and start no other."""
        self._cancelled = True
        if self._tree is not None:
            self._tree.kill()

    def _start(self, step: Step) -> None:
        self._step = step
        self._exited = threading.Event()
        self._on_line(f"{step.title} ...")
        try:
            self._tree = ProcessTree(step.command, self._environment, self._exited.set)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a command"
            self._end(f"{step.title} could not be started ({reason}).")
            return
        popen = self._tree.popen
        if popen.stdin is not None:
            popen.stdin.close()
        self._readers = [
            threading.Thread(target=self._take, args=(stream,), name="install-lines", daemon=True)
            for stream in (popen.stdout, popen.stderr)
        ]
        for thread in self._readers:
            thread.start()

    def _take(self, stream: IO[bytes]) -> None:
        for line in stream:
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                self._lines.append(text[:400])

    def _end(self, trouble: str) -> bool:
        while self._lines:
            self._on_line(self._lines.popleft())
        self._ended = True
        self._on_end(trouble)
        return True
