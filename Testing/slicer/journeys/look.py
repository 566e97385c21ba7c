"""What can be seen in the scene and on the screen; nothing here changes anything."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import slicer

from SlicerSynthLib.attributes import TARGET, is_synthetic
from Testing.slicer.journeys.person import Person
from Testing.slicer.mrml_fixtures import volumes, yellow

CORNER = (0.25, 0.12)
"""Part of a view, width and height, in which the mark lies."""


def synthetic() -> list[Any]:
    """The synthetic volumes of the scene, oldest first."""
    return [node for node in volumes(slicer.mrmlScene) if is_synthetic(node)]


def made() -> list[Any]:
    """The synthetic volumes that were made whole, oldest first: no preview, no difference."""
    return [n for n in synthetic() if n.GetAttribute(TARGET) and n.GetSaveWithScene()]


def node_names() -> list[str]:
    """Of all volumes, oldest first."""
    return [str(node.GetName()) for node in volumes(slicer.mrmlScene)]


def view(name: str) -> Any:
    """The picture of a slice view."""
    return slicer.app.layoutManager().sliceWidget(name).sliceView()


def shown_in(name: str) -> tuple[Any, Any]:
    """Background and foreground of a slice view."""
    composite = slicer.app.layoutManager().sliceWidget(name).mrmlSliceCompositeNode()
    scene = slicer.mrmlScene
    background, foreground = (
        scene.GetNodeByID(one) if one else None
        for one in (composite.GetBackgroundVolumeID(), composite.GetForegroundVolumeID())
    )
    return background, foreground


def is_whole(name: str) -> bool:
    """Whether a slice view shows all of its volume's slice."""
    node = slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode()
    bounds = [0.0] * 6
    shown_in(name)[0].GetRASBounds(bounds)
    corners = np.array([[*corner, 1.0] for corner in product(*np.reshape(bounds, (3, 2)))])
    to_slice = np.linalg.inv(slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS()))
    across = np.abs((corners @ to_slice.T)[:, :2]).max(axis=0)
    return bool(np.all(across <= np.array(node.GetFieldOfView()[:2]) / 2 + 0.01))


def has_mark(picture: np.ndarray) -> bool:
    """Whether the corner of a view's picture has yellow letters."""
    rows, columns = picture.shape[:2]
    corner = picture[: int(rows * CORNER[1]), : int(columns * CORNER[0])]
    return int(yellow(corner).sum()) > 60


def marked(person: Person, name: str) -> bool:
    """Whether the mark is in a slice view, on the screen."""
    return has_mark(person.see(view(name)))


def job_runs(person: Person) -> bool:
    """Whether the panel offers to cancel something."""
    return bool(person.find("cancelButton").isEnabled())


def wait_until_idle(person: Person, what: str) -> float:
    """Let everything that was asked for end; the seconds it took."""
    return person.wait(lambda: not job_runs(person), what)


def table(person: Person, name: str) -> list[list[str]]:
    """The texts of a table that is visible."""
    widget = person.find(name)
    assert widget.isVisible(), f"{name} is not shown"
    rows, columns = widget.rowCount(), widget.columnCount()
    return [[widget.item(r, c).text() for c in range(columns)] for r in range(rows)]
