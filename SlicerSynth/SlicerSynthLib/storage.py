"""How the voxels of a synthetic volume are saved: as NRRD, whose header keeps what the node says.

Slicer's usual storage writes voxels and their place alone, so that a file under another name would
say nothing. That of NRRD writes every attribute of the node as well: mark, record and card.
"""

from __future__ import annotations

from typing import Any

import slicer


def save_with_mark(node: Any) -> None:
    """Have `node` saved with its attributes; nothing is done where it has a storage already."""
    scene = node.GetScene()
    if scene is None or not node.IsA("vtkMRMLScalarVolumeNode") or node.GetStorageNode():
        return
    storage = slicer.vtkMRMLNRRDStorageNode()
    storage.SetSaveWithScene(node.GetSaveWithScene())
    node.SetAndObserveStorageNodeID(scene.AddNode(storage).GetID())
