"""The requests that have not ended: who asked, what for, and where each of them stands."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, Literal

from SynthCore.image import Image
from SynthCore.protocol import CANCELLED, LAST_EVENTS, Buffer, Message, pack

COMPUTATIONS = frozenset(
    {"preview", "synthesize", "evaluate", "plan-check", "teach", "lesion", "remove"}
)
"""Requests that run one at a time, in order."""
QUESTIONS = frozenset({"hello", "models"})
"""Requests that are answered at once, also while a computation runs."""

Handler = Callable[[Message], None]
Place = Literal["waiting", "sent"]


@dataclass(frozen=True)
class Ticket:
    """A request on its way.

    Attributes
    ----------
    id : int
        Of the request; the engine's events carry it.
    kind, body, payload
        What is asked; the payload is let go once it is sent.
    on_event : callable
        Told of every event; the last one is ``result``, ``refused``, ``error`` or ``cancelled``.
    place : str
        ``waiting`` here or ``sent`` to the engine.
    cancel_by : float or None
        When asking for its end has had its time; None while nobody asked.
    """

    id: int
    kind: str
    body: Mapping[str, Any]
    payload: Sequence[Buffer] = field(repr=False)
    on_event: Handler = field(repr=False)
    place: Place = "waiting"
    cancel_by: float | None = None

    @property
    def computes(self) -> bool:
        """Whether it takes its turn among the computations."""
        return self.kind in COMPUTATIONS


class Tickets:
    """Every ticket that has not ended, in the order they came.

    Parameters
    ----------
    log : callable
        Given one sentence where a handler fails; the others are told all the same.
    """

    def __init__(self, log: Callable[[str], None]) -> None:
        self._by_id: dict[int, Ticket] = {}
        self._log = log

    def __iter__(self) -> Iterator[Ticket]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, number: int) -> Ticket | None:
        """The ticket of that id, None if it has ended."""
        return self._by_id.get(number)

    def put(self, ticket: Ticket, **changes: Any) -> None:
        """Keep a ticket, with changes, in its place or at the end."""
        self._by_id[ticket.id] = replace(ticket, **changes)

    def tell(self, ticket: Ticket, event: Message) -> None:
        """Give an event to whoever asked; a last one ends the ticket, and there is only one.

        Of a ticket that is to be cancelled only the end is told, as ``cancelled``: a result that
        crossed the cancel on its way is no longer wanted.
        """
        now = self._by_id.get(ticket.id)
        if now is None:
            return
        last = event.type in LAST_EVENTS
        if now.cancel_by is not None:
            if not last:
                return
            if event.type != "cancelled":
                event = Message("cancelled", now.id, {"message": CANCELLED})
        if last:
            del self._by_id[now.id]
        try:
            now.on_event(event)
        except Exception as error:  # another's mistake, which must not cost the others theirs
            # the message of an unexpected error may hold a path or a name: its place must do
            at = traceback.extract_tb(error.__traceback__)[-1]
            self._log(
                f"A handler of {event.type} events failed with {type(error).__name__} "
                f"({PurePath(at.filename).name}, line {at.lineno})."
            )

    def end(self, ticket: Ticket, kind: str, body: Mapping[str, Any]) -> None:
        """End a ticket with an event of the client's own making."""
        self.tell(ticket, Message(kind, ticket.id, body))

    def end_cancelled(self, ticket: Ticket) -> None:
        """End a ticket with ``cancelled``."""
        self.end(ticket, "cancelled", {"message": CANCELLED})

    @property
    def running(self) -> Ticket | None:
        """The computation the engine has."""
        return next((t for t in self.sent if t.computes), None)

    @property
    def waiting(self) -> list[Ticket]:
        """What is still to be sent, in order."""
        return [t for t in self if t.place == "waiting" and t.cancel_by is None]

    @property
    def sent(self) -> list[Ticket]:
        """What the engine has, in order."""
        return [t for t in self if t.place == "sent"]

    def next_to_send(self) -> Ticket | None:
        """The first question, or else the first computation if none runs."""
        busy = self.running is not None
        questions_first = sorted(self.waiting, key=lambda t: t.computes)
        return next((t for t in questions_first if not (t.computes and busy)), None)


def ignore(event: Message) -> None:
    """Handle an event by doing nothing."""


def make_ticket(
    number: int,
    kind: str,
    body: Mapping[str, Any],
    volumes: Mapping[str, Image],
    on_event: Handler,
) -> Ticket:
    """A ticket that can be sent.

    Raises
    ------
    ValueError, TypeError
        If there is no such request, or its body is not JSON.
    """
    if kind not in COMPUTATIONS | QUESTIONS:
        raise ValueError(f"no request of kind {kind!r}")
    entries, pieces = pack(volumes)
    whole = {**body, "volumes": entries} if volumes else dict(body)
    json.dumps(whole)
    return Ticket(number, kind, whole, pieces, on_event)


def without_old_progress(messages: Sequence[Message]) -> list[Message]:
    """The messages without progress that a later one of the same request has overtaken."""
    newest = {m.id: n for n, m in enumerate(messages) if m.type == "progress"}
    return [m for n, m in enumerate(messages) if m.type != "progress" or newest[m.id] == n]
