"""The engine: checks, prepare, tiles, backends, restore."""
