"""A picture of a training's log."""

from __future__ import annotations

import csv
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from SynthCore.staging import renewed
from SynthCore.training.log import COLUMNS


def plot_log(log: Path, picture: Path) -> None:
    """Loss and validation score over steps, as PNG; nothing is drawn without a log."""
    if not log.exists():
        return
    with log.open(newline="", encoding="utf-8") as file:
        everything = list(csv.DictReader(file))
    rows = [row for row in everything if row["loss"]]
    # the first column that a look at validation data added is the score
    score = next((name for name in (everything or [{}])[0] if name not in COLUMNS), None)
    seen = [row for row in everything if score is not None and row[score]]
    figure = Figure(figsize=(7, 3.5), layout="tight")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    before, starts = 0, {}
    for stage in dict.fromkeys(row["stage"] for row in rows):
        mine = [row for row in rows if row["stage"] == stage]
        steps = [before + int(row["step"]) for row in mine]
        axes.plot(steps, [float(row["loss"]) for row in mine], label=f"stage {int(stage) + 1}")
        starts[stage] = before
        before = steps[-1]
    axes.set(xlabel="step", ylabel="loss (weighted)", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper right")
    if seen and score is not None:
        right = axes.twinx()
        where = [starts.get(row["stage"], 0) + int(row["step"]) for row in seen]
        right.plot(where, [float(row[score]) for row in seen], "k.-", linewidth=0.8)
        right.set_ylabel(f"{score} on validation data")
    with renewed(picture) as part:
        figure.savefig(part, format="png", dpi=120)
