"""What CTest runs in Slicer; the tests themselves come with the module."""

from SlicerSynthLib.self_test import SelfTest

__all__ = ["SelfTest"]
