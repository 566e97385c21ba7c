"""A picture of a training's log."""

from __future__ import annotations

import csv
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def plot_log(log: Path, picture: Path) -> None:
    """Loss over steps, stage after stage, as PNG; nothing is drawn without a log."""
    if not log.exists():
        return
    with log.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["loss"]]
    figure = Figure(figsize=(7, 3.5), layout="tight")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    before = 0
    for stage in dict.fromkeys(row["stage"] for row in rows):
        mine = [row for row in rows if row["stage"] == stage]
        steps = [before + int(row["step"]) for row in mine]
        axes.plot(steps, [float(row["loss"]) for row in mine], label=f"stage {int(stage) + 1}")
        before = steps[-1]
    axes.set(xlabel="step", ylabel="loss (weighted)", yscale="log")
    axes.grid(alpha=0.3)
    axes.legend()
    part = picture.with_name(picture.name + ".part")
    figure.savefig(part, format="png", dpi=120)
    part.replace(picture)
