"""Tests of the checks for planning."""
