"""What a ``lesion`` or a ``remove`` message asks for, every field checked.

Volumes of both: the images by role, all of one patient in one frame of reference; the first of
them has the grid of the lesion's mask. ``lesion`` may bring ``organ``, a mask of what the lesion
lies in; its body's ``wish`` has the fields of `SynthCore.lesions.wish.LesionWish`, and its
``growth``, where there is one, ``dates`` (YYYY-MM-DD) with ``volumes_ml`` or ``doubling_days``;
``blend`` says whether a learned model blends the border.
``remove`` brings ``mask``, and in its body ``margin_mm``, ``seed``, ``model`` and ``device``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image
from SynthCore.lesions.grow import MOST_DATES
from SynthCore.lesions.wish import LesionWish
from SynthCore.protocol import MASK, Message, unpack
from SynthCore.request import Options
from SynthCore.tasks import ROLES, unit_of
from SynthCore.worker.bodies import as_mask

ORGAN = "organ"
FARTHEST_MM = 1e5
"""No place of a patient lies farther from the origin."""
_TEXTS = ("kind", "site", "side", "region", "model", "device")


@dataclass(frozen=True)
class AskedGrowth:
    """What `SynthCore.lesions.grow.grow` takes besides."""

    dates: tuple[date, ...]
    volumes_ml: tuple[float, ...]
    doubling_days: float | None


@dataclass(frozen=True)
class AskedLesion:
    """What `SynthCore.lesions.place.place` takes, and how it grows."""

    images: dict[str, Image]
    wish: LesionWish
    organ: Image | None
    growth: AskedGrowth | None = None
    blend: bool = False


@dataclass(frozen=True)
class AskedRemoval:
    """What `SynthCore.lesions.remove.remove` takes; None where it has a default of its own."""

    images: dict[str, Image]
    mask: Image
    margin_mm: float | None
    model: str | None
    options: Options


def lesion_in(message: Message) -> AskedLesion:
    """What a ``lesion`` message asks for.

    Raises
    ------
    InputError
        If a field is missing or not what it should be.
    RefusedError
        If the images have different frames of reference.
    """
    volumes = unpack(message)
    organ = volumes.pop(ORGAN, None)
    wish = _wish(message.body.get("wish"))
    blend = message.body.get("blend")
    if not isinstance(blend, bool | None):
        raise InputError("The blend of a lesion message is neither true nor false.")
    return AskedLesion(
        _images(volumes, message.type), wish, None if organ is None else as_mask(organ),
        _growth(message.body.get("growth")), bool(blend),
    )  # fmt: skip


def removal_in(message: Message) -> AskedRemoval:
    """What a ``remove`` message asks for.

    Raises
    ------
    InputError
        If a field is missing or not what it should be.
    RefusedError
        If the images have different frames of reference.
    """
    volumes, body = unpack(message), message.body
    mask = volumes.pop(MASK, None)
    if mask is None:
        raise InputError("A remove message brings no mask of a lesion.")
    for name in ("margin_mm", "model", "device", "seed"):
        if body.get(name) is not None:
            _check(name, body[name])
    margin, model = body.get("margin_mm"), body.get("model")
    options = Options(body.get("seed") or 0, body.get("device") or "auto")
    return AskedRemoval(
        _images(volumes, message.type), as_mask(mask),
        None if margin is None else float(margin), model or None, options,
    )  # fmt: skip


def _images(volumes: Mapping[str, Image], kind: str) -> dict[str, Image]:
    """The volumes as images of their roles, of one patient in one frame of reference."""
    from SynthCore.engine.checks import check_grids

    if not volumes:
        raise InputError(f"A {kind} message brings no image.")
    unknown = [name for name in volumes if name not in ROLES]
    if unknown:
        raise InputError(f"A {kind} message brings a volume {unknown[0][:40]!r}: no role.")
    images = {
        role: replace(image, modality=role, unit=unit_of(role)) for role, image in volumes.items()
    }
    checks = check_grids(images)
    for check in checks:
        if check.outcome == "refuse":
            raise RefusedError(f"{check.message.rstrip('.')}, or leave it out.", checks)
    return images


def _wish(given: Any) -> LesionWish:
    if not isinstance(given, Mapping) or not {"kind", "volume_ml"} <= set(given):
        raise InputError("A lesion message has no wish that names a kind and a volume.")
    known = {field.name for field in fields(LesionWish)}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"A wish for a lesion has a field {str(name)[:40]!r}: unknown.")
        if value is not None or name in ("kind", "volume_ml"):
            _check(name, value)
    return LesionWish.from_dict({name: v for name, v in given.items() if v is not None})


def _growth(given: Any) -> AskedGrowth | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise InputError("The growth of a lesion is not an object.")
    dates, volumes = given.get("dates"), given.get("volumes_ml") or []
    doubling = given.get("doubling_days")
    try:
        if not isinstance(dates, list) or not isinstance(volumes, list):
            raise TypeError
        days = tuple(date.fromisoformat(one) for one in dates[:MOST_DATES])
    except (TypeError, ValueError):
        raise InputError("The growth of a lesion has no list of dates YYYY-MM-DD.") from None
    if len(dates) > MOST_DATES or not all(map(_is_number, volumes)):
        raise InputError("The growth of a lesion has too many dates, or invalid volumes.")
    if doubling is not None and not _is_number(doubling):
        raise InputError("The doubling time of a lesion is not a number.")
    return AskedGrowth(
        days, tuple(float(v) for v in volumes), None if doubling is None else float(doubling)
    )


def _check(name: str, value: Any) -> None:
    """Refuse a value of the wrong type, or of no possible size."""
    if name in _TEXTS:
        right = isinstance(value, str) and len(value) <= 200
    elif name == "seed":
        right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63
    elif name == "at":
        right = isinstance(value, list) and len(value) == 3 and all(map(_is_number, value))
        right = right and all(abs(v) < FARTHEST_MM for v in value)
    else:
        right = _is_number(value)
    if not right:
        raise InputError(f"The field {name} of the message is not valid.")


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < 2**63 and math.isfinite(value)
