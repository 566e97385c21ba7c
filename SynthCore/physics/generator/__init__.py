"""The generator: a random person and a random scanner, and the images they make, on torch tensors.

Anatomy comes from label maps alone. What is random is drawn first, into frozen dataclasses that go
to JSON and back, and applied after; the same draw applied twice gives the same voxels.
"""

VERSION = 2
"""Counted up when the same draws make other images, so that cards say what a model has not seen.

1 had T1 at 3 T that left too little contrast in T1-weighted images; 2 has those of `tissue_values`.
"""
