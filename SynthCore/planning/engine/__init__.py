"""Dose on a plan of our own, computed by pyRadPlan in an environment and a process of its own.

pyRadPlan is a research dose engine with generic beams: photons of 6 MV and scanned protons. It is
no planning system, and its dose is not the one a patient would get. What it is good for is the
difference between two CTs of one patient: the same spots, the same weights, two densities.
"""
