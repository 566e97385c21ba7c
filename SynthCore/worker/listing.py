"""Answers that need no computation: who this is, what it can make, and with which models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import SynthCore
from SynthCore.errors import InputError
from SynthCore.lesions.kinds import KINDS
from SynthCore.lesions.wish import REGIONS, SIDES
from SynthCore.models.bundle import Bundle
from SynthCore.models.library import list_bundles, takes
from SynthCore.protocol import VERSION
from SynthCore.quality.presets import PRESETS
from SynthCore.tasks import SAME_ROLE_TASKS, TASKS, get_task
from SynthCore.worker.devices import list_devices

MAX_PAGE = 1 << 20


def hello() -> dict[str, Any]:
    """Version, process, devices, tasks, presets of metrics and kinds of lesions."""
    return {
        "version": SynthCore.__version__,
        "protocol": VERSION,
        "pid": os.getpid(),
        "devices": list_devices(),
        "tasks": [
            {
                "name": task.name,
                "title": task.title,
                "inputs": list(task.inputs),
                "required": list(task.required),
                "at_least": task.at_least,
                "outputs": list(task.outputs),
                "needs_mask": task.needs_mask,
                "same_role": task.name in SAME_ROLE_TASKS,
            }
            for task in TASKS.values()
        ],
        "presets": [
            {"name": preset.name, "unit": preset.unit, "needs_mask": preset.needs_mask}
            for preset in PRESETS.values()
        ],
        "lesions": [
            {
                "name": kind.name,
                "title": kind.title,
                "organ": kind.organ,
                "roles": list(kind.roles),
                "sites": list(kind.sites),
                "volume_ml": list(kind.volume_ml),
                "regions": list(REGIONS) if kind.organ == "brain" else [],
                "sides": list(SIDES) if kind.organ == "brain" else [],
                # the learned model that blends takes heads
                "blend": kind.organ == "brain",
            }
            for kind in KINDS.values()
        ],
    }


def models(body: Mapping[str, Any]) -> dict[str, Any]:
    """Models of a task for the roles given (all roles where none is), the best first.

    Raises
    ------
    InputError
        If there is no such task, or a field is not what it should be.
    """
    task, roles, target = body.get("task"), body.get("roles") or [], body.get("target")
    if not isinstance(task, str) or not isinstance(roles, list):
        raise InputError("A models message names a task and a list of roles.")
    get_task(task)
    given = {str(role) for role in roles}
    bundles, problems = list_bundles(task)
    usable = [
        bundle
        for bundle in bundles
        if (target is None or bundle.card.makes(str(target)))
        and (not given or takes(bundle, given))
    ]
    usable.sort(key=lambda b: (b.card.kind != "network", -len(given & set(b.card.inputs)), b.name))
    return {"models": [_entry(bundle) for bundle in usable], "notes": list(problems)}


def _entry(bundle: Bundle) -> dict[str, Any]:
    card = bundle.card
    return {
        "id": card.id,
        "name": card.id,
        "version": card.version,
        "kind": card.kind,
        "inputs": list(card.inputs),
        "target": card.target,
        "runs": card.runs,
        "uncertainty_runs": card.uncertainty_runs,
        "summary": summary(bundle),
        "card": _page(bundle),
    }


def summary(bundle: Bundle) -> str:
    """One line: what a model is for, and its quality as measured, with preset and data."""
    made_for = f"Made for {bundle.card.anatomy}"
    measured = _measured(bundle.card.block.get("quality"))
    kind = "a classical baseline, " if bundle.card.kind == "classical" else ""
    return f"{made_for}; {kind}{measured or 'no measured quality'}."


_FIGURES = (("mae_hu", "MAE", " HU"), ("psnr_db", "PSNR", " dB"), ("ssim", "SSIM", ""))


def _measured(quality: Any) -> str:
    try:
        first = quality[0]
        name, word, unit = next(f for f in _FIGURES if f[0] in first["metrics"])
        text = f"{word} {float(first['metrics'][name]):.4g}{unit}"
        baseline = first.get("baseline") or {}
        if name in baseline.get("metrics", {}):
            text += f" ({baseline['name']}: {float(baseline['metrics'][name]):.4g}{unit})"
        return f"{text}; {first['preset']}; {first['data']}"
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration):
        return ""


def _page(bundle: Bundle) -> str:
    try:
        data = (bundle.folder / "docs" / "README.md").read_bytes()[:MAX_PAGE]
    except OSError:
        return str(bundle.card.block.get("intended_use", ""))
    return data.decode("utf-8", errors="replace")
