"""Which role each volume of a scene seems to play, and why.

DICOM headers tell it best. A volume without them is judged by the words of its name and by
its values: only CT reaches -1000, air in HU. A suggestion is never more than that.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from SlicerSynthLib.attributes import TARGET, is_synthetic
from SlicerSynthLib.display import sample
from SlicerSynthLib.doses import is_dose
from SlicerSynthLib.first_header import told_once
from SynthCore.dicom import words
from SynthCore.dicom.roles import Suggestion, suggest_role
from SynthCore.tasks import ROLES

_AIR = (-1100.0, -900.0)
_AIR_PART = 0.005
"""Less of a volume than this at the values of air is no sign of CT."""

_told: dict[str, Suggestion] = {}
"""By the SOPInstanceUID of a series' first file, so that it is read once."""


def suggest_roles(scene: Any) -> dict[str, Suggestion]:
    """Node ID to suggestion, for every volume of one gray value a voxel.

    Parameters
    ----------
    scene : vtkMRMLScene
        Its label maps, color volumes, hidden and empty volumes are left out.

    Returns
    -------
    dict
        `SynthCore.dicom.roles.Suggestion`: a role or None, the reason in one clause (it quotes
        single words of a name, never the name), and whether nothing speaks against it.
    """
    count = scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode")
    nodes = [scene.GetNthNodeByClass(n, "vtkMRMLScalarVolumeNode") for n in range(count)]
    return {node.GetID(): suggest_role_of(node) for node in nodes if _is_candidate(node)}


def suggest_role_of(node: Any) -> Suggestion:
    """The suggestion for one volume."""
    target = node.GetAttribute(TARGET)
    if target and is_synthetic(node):
        role = target if target in ROLES else None
        return Suggestion(role, "computed by a model, not acquired", False)
    told = told_once(node, _told, suggest_role)
    if told is not None:
        return told
    return by_name_and_values(node.GetName() or "", _has_air(node))


def by_name_and_values(name: str, air: bool) -> Suggestion:
    """The suggestion for a volume of that name; `air` is whether its values reach -1000."""
    line = words.plain(name)
    if found := words.excluded(line):
        return Suggestion(None, f"the name says {found[0]}: {found[1]}", False)
    named = _named(line)
    if not named:
        if air:
            return Suggestion(
                "CT", "values near -1000, as air has in HU; no word in the name", False
            )
        return Suggestion(None, "neither name nor values tell the role", False)
    said = " and ".join(named[role] for role in sorted(named))
    tomographic = [role for role in ("CBCT", "CT") if role in named]
    if air:
        if len(tomographic) == len(named) == 1:
            return Suggestion(tomographic[0], f"the name says {said}, and air is near -1000", True)
        best = tomographic[0] if tomographic else "CT"
        return Suggestion(best, f"the name says {said}, but values near -1000 speak for CT", False)
    if len(named) > 1:
        return Suggestion(None, f"the name says {said}", False)
    (role,) = named
    if tomographic:
        return Suggestion(role, f"the name says {said}, but no values are near -1000", False)
    return Suggestion(role, f"by the name alone ({said})", False)


def _named(line: str) -> dict[str, str]:
    """Role to the word of the name that stands for it."""
    named = words.weightings(line)
    if "T1" in named and (agent := words.contrast(line)):
        word = named.pop("T1")
        named["T1c"] = agent if agent == word else f"{word} and {agent}"
    if word := words.cone_beam(line):
        named["CBCT"] = word
    elif found := re.search(r"\b(?:ct|hu|planning ct|pct)\b", line):
        named["CT"] = found.group(0)
    if found := re.search(r"\b(?:pet|suv|fdg)\b", line):
        named["PET"] = found.group(0)
    return named


def _is_candidate(node: Any) -> bool:
    data = node.GetImageData()
    return (
        not node.IsA("vtkMRMLLabelMapVolumeNode")
        and not is_dose(node)
        and not node.GetHideFromEditors()
        and data is not None
        and data.GetNumberOfScalarComponents() == 1
        and data.GetNumberOfPoints() > 0
    )


def _has_air(node: Any) -> bool:
    values = sample(node)
    if not values.size:
        return False
    at_air = np.count_nonzero((values > _AIR[0]) & (values < _AIR[1]))
    return bool(at_air >= _AIR_PART * values.size and values.max() > 0)
