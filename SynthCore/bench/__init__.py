"""Benchmarks: speed and memory against a named peer, quality against real images."""
