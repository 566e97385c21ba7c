"""What is lost with the scene when the window closes."""

from __future__ import annotations

from typing import Any

import slicer


def lost_by_closing(works: bool) -> str:
    """A question that says what will be lost, empty where nothing will.

    Parameters
    ----------
    works : bool
        Whether a result is still awaited.
    """
    unsaved = any(is_unsaved(node) for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode"))
    if unsaved and works:
        return (
            "The scene holds volumes that were not saved, and a run has not ended. Close the "
            "window without them?"
        )
    if unsaved:
        return "The scene holds volumes that were not saved. Close the window without them?"
    if works:
        return "A run has not ended. Close the window without its result?"
    return ""


def is_unsaved(node: Any) -> bool:
    """Whether a volume is to be saved and is in no file as it is now.

    An acquired DICOM series is in the files it was read from, unless it has a file of its own.
    """
    if not node.GetSaveWithScene() or node.GetImageData() is None:
        return False
    if node.GetStorageNode() is None and node.GetAttribute("DICOM.instanceUIDs"):
        return False
    return bool(node.GetModifiedSinceRead())
