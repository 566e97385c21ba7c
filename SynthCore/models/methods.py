"""Make the classical model that a bundle's ``method_def`` names."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, cast, get_args, get_origin, get_type_hints

from SynthCore.errors import ModelError
from SynthCore.models.allowlist import is_plain, resolve
from SynthCore.models.bundle import CONFIG, Bundle, read_json
from SynthCore.models.classical.base import ClassicalModel

PLACE = "SynthCore.models.classical."


def load_method(bundle: Bundle) -> ClassicalModel:
    """The bundle's classical model.

    Raises
    ------
    ModelError
        If the config names no method of this package, or gives it arguments it does not take.
    """
    config = read_json(bundle.folder / CONFIG)
    definition = config.get("method_def") if isinstance(config, dict) else None
    if not isinstance(definition, dict):
        raise ModelError(
            f"{CONFIG.as_posix()} of the model {bundle.name} names no method_def; "
            "get the folder again."
        )
    target = definition.get("_target_")
    made = resolve(target, bundle.name)
    if not (
        str(target).startswith(PLACE)
        and isinstance(made, type)
        and dataclasses.is_dataclass(made)
        and "__call__" in vars(made)
    ):
        raise ModelError(
            f"The model {bundle.name} names {target}, which is not a classical method."
        )
    arguments = {name: value for name, value in definition.items() if name != "_target_"}
    hints = get_type_hints(made)
    for name, value in arguments.items():
        if name not in hints or not is_plain(value) or not _fits(value, hints[name]):
            raise ModelError(
                f"The model {bundle.name} gives {target} a value of {name[:64]} it does not take."
            )
    try:
        return cast(ClassicalModel, made(**arguments))
    except (TypeError, ValueError) as error:  # a value is missing, or out of range
        raise ModelError(
            f"The model {bundle.name} gives {target} values it does not take: {error}."
        ) from error


def _fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value is of an annotated type: numbers, texts, sequences and rows of them."""
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and _finite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and _finite(value)
    if get_origin(hint) is tuple:
        kinds = get_args(hint)
        return (
            isinstance(value, list)
            and len(value) == len(kinds)
            and all(_fits(v, kind) for v, kind in zip(value, kinds, strict=True))
        )
    if get_origin(hint) is Sequence:
        return isinstance(value, list) and all(_fits(v, get_args(hint)[0]) for v in value)
    return isinstance(hint, type) and isinstance(value, hint)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number larger than any float
        return False
