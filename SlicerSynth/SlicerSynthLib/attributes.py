"""What a synthetic node says of itself: the mark, its record, its model's card, its sources.

All of it is kept in node attributes and node references, so that it is copied with the node and
saved with the scene. Their names and meaning:

``SynthCore.SyntheticData``
    ``YES``, as the DICOM attribute of that name.
``SynthCore.Record``
    The synthesis record, JSON.
``SynthCore.Card``
    The ``synthcore`` block of the model's card, JSON.
``SynthCore.Task``, ``SynthCore.Target``
    As in the record.
``SynthCore.Source.<ROLE>`` (reference)
    The node that was given as that role.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from SlicerSynthLib.evidence import SYNTHETIC_DATA, said_of
from SlicerSynthLib.storage import save_with_mark
from SynthCore.image import Synthetic
from SynthCore.tasks import PHANTOM_TASK

RECORD = "SynthCore.Record"
CARD = "SynthCore.Card"
TASK = "SynthCore.Task"
TARGET = "SynthCore.Target"
SOURCE = "SynthCore.Source."

PREFIX = "SYNTHETIC"
"""Names and descriptions of synthetic nodes begin with it."""


def synthetic_name(target: str, source_name: str) -> str:
    """``SYNTHETIC CT of T1 axial``."""
    return f"{PREFIX} {target} of {source_name}"


def mark(
    node: Any,
    *,
    record: str,
    card: Mapping[str, Any] | None = None,
    sources: Mapping[str, Any] | None = None,
) -> None:
    """Say on `node` that it is synthetic, and how it was made.

    Parameters
    ----------
    node : vtkMRMLVolumeNode
        In its scene already if there are sources: references are kept by it.
    record : str
        The synthesis record, JSON.
    card : mapping, optional
        The ``synthcore`` block of the model's card.
    sources : mapping, optional
        Role to the node that was given.
    """
    data = json.loads(record)
    modifying = node.StartModify()
    node.SetAttribute(SYNTHETIC_DATA, "YES")
    node.SetAttribute(RECORD, json.dumps(data, sort_keys=True, separators=(",", ":")))
    node.SetAttribute(TASK, str(data.get("task", "")))
    node.SetAttribute(TARGET, str(data.get("target", "")))
    if card is not None:
        node.SetAttribute(CARD, json.dumps(card, sort_keys=True, separators=(",", ":")))
    for role in _source_roles(node):  # of what it showed before, as a preview does
        node.RemoveNodeReferenceIDs(role)
    for role, source in (sources or {}).items():
        node.SetNodeReferenceID(SOURCE + role, source.GetID())
    node.SetDescription(_description(data))
    node.EndModify(modifying)
    save_with_mark(node)


def mark_derived(node: Any, synthetic: Any) -> None:
    """Mark `node`, which was computed from `synthetic` (a difference, an uncertainty)."""
    node.SetAttribute(SYNTHETIC_DATA, "YES")
    for name in (RECORD, TASK):
        if synthetic.GetAttribute(name):
            node.SetAttribute(name, synthetic.GetAttribute(name))
    node.SetDescription(
        f"{PREFIX}: computed from {synthetic.GetName()}; research software, not for clinical use."
    )
    save_with_mark(node)


def is_synthetic(node: Any) -> bool:
    """Whether the node, or the file or DICOM series it was loaded from, is marked as synthetic.

    A mark found in a file is noted on the node: a scene may be opened where the file is not.
    """
    if node is None:
        return False
    if node.GetAttribute(SYNTHETIC_DATA) == "YES":
        return True
    if not node.IsA("vtkMRMLVolumeNode"):
        return False
    said = said_of(node)
    # Slicer names a file after its node, and a node after its file, whatever the file itself keeps
    if not said and not (node.GetName() or "").startswith(PREFIX + " "):
        return False
    node.SetAttribute(SYNTHETIC_DATA, "YES")
    _note_phantom(node, said)
    return True


def mark_of(node: Any) -> Synthetic:
    """The node's mark as the engine takes it, which tells a digital phantom from all others."""
    if not is_synthetic(node):
        return ""
    # asked here: by its name it may have been marked before its files could be read
    if node.IsA("vtkMRMLVolumeNode"):
        _note_phantom(node, said_of(node))
    return "PHANTOM" if node.GetAttribute(TASK) == PHANTOM_TASK else "YES"


def _note_phantom(node: Any, said: str) -> None:
    if said == "PHANTOM" and not node.GetAttribute(TASK):
        node.SetAttribute(TASK, PHANTOM_TASK)


def record_of(node: Any) -> str | None:
    """The record's JSON text, None where the node has none."""
    return node.GetAttribute(RECORD) or None


def card_of(node: Any) -> dict[str, Any] | None:
    """The block of the model's card, None where the node has none that can be read."""
    return _object(node.GetAttribute(CARD))


def checks_of(node: Any) -> dict[str, Any]:
    """``checks`` and ``warnings`` of the record, as far as they can be read.

    A scene may come from anywhere: what it says is taken for nothing but text.
    """
    record = _object(record_of(node)) or {}
    checks, warnings = record.get("checks"), record.get("warnings")
    return {
        "checks": [one for one in checks if _is_check(one)] if isinstance(checks, list) else [],
        "warnings": warnings if isinstance(warnings, list) else [],
    }


def made_by(node: Any) -> str:
    """The model that made it, with its version, as the record has it."""
    return _model_of(_object(record_of(node)) or {})


def sources_of(node: Any) -> dict[str, Any]:
    """Role to source node, for those that are still in the scene."""
    found = {role.removeprefix(SOURCE): node.GetNodeReference(role) for role in _source_roles(node)}
    return {role: source for role, source in found.items() if source is not None}


def _source_roles(node: Any) -> list[str]:
    """Names of the references to sources, also to such as are gone."""
    names = [node.GetNthNodeReferenceRole(n) for n in range(node.GetNumberOfNodeReferenceRoles())]
    return [name for name in names if name.startswith(SOURCE)]


def _object(text: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(text or "null")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_check(found: Any) -> bool:
    return isinstance(found, dict) and all(
        isinstance(found.get(name), int | float | None) for name in ("value", "limit")
    )


def _description(record: Mapping[str, Any]) -> str:
    what = f"{record.get('target') or 'image'} computed by {_model_of(record) or 'SynthCore'}"
    return f"{PREFIX}: {what}, not acquired; research software, not for clinical use."


def _model_of(record: Mapping[str, Any]) -> str:
    return " ".join(str(record.get(key) or "") for key in ("model", "model_version")).strip()
