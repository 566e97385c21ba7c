"""One request of a person, from the click to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from SlicerSynthLib.orders import Order

Kind = Literal["preview", "synthesize", "evaluate", "plan-check", "teach", "lesion", "remove"]
MAKING: frozenset[Kind] = frozenset({"preview", "synthesize", "lesion", "remove"})
"""Kinds whose result is a volume."""
State = Literal["queued", "running", "done", "refused", "failed", "cancelled"]

ENDED: frozenset[State] = frozenset({"done", "refused", "failed", "cancelled"})


@dataclass
class Job:
    """Changes as its events come; the panel only reads it.

    Attributes
    ----------
    ticket : int
        Of the worker client.
    kind, order
        What was asked; only what makes a volume has an order.
    state, fraction, stage, seconds_left
        Where it stands.
    message : str
        One sentence for a person, once it has ended.
    details : str
        What stands behind the sentence.
    note : str
        What a person should know of how it ended, beside the message.
    trouble : str
        Kind of the error, where it failed.
    node, uncertainty : vtkMRMLScalarVolumeNode or None
        What was made.
    answer : mapping
        Body of the ``result``.
    fits : tuple of int or None
        The tile [k, j, i] that memory would hold, where it ran out.
    """

    kind: Kind
    ticket: int = 0
    order: Order | None = None
    state: State = "queued"
    fraction: float = 0.0
    stage: str = ""
    seconds_left: float | None = None
    message: str = ""
    details: str = ""
    note: str = ""
    trouble: str = ""
    node: Any = None
    uncertainty: Any = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    fits: tuple[int, ...] | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ENDED
