"""What the engine answers of a lesion, taken apart by dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SynthCore.errors import ComputationError
from SynthCore.image import Array, Image
from SynthCore.protocol import MASK, Message, unpack
from SynthCore.request import SynthesisRecord
from SynthCore.tasks import ROLES

PARTS = "parts"


@dataclass(frozen=True)
class LesionState:
    """Images of one date, or all there are."""

    date: str
    body: Mapping[str, Any]
    records: Mapping[str, SynthesisRecord]
    volumes: Mapping[str, Image] = field(repr=False)


def states_in(message: Message) -> list[LesionState]:
    """What a ``lesion`` or ``remove`` result holds, for each date.

    Raises
    ------
    ComputationError
        If it is not a whole one.
    """
    volumes, dates = unpack(message), message.body.get("dates")
    try:
        if dates is None:
            return [_state(message.body, volumes)]
        if not dates:
            raise ValueError
        return [
            _state(told, {n.removeprefix(f"{number} "): image for n, image in volumes.items()
                          if n.startswith(f"{number} ")})
            for number, told in enumerate(dates)
        ]  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise not_whole() from error


def _state(body: Mapping[str, Any], volumes: Mapping[str, Image]) -> LesionState:
    told, roles = body["records"], [name for name in volumes if name in ROLES]
    if not roles or not isinstance(told, Mapping) or (MASK in volumes) != (PARTS in volumes):
        raise ValueError
    records = {role: SynthesisRecord.from_json(str(told[role])) for role in roles}
    return LesionState(str(body.get("date") or ""), body, records, volumes)


def not_whole() -> ComputationError:
    """For a result that lacks something."""
    return ComputationError(
        "The engine's result is not a whole one; install the same release of both."
    )


def masks_of(state: LesionState) -> dict[str, Array]:
    """The whole lesion first, then its parts, if it has more than one."""
    title = str(state.body.get("title") or "Lesion")
    masks = {title: state.volumes[MASK].voxels > 0}
    names = state.body.get("part_names") or {}
    parts = {str(n): state.volumes[PARTS].voxels == int(v) for v, n in names.items()}
    parts = {name: part for name, part in parts.items() if part.any()}
    return {**masks, **(parts if len(parts) > 1 else {})}
