"""Train a model further on the pairs that were accepted, and judge it on patients kept."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from SynthCore.errors import InputError, RefusedError
from SynthCore.request import Cancelled, Progress
from SynthCore.training import machine
from SynthCore.training.finetune import card as cards
from SynthCore.training.finetune.card_page import page
from SynthCore.training.finetune.cases import make_truth, whole_change
from SynthCore.training.finetune.judge import measures
from SynthCore.training.finetune.likeness import widened
from SynthCore.training.finetune.place import Placed
from SynthCore.training.finetune.ready import Ready, known_to
from SynthCore.training.finetune.recipe import make_recipe, make_sampler
from SynthCore.training.finetune.sampler import SiteSampler
from SynthCore.training.finetune.score import Scores
from SynthCore.training.finetune.split import Split, split_patients
from SynthCore.training.finetune.worse import Judgement, told
from SynthCore.training.log import Log
from SynthCore.training.loop import run_stage
from SynthCore.training.plot import plot_log
from SynthCore.training.publish import parameters, publish, rounded
from SynthCore.training.recipe import Recipe, refuse_leakage
from SynthCore.training.state import CHECKPOINTS, State, make_optimizer

STEPS = 600


@dataclass(frozen=True)
class Tuned:
    """What a run made.

    Attributes
    ----------
    folder : Path
        The model.
    judged : tuple of Judgement
        On the patients kept, placed as those learned from, and deformed where those were not.
    split : Split
        Numbers of patients.
    """

    folder: Path
    judged: tuple[Judgement, ...]
    split: Split

    @property
    def before(self) -> Scores:
        """The parent's figures, on deformed pairs where those learned from were not."""
        return self.judged[-1].before

    @property
    def after(self) -> Scores:
        """The model's figures on the same."""
        return self.judged[-1].after

    @property
    def warning(self) -> str:
        """Where the model got worse; else empty."""
        return told(self.judged)


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
        After a checkpoint was written, or between two registrations.
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
    learned = [
        make_truth(card, one, kind.target) for one in placed if one.pair.patient in split.trained
    ]
    kept = [one for one in placed if one.pair.patient in split.kept]
    recipe = make_recipe(card, ready.network, split, steps)
    sampler = make_sampler(card, recipe, learned, kind.target)
    refuse_leakage(recipe, sampler.patients)
    ways = measures(ready, kept, progress, cancelled)
    before = [way.score(parent, ready.network, kind.target) for way in ways]
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
    judged = tuple(
        Judgement(known, way.score(card, final, kind.target))
        for way, known in zip(ways, before, strict=True)
    )
    block = cards.block(
        ready.bundle,
        site=ready.site,
        licence=ready.licence,
        how=ready.how,
        split=split,
        pairs=len(learned),
        images=sorted({one for t in learned for one in t.placed.pair.images}),
        roles=(sorted({r for t in learned for r in t.placed.pair.inputs}), kind.target),
        judged=judged,
        unlike=sum(t.placed.pair.unlike for t in learned),
        statistics=widened(card, [truth.placed.pair.inputs for truth in learned]),
        training={
            "seed": seed,
            "steps": state.steps,
            "steps_asked": steps,
            **({} if minutes is None else {"minutes_at_most": minutes}),
            "minutes": round(state.seconds / 60, 1),
            "machine": machine.describe(where),
            "parameters": parameters(final),
        },
    )
    return Tuned(publish(final, block, page(block), ready.goal), judged, split)


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
    run: dict[str, Any] = {
        "recipe": asdict(recipe),
        "version": CHECKPOINTS,
        "seed": seed,
        "minutes": minutes,
        "parent": ready.bundle.card.weights_sha256,
        "target": ready.kind.target,
        # pictures are named by voxels and registration; who it is of, and as what, is not in them
        "pairs": [[p.pair.patient, sorted(p.pair.inputs), p.picture.name] for p in placed],
    }
    identity = hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()
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
