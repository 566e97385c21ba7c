"""The heads: label maps read and made ready once, and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from SynthCore.errors import InputError
from SynthCore.files.label_map import read_label_map
from SynthCore.physics.generator.anatomy import Anatomy, read_anatomy
from SynthCore.request import Progress
from SynthCore.staging import renewed

FOLDER = Path("label_maps") / "synthseg"

_TENSORS = ("codes", "depth", "outer", "inner", "air", "white", "periventricular", "cortical")


def list_heads(data: Path) -> list[str]:
    """Sorted names of the label maps.

    Raises
    ------
    InputError
        If there is none.
    """
    found = sorted(
        p.name.removesuffix(".nii.gz") for p in (data / FOLDER).glob("training_seg_*.nii.gz")
    )
    if not found:
        raise InputError(f"There are no label maps in {FOLDER} of the data folder.")
    return found


def load_head(data: Path, name: str, cache: Path | None = None) -> Anatomy:
    """One label map made ready.

    Parameters
    ----------
    data : Path
        The folder that holds ``label_maps``.
    name : str
        As `list_heads` gives it.
    cache : Path, optional
        Folder where the result is kept: it takes some seconds to compute.
    """
    kept = None if cache is None else cache / f"{name}.npz"
    if kept is not None and kept.exists():
        return _load(kept)
    labels, spacing = read_label_map(data / FOLDER / f"{name}.nii.gz")
    made = read_anatomy(torch.from_numpy(labels), spacing)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        _save(made, kept)
    return made


def load_heads(
    data: Path, names: list[str], cache: Path, progress: Progress | None = None
) -> dict[str, Anatomy]:
    """Several, by name."""
    heads = {}
    for n, name in enumerate(names):
        heads[name] = load_head(data, name, cache)
        if progress is not None:
            progress((n + 1) / len(names), "label maps")
    return heads


def _save(anatomy: Anatomy, path: Path) -> None:
    tensors = {name: getattr(anatomy, name).numpy() for name in _TENSORS}
    with renewed(path) as part:
        np.savez_compressed(
            part,
            **tensors,
            spacing=np.asarray(anatomy.spacing),
            origin=np.asarray(anatomy.origin),
            center=np.asarray(anatomy.center),
            eyes=np.asarray(anatomy.eyes).reshape(-1, 3),
            ears=np.asarray(anatomy.ears).reshape(-1, 3),
            vault=np.asarray(anatomy.vault),
        )


def _load(path: Path) -> Anatomy:
    with np.load(path, allow_pickle=False) as kept:
        k, j, i = (int(v) for v in kept["origin"])
        return Anatomy(
            spacing=_triple(kept["spacing"]),
            origin=(k, j, i),
            center=_triple(kept["center"]),
            eyes=tuple(_triple(row) for row in kept["eyes"]),
            ears=tuple(_triple(row) for row in kept["ears"]),
            vault=float(kept["vault"]),
            **{name: torch.from_numpy(kept[name]) for name in _TENSORS},
        )


def _triple(
    values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> tuple[float, float, float]:
    a, b, c = (float(v) for v in values)
    return a, b, c
