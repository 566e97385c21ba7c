"""Tests of radiotherapy objects."""
