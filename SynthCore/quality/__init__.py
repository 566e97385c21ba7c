"""How good a result is: masks, metrics with presets, CT numbers, noise, and the report."""
