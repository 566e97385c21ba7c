"""Keep VTK and MRML from writing to the terminal what is said in the window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import vtk


@contextmanager
def quiet() -> Iterator[None]:
    """No word of VTK meanwhile: what it says of files holds their paths and the nodes' names."""
    before = vtk.vtkObject.GetGlobalWarningDisplay()
    output = vtk.vtkOutputWindow.GetInstance()
    mode = output.GetDisplayMode()
    vtk.vtkObject.GlobalWarningDisplayOff()
    output.SetDisplayModeToNever()
    try:
        yield
    finally:
        vtk.vtkObject.SetGlobalWarningDisplay(before)
        output.SetDisplayMode(mode)
