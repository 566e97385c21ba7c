"""What the engine can compute on, found without loading torch."""

from __future__ import annotations

import ctypes
import importlib.util
import platform
import re
import sys
from pathlib import Path
from typing import Any

import psutil

from SynthCore.engine.backends import cpu_threads


def list_devices() -> list[dict[str, Any]]:
    """Name, label and memory of every device, the best first."""
    memory = psutil.virtual_memory()
    threads = cpu_threads(0)
    cpu = {
        "name": "cpu",
        "label": f"CPU, {threads} thread{'' if threads == 1 else 's'}",
        "free_bytes": int(memory.available),
        "total_bytes": int(memory.total),
    }
    return [*_cuda_devices(), cpu]


def _cuda_devices() -> list[dict[str, Any]]:
    if not torch_has_cuda():
        return []
    driver = _library("nvcuda.dll", "libcuda.so.1")
    if driver is None or driver.cuInit(0) != 0:
        return []
    count = ctypes.c_int(0)
    if driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return []
    # the driver counts devices as torch does; their free memory is known to its sister library
    monitor = _library("nvml.dll", "libnvidia-ml.so.1")
    if monitor is not None and monitor.nvmlInit_v2() != 0:
        monitor = None
    return [_cuda_device(driver, monitor, n) for n in range(count.value)]


def _cuda_device(driver: ctypes.CDLL, monitor: ctypes.CDLL | None, number: int) -> dict[str, Any]:
    device = ctypes.c_int(number)
    driver.cuDeviceGet(ctypes.byref(device), number)
    name = ctypes.create_string_buffer(128)
    driver.cuDeviceGetName(name, len(name), device)
    total = ctypes.c_size_t(0)
    driver.cuDeviceTotalMem_v2(ctypes.byref(total), device)
    bus = ctypes.create_string_buffer(32)
    driver.cuDeviceGetPCIBusId(bus, len(bus), device)
    free = None if monitor is None else _free_bytes(monitor, bus.value)
    return {
        "name": f"cuda:{number}",
        "label": name.value.decode(errors="replace"),
        "free_bytes": total.value if free is None else min(free, total.value),
        "total_bytes": total.value,
    }


class _Memory(ctypes.Structure):
    """``nvmlMemory_t``."""

    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


def _free_bytes(monitor: ctypes.CDLL, bus: bytes) -> int | None:
    handle, memory = ctypes.c_void_p(), _Memory()
    if monitor.nvmlDeviceGetHandleByPciBusId_v2(bus, ctypes.byref(handle)) != 0:
        return None
    if monitor.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) != 0:
        return None
    return int(memory.free)


def torch_has_cuda() -> bool:
    """Whether the torch that is installed was built for CUDA; it is not imported for that."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    try:
        text = (Path(spec.origin).parent / "version.py").read_text(encoding="utf-8")
    except OSError:
        return False
    return names_cuda(text)


def names_cuda(version: str) -> bool:
    """Whether the source of ``torch.version`` gives a version of CUDA."""
    return re.search(r"^cuda\b[^=\n]*=\s*['\"]", version, re.MULTILINE) is not None


def _library(windows: str, elsewhere: str) -> ctypes.CDLL | None:
    if platform.system() == "Darwin":
        return None
    try:
        return ctypes.CDLL(windows if sys.platform == "win32" else elsewhere)
    except OSError:
        return None
