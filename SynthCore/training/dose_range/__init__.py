"""Denoising learned straight toward the full dose, over a range of doses."""
