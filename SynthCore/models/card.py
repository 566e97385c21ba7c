"""The card of a model: what it was made for, how its input is prepared, what is known of it.

It is the ``synthcore`` block of a MONAI bundle's ``configs/metadata.json``. A model folder is
untrusted input, so every field is checked here, once, before anything is computed from it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from SynthCore.errors import InputError, ModelError
from SynthCore.models.normalize import Normalization
from SynthCore.tasks import ROLES, get_task

OPEN_TARGETS = ("same", "any")
"""Targets that are no role: the role given, or any output of the task that was not given."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Prepare:
    """From the input's grid to the network's.

    Attributes
    ----------
    spacing_mm : tuple
        Spacing the network works at, along (i, j, k); None keeps the input's own.
    slices : int
        Neighboring slices the network sees (odd), the middle one is made.
    multiple_of : int
        In-plane size is padded to a multiple of this.
    tile : tuple of int
        Largest in-plane tile (rows, columns).
    normalization : mapping
        By role.
    """

    spacing_mm: tuple[float | None, float | None, float | None] = (None, None, None)
    slices: int = 1
    multiple_of: int = 16
    tile: tuple[int, int] = (256, 256)
    normalization: Mapping[str, Normalization] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """From the network's output to the image: ``offset + scale * y``, plus the input if residual.

    Attributes
    ----------
    scale, offset : float
        In the output's unit.
    residual_of : str or None
        Role whose own voxels are added.
    clip : tuple of float or None
        Range of the result.
    outside : float or None
        Value outside the patient's body, None to leave what the network says.
    """

    scale: float = 1.0
    offset: float = 0.0
    residual_of: str | None = None
    clip: tuple[float, float] | None = None
    outside: float | None = None


@dataclass(frozen=True)
class Card:
    """What the engine needs of a card, checked; `block` is all of it, for people and reports."""

    id: str
    version: str
    task: str
    inputs: tuple[str, ...]
    target: str
    unit: str
    kind: Literal["network", "classical"]
    anatomy: str
    weights_sha256: str
    prepare: Prepare
    output: Output
    input_statistics: Mapping[str, Any]
    block: Mapping[str, Any] = field(repr=False)

    def makes(self, target: str) -> bool:
        """Whether the model can make that role."""
        return self.target == target or self.target in OPEN_TARGETS


def parse_card(metadata: Any, where: str) -> Card:
    """The card in a bundle's metadata.

    Parameters
    ----------
    metadata : object
        The parsed ``metadata.json``.
    where : str
        Name of the model folder, for messages.

    Raises
    ------
    ModelError
        If a field is missing, of a wrong type or out of range.
    """
    try:
        block = metadata["synthcore"]
        kind = block["kind"]
        if kind not in ("network", "classical"):
            raise ModelError(f"kind is 'network' or 'classical', not {kind!r}")
        task = get_task(_text(block, "task"))
        sha = str(block.get("weights_sha256", ""))
        if kind == "network" and not _SHA256.fullmatch(sha):
            raise ModelError("weights_sha256 is not a SHA-256")
        identity = _text(block, "id")
        if not _ID.fullmatch(identity):
            raise ModelError("id may hold only a to z, 0 to 9 and '-'")
        inputs = tuple(str(role) for role in block["inputs"])
        target = _text(block, "target")
        unknown = [r for r in (*inputs, target) if r not in (*ROLES, *OPEN_TARGETS)]
        if not inputs or unknown:
            raise ModelError(f"unknown role in inputs or target: {unknown or 'none given'}")
        return Card(
            id=identity,
            version=str(metadata["version"]),
            task=task.name,
            inputs=inputs,
            target=target,
            unit=_text(block, "unit"),
            kind=cast(Literal["network", "classical"], kind),
            anatomy=str(block.get("anatomy", "")),
            weights_sha256=sha,
            prepare=_prepare(block.get("prepare", {})),
            output=_output(block.get("output", {}), inputs),
            input_statistics=_mapping(block.get("input_statistics", {})),
            block=block,
        )
    except ModelError as error:
        raise ModelError(f"The card of the model folder {where} is wrong: {error}.") from error
    except (InputError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"The card of the model folder {where} cannot be used: {_reason(error)}."
        ) from error


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the field {error} is missing"
    return str(error).rstrip(".")


def _text(block: Mapping[str, Any], name: str) -> str:
    value = block[name]
    if not isinstance(value, str) or not value:
        raise ModelError(f"{name} is not a text")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ModelError("a block is not an object")
    return value


def _number(value: Any, low: float, high: float, what: str) -> float:
    number = float(value)
    if not math.isfinite(number) or not low <= number <= high:
        raise ModelError(f"{what} is not between {low:g} and {high:g}")
    return number


def _whole(value: Any, low: int, high: int, what: str) -> int:
    return int(_number(value, low, high, what))


def _prepare(block: Any) -> Prepare:
    block = _mapping(block)
    spacing = tuple(
        None if v is None else _number(v, 0.05, 50, "spacing_mm")
        for v in block.get("spacing_mm", (None, None, None))
    )
    tile = tuple(_whole(v, 16, 4096, "tile") for v in block.get("tile", (256, 256)))
    slices = _whole(block.get("slices", 1), 1, 31, "slices")
    if len(spacing) != 3 or len(tile) != 2 or slices % 2 == 0:
        raise ModelError("spacing_mm has three values, tile two, and slices is odd")
    multiple_of = _whole(block.get("multiple_of", 16), 1, 256, "multiple_of")
    if any(side % multiple_of for side in tile):
        raise ModelError("the tile is not a multiple of multiple_of")
    normalization = {
        str(role): Normalization.from_card(value)
        for role, value in _mapping(block.get("normalization", {})).items()
    }
    return Prepare(
        (spacing[0], spacing[1], spacing[2]),
        slices,
        multiple_of,
        (tile[0], tile[1]),
        normalization,
    )


def _output(block: Any, inputs: tuple[str, ...]) -> Output:
    block = _mapping(block)
    residual_of = block.get("residual_of")
    if residual_of is not None and residual_of not in inputs:
        raise ModelError("residual_of is not among the inputs")
    clip = block.get("clip")
    outside = block.get("outside")
    return Output(
        scale=_number(block.get("scale", 1.0), -1e6, 1e6, "scale"),
        offset=_number(block.get("offset", 0.0), -1e6, 1e6, "offset"),
        residual_of=residual_of,
        clip=None if clip is None else (float(clip[0]), float(clip[1])),
        outside=None if outside is None else _number(outside, -1e6, 1e6, "outside"),
    )
