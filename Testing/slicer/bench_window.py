"""What the window costs: its heartbeat, the time to a picture, previews, cancels and memory.

    ./scripts/bench window [--json]

A person's clicks in the real window, on a body phantom, with a warm engine. It is a process of
its own, so that its memory is the interface's and nothing else's.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "SlicerSynth")]

LARGE, SMALL = (128, 256, 256), (64, 256, 256)
CANCELS = (0.0, 0.2, 0.5, 1.0, 1.7)
"""Seconds after the click on Synthesize."""
MB = 1e6


@dataclass(frozen=True)
class Figures:
    """Of one session at the window; times in seconds, memory in megabytes.

    Attributes
    ----------
    heartbeat : str
        Gaps between the beats of a 20 ms timer from before the click until after the picture.
    longest_gap : float
        The longest of them.
    picture, engine, ratio : float
        From the click to the rendered view, the engine's own time for it, and one by the other;
        medians over the runs, the ratio run by run.
    first_preview, next_preview, preview_speedup : float
        From the click to the rendered slice, medians: of a volume that the engine has not seen,
        of another slice of it, and the whole by the first.
    cancel : float
        From the click on Cancel to the panel that says so, the longest of several moments.
    shown, peak : float
        Size of the source and the result that the window shows at the end, and by how much its
        memory rose at most from the click on.
    """

    model: str
    runs: int
    heartbeat: str
    longest_gap: float
    picture: float
    engine: float
    ratio: float
    first_preview: float
    next_preview: float
    preview_speedup: float
    cancel: float
    shown: float
    peak: float


def measure(model: str, runs: int) -> Figures:
    """Open the window, sit down and take the times."""
    from Testing.slicer.bench_session import open_session

    with (
        tempfile.TemporaryDirectory(prefix="slicersynth-bench-") as settings,
        open_session(Path(settings), model) as session,
    ):
        return _measure(session, model, runs)


def _measure(session: Any, model: str, runs: int) -> Figures:
    session.show(session.phantom(SMALL))
    session.make()  # warm: the network is loaded, the layout was there once
    session.show(session.phantom(SMALL))
    heart = session.make(with_heart=True).heart
    pictures, first, following = [], [], []
    for _ in range(runs):
        session.show(session.phantom(LARGE))
        pictures.append(session.make())
    for _ in range(runs):
        session.show(session.phantom(LARGE))
        first.append(session.preview())
        following.append(session.preview(other_slice=True))
    cancels = [session.cancel(after) for after in CANCELS]
    memory = session.memory(session.phantom(LARGE))
    picture = median(one.seconds for one in pictures)
    return Figures(
        model=model,
        runs=runs,
        heartbeat=str(heart),
        longest_gap=heart.longest,
        picture=picture,
        engine=median(one.engine_seconds for one in pictures),
        ratio=median(one.seconds / one.engine_seconds for one in pictures),
        first_preview=median(first),
        next_preview=median(following),
        preview_speedup=picture / median(first),
        cancel=max(cancels),
        shown=memory.shown / MB,
        peak=memory.peak / MB,
    )


def in_words(f: Figures) -> str:
    """The figures beside what they should be."""
    return (
        f"heartbeat of 20 ms during a synthesis of 256 x 256 x 64 voxels: {f.heartbeat} "
        f"(at most 100 ms)\n"
        f"click to picture, 256 x 256 x 128 voxels, warm, {f.runs} runs: {f.picture:.2f} s, "
        f"{f.ratio:.3f} times the engine's own {f.engine:.2f} s (at most 1.10)\n"
        f"click to preview: {f.first_preview:.2f} s, {f.preview_speedup:.1f} times as fast as the "
        f"whole (at least 8); of another slice {f.next_preview:.2f} s\n"
        f"cancelled within {f.cancel:.2f} s (at most 1 s)\n"
        f"memory of the window from the click on: at most {f.peak:.0f} MB more (at most the "
        f"{f.shown:.0f} MB of the volumes it shows)"
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench window")
    parser.add_argument("--model", default="mr-to-ct-extremity")
    parser.add_argument("--pairs", type=int, default=3, help="runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.model, options.pairs)
    print(json.dumps(asdict(figures)) if options.json else in_words(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
