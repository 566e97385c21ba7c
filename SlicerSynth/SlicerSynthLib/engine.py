"""One engine after another: started when it is needed, greeted, replaced when it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from SlicerSynthLib.endings import (
    MISSING,
    Ending,
    ended_in_use,
    never_answered,
    too_slow,
    wrong_greeting,
)
from SlicerSynthLib.process import EngineProcess
from SynthCore.errors import SynthCoreError
from SynthCore.protocol import LAST_EVENTS, Buffer, Message

TRIES = 3
"""Ends before the first answer, one after another, until it is given up."""
GREETING_LIMIT = 120.0
"""Seconds to the first answer: a first start reads much from disk."""

State = Literal["idle", "starting", "ready", "failed", "closed"]


class Engine:
    """The process at hand, if any, and its handshake.

    Parameters
    ----------
    command, make_process, clock : callable
        As for `SlicerSynthLib.client.WorkerClient`.
    next_id : callable
        Gives a fresh request id.
    """

    def __init__(
        self,
        command: Callable[[], Sequence[str]],
        make_process: Callable[[], EngineProcess],
        clock: Callable[[], float],
        next_id: Callable[[], int],
    ) -> None:
        self._command = command
        self._make_process = make_process
        self._clock = clock
        self._next_id = next_id
        self._process: EngineProcess | None = None
        self._hello = 0
        self._greet_by = 0.0
        self._early_ends = 0
        self.state: State = "idle"
        self.greeting: Mapping[str, Any] = {}

    def start(self) -> Ending | None:
        """Start a process and greet it, if there is none; why not, if that fails."""
        if self._process is not None:
            return None
        process = self._make_process()
        try:
            process.start(self._command())
        except SynthCoreError as error:  # a command that cannot be read, too
            return self._give_up(Ending(MISSING, str(error)))
        self._process, self.state = process, "starting"
        self._hello = self._next_id()
        self._greet_by = self._clock() + GREETING_LIMIT
        process.send(Message("hello", self._hello))
        return None

    def send(self, message: Message, payload: Iterable[Buffer] | None = None) -> None:
        """Send to the process that is ready."""
        if self._process is not None:
            self._process.send(message, payload)

    def receive(self) -> tuple[list[Message], Ending | None]:
        """What has come, and why nothing more will come, if so.

        An end before the first answer is None as well while there are tries left: the state is
        then ``idle`` and a fresh start is due.
        """
        process = self._process
        if process is None:
            return [], None
        alive = process.is_running()  # asked first: what came before an end is not lost
        messages = []
        for message in process.received():
            if message.id != self._hello:
                messages.append(message)
            elif message.type in LAST_EVENTS and self.state == "starting":
                if wrong := wrong_greeting(message):
                    return [], self._give_up(wrong)
                self.state, self.greeting, self._early_ends = "ready", message.body, 0
        if not alive:
            return messages, self._ended(process)
        if self.state == "starting" and self._clock() > self._greet_by:
            return messages, self._give_up(too_slow(GREETING_LIMIT, process.last_words()))
        return messages, None

    def end(self, state: State = "idle") -> None:
        """End the process and all it started, if there is one."""
        process, self._process = self._process, None
        self.state = state
        if process is not None:
            process.kill()

    def _ended(self, process: EngineProcess) -> Ending | None:
        code, problem, details = process.exit_code(), process.problem(), process.last_words()
        if self.state == "ready":
            self.end()
            return ended_in_use(code, problem, details)
        self._early_ends += 1
        if problem:
            return self._give_up(Ending(MISSING, problem, details))
        if self._early_ends >= TRIES:
            return self._give_up(never_answered(code, self._early_ends, details))
        self.end()
        return None

    def _give_up(self, ending: Ending) -> Ending:
        self._early_ends = 0
        self.end("failed")
        return ending
