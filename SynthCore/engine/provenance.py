"""Write the record of a run."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import SynthCore
from SynthCore.engine.backends import Backend
from SynthCore.image import Image, summary
from SynthCore.models.bundle import Bundle
from SynthCore.request import Check, SynthesisRecord, SynthesisRequest

PACKAGES = ("numpy", "torch", "openvino", "SimpleITK", "scikit-image", "scipy")
"""Those whose version can change a voxel."""


def make_record(
    request: SynthesisRequest,
    inputs: Mapping[str, Image],
    target: str,
    bundle: Bundle,
    backend: Backend | None,
    checks: tuple[Check, ...],
    warnings: tuple[str, ...],
    image: Image,
    hashes: Mapping[str, str],
) -> SynthesisRecord:
    """The record of a finished run: no path, no name, no identifier but UIDs and hashes.

    `hashes` are `Image.sha256` of the inputs, by role.
    """
    return SynthesisRecord(
        task=request.task,
        target=target,
        model=bundle.card.id,
        model_version=bundle.card.version,
        weights_sha256=bundle.card.weights_sha256,
        inputs={role: summary(given, hashes[role]) for role, given in inputs.items()},
        mask=None if request.mask is None else summary(request.mask),
        options=asdict(request.options),
        device="cpu" if backend is None else backend.device,
        backend="numpy" if backend is None else backend.name,
        software=_versions(),
        checks=checks,
        warnings=warnings,
        output=summary(image),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _versions() -> dict[str, str]:
    found = {"SynthCore": SynthCore.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
