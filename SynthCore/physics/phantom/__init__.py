"""A digital head: procedural anatomy with partial volume, made from formulas and a seed alone.

Coordinates: x to the patient's left, a to anterior, z to superior, millimeters, origin midway
between the anterior and the posterior commissure. Patient space (LPS) is ``(x, -a, z)``.
"""
