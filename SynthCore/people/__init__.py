"""People who never existed, scanned by simulation, with the truth beside them.

The generator (`SynthCore.physics.generator`) draws them and makes their images; here they become
whole heads in files. No learned model has a part in it.
"""
