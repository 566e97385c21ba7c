"""DICOM Segmentation objects: masks on the grid of a series, written and read back."""
