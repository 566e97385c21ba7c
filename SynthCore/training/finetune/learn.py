"""Train a model further on the pairs that were accepted, and judge it on patients kept."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from SynthCore.axes import toward_lps
from SynthCore.errors import InputError, RefusedError
from SynthCore.models.card import Card
from SynthCore.models.input_statistics import distance, features
from SynthCore.models.networks import SliceUNet
from SynthCore.request import Cancelled, Progress
from SynthCore.training import machine
from SynthCore.training.finetune import card as cards
from SynthCore.training.finetune.cases import Truth, make_case, make_truth, whole_change
from SynthCore.training.finetune.place import Placed
from SynthCore.training.finetune.ready import Ready, known_to
from SynthCore.training.finetune.sampler import SiteSampler
from SynthCore.training.finetune.score import Scores, score
from SynthCore.training.finetune.split import Split, split_patients
from SynthCore.training.log import Log
from SynthCore.training.loop import run_stage
from SynthCore.training.plot import plot_log
from SynthCore.training.publish import parameters, publish, rounded
from SynthCore.training.recipe import Recipe, Stage, refuse_leakage
from SynthCore.training.state import CHECKPOINTS, State, make_optimizer

STEPS = 600
RATE = 2e-4
"""A tenth of what recipes start with: published weights have no batch normalization, which would
hold a higher rate."""

WIDER = 1.1
"""Limits of likeness grow to this times the largest distance of an image that was learned from."""


@dataclass(frozen=True)
class Tuned:
    """What a run made.

    Attributes
    ----------
    folder : Path
        The model.
    before, after : Scores
        On the patients kept.
    split : Split
        Numbers of patients.
    warning : str
        Where the model got worse; else empty.
    """

    folder: Path
    before: Scores
    after: Scores
    split: Split
    warning: str


def learn(
    ready: Ready,
    accepted: Sequence[int],
    *,
    steps: int = STEPS,
    minutes: float | None = None,
    seed: int = 0,
    device: str = "auto",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Tuned:
    """Split by patient, train from the parent's weights, score before and after, write the folder.

    Parameters
    ----------
    ready : Ready
        Pairs that were checked and registered.
    accepted : sequence of int
        Numbers of the pairs that may be learned from.
    steps, minutes : int, float
        Of training; whichever ends first.
    seed : int
        Of the split and of the batches.
    device : str
        ``auto``, ``cpu`` or ``cuda:N``.
    progress, cancelled : callable, optional
        See `SynthCore.request`.

    Raises
    ------
    RefusedError
        If no pair was accepted.
    InputError
        If the patients are too few, or the folder of the run holds another one's checkpoint.
    CancelledError
        After a checkpoint was written.
    """
    parent, kind = ready.bundle.card, ready.kind
    card = whole_change(parent)
    placed = [one for one in ready.placed if one.pair.number in set(accepted)]
    if not placed:
        raise RefusedError(
            f"No registration was accepted: look at {ready.page.name} in {ready.folder.name} of "
            "the output folder and run again with --accept all or numbers such as 1,3-5."
        )
    split = split_patients(
        [one.pair.patient for one in placed],
        seed,
        known_to(parent, ready.rows, [one.pair for one in placed]),
    )
    truths = [make_truth(card, one, kind.target) for one in placed]
    learned = [t for t in truths if t.placed.pair.patient in split.trained]
    kept = [t for t in truths if t.placed.pair.patient in split.kept]
    recipe = _recipe(card, ready.network, split, steps)
    sampler = _sampler(card, recipe, learned, kind.target)
    refuse_leakage(recipe, sampler.patients)
    before = score(
        parent,
        ready.network,
        kept if card is parent else [make_truth(parent, t.placed, kind.target) for t in kept],
    )
    where = machine.choose(device)
    trained = copy.deepcopy(ready.network).to(where).train().requires_grad_(True)
    state = State(
        trained,
        copy.deepcopy(trained).requires_grad_(False),
        make_optimizer(trained, recipe, recipe.stages[0]),
    )
    _train(state, recipe, sampler, ready, placed, seed=seed, minutes=minutes, progress=progress,
           cancelled=cancelled)  # fmt: skip
    final = rounded(state.average.cpu())
    after = score(card, final, kept)
    block = cards.block(
        ready.bundle,
        site=ready.site,
        licence=ready.licence,
        how=ready.how,
        split=split,
        pairs=len(learned),
        images=[t.placed.pair.image for t in learned],
        roles=(sorted({r for t in learned for r in t.placed.pair.inputs}), kind.target),
        before=before,
        after=after,
        statistics=_statistics(card, learned),
        training={
            "seed": seed,
            "steps": state.steps,
            **({} if minutes is None else {"minutes_at_most": minutes}),
            "minutes": round(state.seconds / 60, 1),
            "machine": machine.describe(where),
            "parameters": parameters(final),
        },
    )
    made = publish(final, block, cards.page(block), ready.goal)
    return Tuned(made, before, after, split, cards.warning(before, after))


def _recipe(card: Card, network: SliceUNet, split: Split, steps: int) -> Recipe:
    return Recipe(
        name="finetune",
        task=card.task,
        model=card.id,
        roles=card.inputs,
        validation=tuple(str(n) for n in split.kept),
        stages=(Stage(steps, RATE),),
        slices=card.prepare.slices,
        widths=tuple(network.arguments["widths"]),  # type: ignore[arg-type]
        channels=card.channels,
    )


def _sampler(card: Card, recipe: Recipe, learned: Sequence[Truth], target: str) -> SiteSampler:
    roles = card.inputs if card.takes in ("all", "any") else learned[0].placed.pair.inputs
    ways = [card.prepare.normalization[role] for role in roles]
    return SiteSampler(
        [make_case(card, truth) for truth in learned],
        recipe.slices,
        recipe.batch,
        recipe.patch,
        looks=tuple(way.kind == "percentile" for way in ways),
        highest=max(way.high for way in ways),
        outputs=max(1, len(card.output.channels)),
        output=card.output.index(target),
    )


def _train(
    state: State,
    recipe: Recipe,
    sampler: SiteSampler,
    ready: Ready,
    placed: Sequence[Placed],
    *,
    seed: int,
    minutes: float | None,
    progress: Progress | None,
    cancelled: Cancelled | None,
) -> None:
    told: dict[str, Any] = {
        "recipe": asdict(recipe),
        "version": CHECKPOINTS,
        "seed": seed,
        "minutes": minutes,
        "parent": ready.bundle.card.weights_sha256,
        "target": ready.kind.target,
        # pictures are named by voxels and registration; who it is of, and as what, is not in them
        "pairs": [[p.pair.patient, sorted(p.pair.inputs), p.picture.name] for p in placed],
    }
    identity = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    # each run has a folder of its own; registrations are shared by all
    folder = ready.folder / f"run-{identity[:8]}"
    folder.mkdir(exist_ok=True)
    checkpoint = folder / "checkpoint.pt"
    if checkpoint.exists() and not state.load(checkpoint, identity):
        raise InputError(f"{checkpoint.name} in {folder.name} is of another run; remove it.")
    Log(folder / "log.csv").rewind(state.stage, state.step)
    if state.stage < len(recipe.stages):
        run_stage(
            state, recipe, sampler, seed=seed, folder=folder, identity=identity, minutes=minutes,
            progress=progress, cancelled=cancelled,
        )  # fmt: skip
    if (folder / "log.csv").exists():
        plot_log(folder / "log.csv", folder / "log.png")


def _statistics(card: Card, learned: Sequence[Truth]) -> dict[str, Any]:
    """The parent's figures of its inputs, with limits wide enough for what was learned from."""
    found = {}
    for role, known in card.input_statistics.items():
        limits = dict(known)
        own = [
            distance(features(toward_lps(t.placed.pair.inputs[role])[0]), known)
            for t in learned
            if role in t.placed.pair.inputs
        ]
        if own:
            widest = round(WIDER * max(own), 4)
            limits["warn"] = max(float(known["warn"]), widest)
            limits["refuse"] = max(float(known["refuse"]), limits["warn"])
        found[role] = limits
    return found
