"""Choose the model: the one asked for, or the best whose checks do not refuse the input."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from SynthCore.engine.checks import check_grids, check_input
from SynthCore.engine.coverage_check import check_coverage
from SynthCore.engine.warm import Identity, Warm
from SynthCore.errors import InputError, RefusedError
from SynthCore.image import Image
from SynthCore.models.bundle import Bundle
from SynthCore.models.input_statistics import features
from SynthCore.models.library import find_bundle, rank
from SynthCore.request import Check
from SynthCore.tasks import Task


@dataclass(frozen=True)
class Selection:
    """The model to use, the inputs it uses in its own order, their checks, and warnings."""

    bundle: Bundle
    inputs: Mapping[str, Image]
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]


def select(
    task: Task,
    inputs: Mapping[str, Image],
    target: str,
    model: str | None,
    identities: Mapping[str, Identity],
    warm: Warm,
) -> Selection:
    """Choose the model and check the inputs it uses.

    Parameters
    ----------
    task, inputs, target, model
        As asked for; the target is a role.
    identities : mapping
        Of the inputs, by role.
    warm : Warm
        Keeps the figures that the checks compare.

    Raises
    ------
    InputError
        If the model asked for is of another task or cannot make the target from these roles, or
        the inputs are of different patients.
    RefusedError
        If every model refuses the input, with the first reason.
    """
    if model is not None:
        candidates: tuple[Bundle, ...] = (asked_for(model, task, tuple(inputs), target),)
    else:
        candidates = rank(task.name, inputs, target)
    if not candidates:
        raise InputError(
            f"No model makes {target} from {', '.join(inputs)}; see `synthcore models list`."
        )

    def figures(role: str, image: Image, kind: str) -> Mapping[str, float]:
        return warm.figures.get((identities[role], kind), lambda: features(image, (kind,)))

    warnings: list[str] = []
    refused: tuple[str, tuple[Check, ...]] | None = None
    for bundle in candidates:
        used = used_inputs(bundle, inputs, target)
        checks = (
            *check_grids(used),
            *check_coverage(used),
            *(c for role in used for c in check_input(bundle.card, role, used[role], figures)),
        )
        refusal = next((c for c in checks if c.outcome == "refuse"), None)
        if refusal is None:
            if bundle.card.kind == "classical":
                warnings.append(f"{bundle.name} is a classical baseline, not a learned model.")
            warnings += [
                f"{role} was given, but {bundle.name} does not use it."
                for role in inputs
                if role not in used
            ]
            return Selection(bundle, used, checks, tuple(warnings))
        warnings.append(f"The model {bundle.name} was not used: {refusal.message}")
        refused = refused or (refusal.message, checks)
    reason, found = refused or ("", ())
    raise RefusedError(f"{reason} Nothing was made.", found)


def used_inputs(bundle: Bundle, inputs: Mapping[str, Image], target: str) -> dict[str, Image]:
    """The inputs a model uses, in the order of its card; the first gives the grid.

    A model that returns the role it is given uses that one alone, and some use one of several.
    """
    roles = [role for role in bundle.card.inputs if role in inputs]
    if bundle.card.takes == "same":
        roles = [target]
    elif bundle.card.takes in ("one", "first"):
        roles = roles[:1]
    return {role: inputs[role] for role in roles}


def asked_for(model: str, task: Task, roles: Collection[str], target: str) -> Bundle:
    """The model of that name, where it makes the target from these roles.

    Raises
    ------
    InputError
        If there is none, or it is for something else.
    ModelError
        If its folder is damaged.
    """
    bundle = find_bundle(model)
    card = bundle.card
    if card.task != task.name:
        raise InputError(f"The model {card.id} is for {card.task}, not for {task.name}.")
    if not card.makes(target):
        raise InputError(f"The model {card.id} makes {card.target}, not {target}.")
    missing = [role for role in card.inputs if role not in roles]
    if missing and (card.takes == "all" or len(missing) == len(card.inputs)):
        listed = ", ".join(missing) if card.takes == "all" else " or ".join(missing)
        raise InputError(f"The model {card.id} needs {listed}: add --input ROLE=PATH.")
    return bundle
