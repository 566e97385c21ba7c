"""Calibration of uncertainty on patients whom a model's weights never saw, and how far it holds."""
