"""Models: the card, the folder, the library of folders, the networks and the classical baselines."""
