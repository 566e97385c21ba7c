"""Choose the model: the one asked for, or the best whose checks do not refuse the input."""

from __future__ import annotations

from collections.abc import Mapping

from SynthCore.engine.checks import check_grids, check_input
from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image
from SynthCore.models.bundle import Bundle
from SynthCore.models.library import find_bundle, rank
from SynthCore.request import Check
from SynthCore.tasks import Task


def select(
    task: Task, inputs: Mapping[str, Image], target: str, model: str | None
) -> tuple[Bundle, tuple[Check, ...], tuple[str, ...]]:
    """The model to use, its checks of the inputs, and a warning for each that was passed over.

    Raises
    ------
    InputError
        If the model asked for is of another task or cannot make the target from these roles.
    RefusedError
        If every model refuses the input, with the first reason.
    """
    shared = check_grids(inputs)
    _raise_refusal(shared)
    if model is not None:
        asked = find_bundle(model)
        _fits(asked, task, inputs, target)
        candidates: tuple[Bundle, ...] = (asked,)
    else:
        candidates = rank(task.name, inputs, target)
    if not candidates:
        raise InputError(
            f"No model makes {target} from {', '.join(inputs)}; see `synthcore models list`."
        )
    warnings: list[str] = []
    first_refusal: Check | None = None
    for bundle in candidates:
        checks = (*shared, *_checks_of(bundle, inputs))
        refusal = next((c for c in checks if c.outcome == "refuse"), None)
        if refusal is None:
            if bundle.card.kind == "classical":
                warnings.append(f"{bundle.name} is a classical baseline, not a learned model.")
            return bundle, checks, tuple(warnings)
        warnings.append(f"The model {bundle.name} was not used: {refusal.message}")
        first_refusal = first_refusal or refusal
    _raise_refusal(() if first_refusal is None else (first_refusal,))
    raise AssertionError("unreachable: every candidate refused")


def _checks_of(bundle: Bundle, inputs: Mapping[str, Image]) -> tuple[Check, ...]:
    card = bundle.card
    return tuple(
        check
        for role in card.inputs
        if role in inputs
        for check in check_input(card, role, inputs[role])
    )


def _fits(bundle: Bundle, task: Task, inputs: Mapping[str, Image], target: str) -> None:
    card = bundle.card
    if card.task != task.name:
        raise InputError(f"The model {card.id} is for {card.task}, not for {task.name}.")
    if not card.makes(target):
        raise InputError(f"The model {card.id} makes {card.target}, not {target}.")
    missing = [role for role in card.inputs if role not in inputs]
    if missing and (card.kind == "network" or len(missing) == len(card.inputs)):
        raise InputError(f"The model {card.id} needs {', '.join(missing)}: add --input ROLE=PATH.")


def _raise_refusal(checks: tuple[Check, ...]) -> None:
    for check in checks:
        if check.outcome == "refuse":
            raise RefusedError(f"{check.message} Nothing was made.")
