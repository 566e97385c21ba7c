"""What a request's body asks for, every field checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from SynthCore.engine.memory import SMALLEST_TILE
from SynthCore.errors import InputError
from SynthCore.image import Image
from SynthCore.protocol import MASK, Message, unpack
from SynthCore.request import Options, SynthesisRequest

MOST_THREADS = 1024


def synthesis_request(message: Message) -> SynthesisRequest:
    """The request of a ``synthesize`` or ``preview`` message.

    Raises
    ------
    InputError
        If a field is missing or not what it should be.
    """
    body = message.body
    volumes = unpack(message)
    mask = volumes.pop(MASK, None)
    task = _text(body, "task", message)
    if task is None:
        raise InputError(f"A {message.type} message names no task.")
    if not volumes:
        raise InputError(f"A {message.type} message brings no volume.")
    return SynthesisRequest(
        task,
        volumes,
        _text(body, "target", message),
        _text(body, "model", message),
        None if mask is None else as_mask(mask),
        _options(body.get("options"), message),
    )


def point_of(message: Message) -> tuple[float, float, float]:
    """The point of a ``preview``, LPS millimeters.

    Raises
    ------
    InputError
        If it is not three finite numbers.
    """
    point = message.body.get("point")
    if not isinstance(point, list) or len(point) != 3 or not all(_is_number(v) for v in point):
        raise InputError("A preview message names no point of three numbers in millimeters (LPS).")
    x, y, z = (float(v) for v in point)
    return x, y, z


def as_mask(image: Image) -> Image:
    """The volume as true where it is positive."""
    return image.with_voxels(image.voxels > 0)


def _text(body: Mapping[str, Any], name: str, message: Message) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"The {name} of a {message.type} message is not a text.")
    return value or None


def _options(given: Any, message: Message) -> Options:
    if given is None:
        return Options()
    if not isinstance(given, Mapping):
        raise InputError(f"The options of a {message.type} message are not an object.")
    default = Options()
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in ("seed", "device", "backend", "threads", "tile", "uncertainty"):
            raise InputError(f"A {message.type} message has an option {str(name)[:40]!r}: unknown.")
        if value is None:
            continue
        wanted = bool if name == "uncertainty" else str if name in ("device", "backend") else int
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise InputError(f"The option {name} of a {message.type} message has a wrong type.")
        if isinstance(value, int) and not 0 <= value < 2**63:
            raise InputError(f"The option {name} of a {message.type} message is out of range.")
        if name == "threads" and isinstance(value, int) and value > MOST_THREADS:
            raise InputError(f"A computation takes at most {MOST_THREADS} threads.")
        found[name] = value
    if found.get("tile", SMALLEST_TILE) < SMALLEST_TILE:
        raise InputError(
            f"A tile has a side of at least {SMALLEST_TILE} voxels; in smaller ones a model sees "
            "too little around each."
        )
    return Options(
        found.get("seed", default.seed),
        found.get("device", default.device),
        found.get("backend", default.backend),
        found.get("threads", default.threads),
        found.get("tile"),
        found.get("uncertainty", default.uncertainty),
    )


def _is_number(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False
