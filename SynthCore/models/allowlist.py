"""What a model folder may name and hold: classes of some packages, plain values, harmless files."""

from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path
from typing import Any

from SynthCore.errors import ModelError

ALLOWED_PACKAGES = ("torch.nn.", "SynthCore.models.")
"""A ``_target_`` must begin with one of these, and name a class of the kind asked for."""

MONAI = "monai.networks.nets."
ALLOWED_MONAI = frozenset(
    MONAI + name
    for name in (
        "AttentionUnet", "AutoEncoder", "BasicUNet", "BasicUNetPlusPlus", "DynUNet", "HighResNet",
        "SegResNet", "SegResNetDS", "SwinUNETR", "UNETR", "UNet", "VNet",
    )
)  # fmt: skip
"""MONAI's networks from image to image, by name: others fetch weights when they are told to."""

ALLOWED_FILES = (".json", ".md", ".safetensors", ".png", ".txt", ".csv")
"""Endings of the files a model folder may hold, beside LICENSE: nothing in them executes."""

_LONGEST_TEXT = 64
_DEEPEST = 6


def refuse_files(folder: Path) -> None:
    """Look at every name in a model folder.

    Raises
    ------
    ModelError
        If one is a link or of another format than the allowed ones.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ModelError(
                f"The model folder {folder.name} holds a link, {path.name}; remove it."
            )
        named = path.suffix.lower() in ALLOWED_FILES
        licence = not path.suffix and path.name.upper().startswith("LICENSE")
        if not path.is_dir() and not (path.is_file() and (named or licence)):
            raise ModelError(
                f"The model folder {folder.name} holds {path.name}, which is not one of "
                f"{', '.join(ALLOWED_FILES)} or LICENSE and could execute code: remove it."
            )


def resolve(target: Any, where: str) -> Any:
    """The class of that dotted name, if the allow-list has it.

    Raises
    ------
    ModelError
        If it has not.
    """
    if not isinstance(target, str) or not (
        target.startswith(ALLOWED_PACKAGES) or target in ALLOWED_MONAI
    ):
        raise ModelError(
            f"The model {where} asks for {target!r}, which is not on the allow-list "
            f"({', '.join(p.rstrip('.') for p in ALLOWED_PACKAGES)} and "
            f"{len(ALLOWED_MONAI)} networks of MONAI); nothing was run."
        )
    module_name, _, name = target.rpartition(".")
    if not all(part.isidentifier() and not part.startswith("_") for part in target.split(".")):
        raise ModelError(f"The model {where} asks for {target!r}, which is not a public name.")
    try:
        made = getattr(import_module(module_name), name)
    except (ImportError, AttributeError) as error:
        raise ModelError(f"The model {where} asks for {target}, which does not exist.") from error
    # an allowed module may import others: os.system reached through it is still not allowed
    if not getattr(made, "__module__", "").startswith(
        tuple(p.rstrip(".") for p in (*ALLOWED_PACKAGES, MONAI))
    ):
        raise ModelError(f"The model {where} asks for {target}, which is not defined there.")
    return made


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether a value of a config is a finite number, a short text, true, false, null, or lists."""
    if isinstance(value, list):
        return depth < _DEEPEST and all(is_plain(v, depth + 1) for v in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return (
        value is None
        or isinstance(value, bool | int)
        or (isinstance(value, str) and len(value) < _LONGEST_TEXT)
    )
