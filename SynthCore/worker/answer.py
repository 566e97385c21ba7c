"""What a computation answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from SynthCore.protocol import Buffer


@dataclass(frozen=True)
class Answer:
    """Body and payload of a ``result``."""

    body: dict[str, Any]
    payload: Iterable[Buffer] | None = None
