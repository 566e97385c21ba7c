"""Which model the engine chose by itself, for volumes of which look.

It takes the best model whose checks do not refuse, which only the voxels tell; so nothing is said
of its choice before it was made once, nor after what it depended on has changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib.orders import Order
from SlicerSynthLib.scalars import array_of_data

Models = Sequence[Mapping[str, Any]]
"""As the engine lists them."""

SAMPLES = 1000
"""Voxels of each volume that are looked at."""


def look_of(order: Order) -> str:
    """What is looked at, as a short text: the task, the target, and the volumes.

    Of these: which they are, their grid and some of their voxels.
    """
    volumes = [[role, *_look(node)] for role, node in order.inputs.items()]
    return _digest([order.task, order.target, volumes])


def remember(parameters: Any, look: str, models: Models, model: str) -> None:
    """Keep what the engine chose, until it chooses again."""
    parameters.fitting = f"{look} {_offered(models)} {model}"


def fitting(parameters: Any, look: str, models: Models) -> str:
    """Id of the model that the engine chose for that look from these, empty if it is not known."""
    kept = parameters.fitting.split(" ", 2)
    return kept[2] if kept[:2] == [look, _offered(models)] and len(kept) == 3 else ""


def title_of(model: Mapping[str, Any]) -> str:
    """A model as the list shows it."""
    kind = _("learned") if model.get("kind") == "network" else _("baseline")
    return _("{0} ({1})").format(model.get("name"), kind)


def entry_of(known: Mapping[str, Any]) -> str:
    """The entry that leaves it to the engine; names a model only if it is known to be used."""
    if not known:
        return _("Automatic (the best that fits)")
    return _("Automatic: {0}").format(known.get("name"))  # what it is would be cut off


def tip_of(model: Mapping[str, Any], models: Models) -> str:
    """A line on the model that will be used; where it is not known, on what will decide."""
    if model:
        return _("Version {0}. {1}").format(model.get("version"), model.get("summary"))
    names = ", ".join(str(one.get("name")) for one in models)
    words = _("The first of these that does not refuse the image: {0}.")
    return words.format(names) if models else ""


def page_of(model: Mapping[str, Any], models: Models) -> str:
    """The card of the model that will be used, in Markdown; where it is not known, the list."""
    if model:
        return str(model.get("card") or "")
    lines = [f"{n}. **{one.get('name')}**: {one.get('summary')}" for n, one in enumerate(models, 1)]
    words = _("Of these, the first that does not refuse the image is used:")
    return "\n".join((words, "", *lines))


def _look(node: Any) -> list[Any]:
    image = node.GetImageData()
    voxels = None if image is None else array_of_data(image)
    if voxels is None:
        return [node.GetID()]
    flat = voxels.reshape(-1)
    # what changes the choice (another volume, a filter over all of it) changes these as well
    some = flat[:: max(1, flat.size // SAMPLES) | 1]
    spacing = [round(step, 4) for step in node.GetSpacing()]
    return [node.GetID(), list(voxels.shape), spacing, hashlib.sha256(some.tobytes()).hexdigest()]


def _offered(models: Models) -> str:
    return _digest([[str(model["id"]), str(model.get("version"))] for model in models])


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]
