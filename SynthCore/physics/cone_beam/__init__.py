"""Cone-beam CT simulated from a CT volume: what goes wrong between the patient and the picture.

A scan is drawn (`draw.draw_cone_beam`), a frozen record that goes to JSON and back, and applied
(`simulate.apply_cone_beam`): the same record and volume give the same voxels.
"""
