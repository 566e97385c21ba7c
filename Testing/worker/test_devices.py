"""Devices are found without torch, and agree with it."""

from __future__ import annotations

import psutil
import pytest
import torch

from SynthCore.engine.backends import cpu_threads
from SynthCore.worker.devices import list_devices, names_cuda, torch_has_cuda


def test_they_are_those_that_torch_finds() -> None:
    found = [device["name"] for device in list_devices()]
    assert found == [*(f"cuda:{n}" for n in range(torch.cuda.device_count())), "cpu"]


def test_the_cpu_says_its_threads_and_memory() -> None:
    cpu = list_devices()[-1]
    assert str(cpu_threads(0)) in cpu["label"]
    assert cpu["total_bytes"] == psutil.virtual_memory().total
    assert 0 < cpu["free_bytes"] <= cpu["total_bytes"]


def test_whether_torch_was_built_for_cuda_is_read_from_its_version() -> None:
    assert torch_has_cuda() is (torch.version.cuda is not None)


@pytest.mark.parametrize(
    ("source", "has"),
    [
        ("cuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n", True),
        ('debug = False\ncuda = "13.0"\n', True),
        ("cuda: Optional[str] = None\nhip: Optional[str] = '6.4'\n", False),
        ("__version__ = '2.13.0+cpu'\n", False),
    ],
)
def test_versions_as_torch_writes_them(source: str, has: bool) -> None:
    assert names_cuda(source) is has
