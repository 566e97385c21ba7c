"""Make the classical model that a bundle's ``method_def`` names."""

from __future__ import annotations

import dataclasses
import json
from typing import cast

from SynthCore.errors import ModelError
from SynthCore.models.bundle import CONFIG, Bundle, resolve
from SynthCore.models.classical.base import ClassicalModel

PLACE = "SynthCore.models.classical."


def load_method(bundle: Bundle) -> ClassicalModel:
    """The bundle's classical model.

    Raises
    ------
    ModelError
        If the config names no method of this package, or gives it arguments it does not take.
    """
    try:
        config = json.loads((bundle.folder / CONFIG).read_text(encoding="utf-8"))
        definition = dict(config["method_def"])
        target = definition.pop("_target_")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{CONFIG.as_posix()} of the model {bundle.name} names no method_def; "
            "get the folder again."
        ) from error
    made = resolve(target, bundle.name)
    if not target.startswith(PLACE) or not dataclasses.is_dataclass(made):
        raise ModelError(f"The model {bundle.name} names {target}, which is no classical method.")
    try:
        return cast(ClassicalModel, made(**definition))  # type: ignore[operator]
    except TypeError as error:
        raise ModelError(
            f"The model {bundle.name} gives {target} arguments it does not take."
        ) from error
