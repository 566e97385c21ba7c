"""The client of the engine's worker: requests in, events out, and no one ever waits.

It knows no Qt and no scene. A timer of its owner's calls `WorkerClient.poll` every 20 to 50 ms;
every event is delivered from there, one after another, on the owner's thread. Each request ends
with exactly one ``result``, ``refused``, ``error`` or ``cancelled``, whatever becomes of the
engine.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from SlicerSynthLib.endings import MISSING, Ending
from SlicerSynthLib.engine import Engine, State
from SlicerSynthLib.process import EngineProcess, PipeProcess
from SlicerSynthLib.tickets import Handler, Tickets, ignore, make_ticket, without_old_progress
from SynthCore.image import Image
from SynthCore.protocol import EVENTS, Message

PATIENCE = 0.9
"""Seconds an engine has to stop when asked, before it is ended: the answer comes within one."""


def _log(sentence: str) -> None:
    logging.getLogger("SlicerSynth").warning(sentence)


class WorkerClient:
    """Sends requests to an engine and tells their owners what becomes of them.

    ``preview``, ``synthesize``, ``evaluate``, ``plan-check``, ``teach``, ``lesion`` and
    ``remove`` run one at a time, in order; ``hello`` and ``models`` go at once. The engine is
    started when the first request needs it, and afresh when it has ended.

    Parameters
    ----------
    command : callable
        Gives the engine's command as a list; asked at each start.
    make_process : callable
        Gives an `EngineProcess`.
    clock : callable
        Seconds, never going back.
    log : callable
        Given one sentence for whatever belongs to no request.
    """

    def __init__(
        self,
        command: Callable[[], Sequence[str]],
        make_process: Callable[[], EngineProcess] = PipeProcess,
        clock: Callable[[], float] = time.monotonic,
        log: Callable[[str], None] = _log,
    ) -> None:
        numbers = itertools.count(1)
        self._next_id: Callable[[], int] = lambda: next(numbers)
        self._engine = Engine(command, make_process, clock, self._next_id)
        self._tickets = Tickets(log)
        self._clock = clock
        self._log = log
        self._polling = False

    @property
    def state(self) -> State:
        """Of the engine: ``idle`` (none yet), ``starting``, ``ready``, ``failed``, ``closed``."""
        return self._engine.state

    @property
    def busy(self) -> bool:
        """Whether a computation runs."""
        return self._tickets.running is not None

    @property
    def queued(self) -> int:
        """Computations that wait for their turn."""
        return sum(ticket.computes for ticket in self._tickets.waiting)

    @property
    def greeting(self) -> Mapping[str, Any]:
        """What the last engine said of itself (version, devices, tasks); empty before."""
        return self._engine.greeting

    def submit(
        self,
        kind: str,
        body: Mapping[str, Any],
        volumes: Mapping[str, Image] | None = None,
        on_event: Handler = ignore,
    ) -> int:
        """Put a request in the queue; its events come from `poll`.

        The voxels of `volumes` are not copied: they must not change until the request ends.

        Returns
        -------
        int
            The ticket, for `cancel`; also the id of the request's events.

        Raises
        ------
        RuntimeError
            After `close`.
        ValueError, TypeError
            If there is no such request, or its body is not JSON.
        """
        if self.state == "closed":
            raise RuntimeError("the client is closed")
        ticket = make_ticket(self._next_id(), kind, body, volumes or {}, on_event)
        self._tickets.put(ticket)
        return ticket.id

    def cancel(self, number: int) -> None:
        """Ask for a request to end with ``cancelled``; nothing happens if it has ended.

        Whatever the engine does, the event comes within about `PATIENCE`.
        """
        ticket = self._tickets.get(number)
        if ticket is None or ticket.cancel_by is not None:
            return
        patient = ticket.place == "sent" and ticket.computes
        self._tickets.put(ticket, cancel_by=self._clock() + (PATIENCE if patient else 0.0))
        if patient:
            self._engine.send(Message("cancel", self._next_id(), {"request": number}))

    def poll(self) -> None:
        """Deliver what has come, end what is overdue, send what is next; cheap when idle."""
        if self._polling or self.state == "closed":
            return
        self._polling = True  # a handler that runs an event loop must not be overtaken
        try:
            messages, ending = self._engine.receive()
            for message in without_old_progress(messages):
                self._pass_on(message)
            if ending is not None:
                self._engine_ended(ending)
            self._end_overdue()
            self._send_waiting()
        finally:
            self._polling = False

    def restart(self) -> None:
        """End the engine, as for a changed setting; a running computation is cancelled."""
        if self.state == "closed":
            return
        if running := self._tickets.running:
            self._tickets.put(running, cancel_by=self._clock())
        self._end_engine()

    def close(self) -> None:
        """End the engine; every request that has not ended ends with ``cancelled``."""
        self._engine.end("closed")
        for ticket in self._tickets:
            self._tickets.end_cancelled(ticket)

    def _pass_on(self, message: Message) -> None:
        ticket = self._tickets.get(message.id)
        if ticket is None:
            if message.type == "log":
                self._log(str(message.body.get("message", "")))
        elif message.type in EVENTS:
            self._tickets.tell(ticket, message)

    def _engine_ended(self, ending: Ending) -> None:
        lost = list(self._tickets) if ending.kind == MISSING else self._tickets.sent
        if not lost:
            self._log(ending.message)
        for ticket in lost:
            self._tickets.end(ticket, "error", ending.body())

    def _end_overdue(self) -> None:
        now = self._clock()
        for ticket in self._tickets:
            if ticket.cancel_by is not None and ticket.cancel_by <= now:
                if ticket.place == "sent" and ticket.computes:
                    self._end_engine()
                self._tickets.end_cancelled(ticket)

    def _end_engine(self) -> None:
        self._engine.end()
        for ticket in self._tickets.sent:
            if not ticket.computes:  # asked again of the next one
                self._tickets.put(ticket, place="waiting")

    def _send_waiting(self) -> None:
        while (ticket := self._tickets.next_to_send()) is not None:
            if self.state != "ready":
                ending = self._engine.start()
                if ending is not None:
                    self._engine_ended(ending)
                return
            self._tickets.put(ticket, place="sent", payload=())
            self._engine.send(Message(ticket.kind, ticket.id, ticket.body), ticket.payload)
