"""Slicer's Python modules that a scripted module imports and that need Qt there."""
