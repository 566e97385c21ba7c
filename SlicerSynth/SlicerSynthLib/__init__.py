"""What the SlicerSynth module is made of."""
