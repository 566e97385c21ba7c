"""Classical baselines: models without weights, for every task, that a network has to beat."""
