"""Models: card, folder, library of folders, networks and classical baselines."""
