"""The generator: a random person and a random scanner, and the images they make, on torch tensors.

Anatomy comes from label maps alone. What is random is drawn first, into frozen dataclasses that go
to JSON and back, and applied after; the same draw applied twice gives the same voxels.
"""
