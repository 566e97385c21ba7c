"""Keep VTK and MRML from writing to the terminal what is said in the window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import vtk


@contextmanager
def quiet() -> Iterator[None]:
    """No warnings of VTK meanwhile: those about files hold their paths."""
    before = vtk.vtkObject.GetGlobalWarningDisplay()
    vtk.vtkObject.GlobalWarningDisplayOff()
    try:
        yield
    finally:
        vtk.vtkObject.SetGlobalWarningDisplay(before)
