"""The dose engine's own process: it reads one request, computes, and writes doses.

Run by the Python of the engine's environment, which has pyRadPlan and has no SynthCore: so this
file imports nothing of this package. It plans once, on the first density, and computes the dose
of the same spots with the same weights on all of them.

Called as ``python child.py FOLDER``. The folder holds ``request.json`` and arrays; the child adds
``dose-0.npy`` and so on, then ``result.json``. On its standard output it writes one JSON object a
line: ``{"fraction": 0.4, "stage": "...", "seconds_left": 12}``, and at the end ``{"done": true}``
or ``{"error": "...", "kind": "memory" | "input" | "other"}``. It ends by itself when its standard
input closes: whoever started it is gone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import sys
import threading
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

FORMAT = 1
EVERY = 0.25
"""Seconds between two reports at least."""

SHARES = {"spots": 0.05, "influence": 1.1, "weights": 0.8}
"""Of the work, in doses computed: what stands before the doses."""

BODY_PRIORITY, TARGET_PRIORITY = 1.0, 100.0
BODY_SHARE = 0.3
"""Of the prescription: dose in the body beyond it is worth lowering."""

MOST_ITERATIONS = 200

SURE = 0.05
"""Of the work must be done before it says how long the rest takes."""


class Told:
    """Tells how far the work is, and how long the rest may take."""

    def __init__(self, doses: int) -> None:
        self._total = sum(SHARES.values()) + doses
        self._done = 0.0
        self._share = 0.0
        self._stage = ""
        self._started = time.monotonic()
        self._last = 0.0

    def step(self, stage: str, share: float) -> None:
        """A new stage begins; the last is done."""
        self._done += self._share
        self._share, self._stage = share, stage
        self._tell(0.0, always=True)

    def __call__(self, report: Any) -> None:
        """Hear pyRadPlan: beams, and rays within a beam."""
        levels = getattr(report, "levels", ())
        fraction, width = 0.0, 1.0
        for level in levels:
            if not level.total:
                return
            fraction += width * level.current / level.total
            width /= level.total
        if levels:
            self._tell(min(fraction, 1.0))

    def _tell(self, within: float, *, always: bool = False) -> None:
        now = time.monotonic()
        if not always and now - self._last < EVERY:
            return
        self._last = now
        fraction = (self._done + within * self._share) / self._total
        spent = now - self._started
        left = spent * (1 - fraction) / fraction if fraction > SURE else None
        say({"fraction": fraction, "stage": self._stage, "seconds_left": left})


def say(message: dict[str, Any]) -> None:
    """One line for the parent."""
    sys.__stdout__.write(json.dumps(message) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def watch_parent() -> None:
    """End with the parent: its end of the pipe closes when it goes, however it goes."""

    def wait() -> None:
        # the descriptor, not sys.stdin: a thread that holds its lock would crash Python's own end
        with contextlib.suppress(OSError):
            while os.read(0, 1):
                pass
        os._exit(130)

    threading.Thread(target=wait, daemon=True).start()


def compute(folder: Path) -> None:
    """One request, from its files to its files."""
    request = json.loads((folder / "request.json").read_text("utf-8"))
    if request["format"] != FORMAT:
        raise ValueError(f"a request of format {request['format']}, not {FORMAT}")
    names = request["names"]
    say({"fraction": 0.0, "stage": "starting the engine"})
    import pyRadPlan
    import SimpleITK as sitk
    from pyRadPlan.core import observe_reports

    def volume(name: str) -> Any:
        array = np.load(folder / name, allow_pickle=False)
        # a float32 CT meets a kernel that takes float64 alone
        image = sitk.GetImageFromArray(
            array.astype(np.uint8 if array.dtype == np.bool_ else np.float64)
        )
        image.SetSpacing(request["spacing_mm"])
        image.SetOrigin(request["origin_mm"])
        return image

    densities = [volume(f"density-{n}.npy") for n in range(len(names))]
    ct = pyRadPlan.CT(cube_hu=densities[0])
    cst = structures(request, ct, volume("target.npy"), volume("body.npy"))
    plan = make_plan(request)
    told = Told(len(names))
    with observe_reports(told):
        told.step("placing spots", SHARES["spots"])
        stf = place_spots(plan, ct, cst, densities[0])
        if not stf.total_number_of_bixels:
            raise ValueError("no spot reaches the target")
        told.step("influence of every spot", SHARES["influence"])
        dij = pyRadPlan.calc_dose_influence(ct, cst, stf, plan)
        told.step("weights", SHARES["weights"])
        weights = np.asarray(pyRadPlan.fluence_optimization(ct, cst, stf, dij, plan))
        del dij
        inside = np.load(folder / "target.npy", allow_pickle=False)
        scale = 0.0
        for n, density in enumerate(densities):
            told.step(f"dose on {names[n]}", 1.0)
            dose = forward(make_plan(request), pyRadPlan.CT(cube_hu=density), cst, stf, weights)
            if n == 0:
                scale = request["prescription_gy"] / max(float(np.median(dose[inside])), 1e-9)
            np.save(folder / f"dose-{n}.npy", (dose * scale).astype(np.float32))
    result = {
        "engine": f"pyRadPlan {version('pyRadPlan')}",
        "machine": "generic beams of pyRadPlan",
        "spots": int(stf.total_number_of_bixels),
        "weights_sha256": hashlib.sha256(weights.astype("<f8").tobytes()).hexdigest(),
        "seconds": time.monotonic() - told._started,
        "peak_mb": peak_mb(),
    }
    (folder / "result.json").write_text(json.dumps(result), "utf-8")


def make_plan(request: dict[str, Any]) -> Any:
    """A plan of pyRadPlan; it is changed by what uses it, so each use gets its own."""
    import pyRadPlan

    kind = pyRadPlan.PhotonPlan if request["modality"] == "photons" else pyRadPlan.IonPlan
    plan = kind(machine="Generic")
    plan.num_of_fractions = 1
    plan.prescribed_dose = request["prescription_gy"]
    plan.prop_stf = {
        "gantry_angles": [beam["gantry"] for beam in request["beams"]],
        "couch_angles": [beam["couch"] for beam in request["beams"]],
        "bixel_width": request["spot_mm"],
    }
    plan.prop_opt = {"solver": "scipy", "max_iter": MOST_ITERATIONS}
    # densities come ready made, by the site's own curve
    plan.prop_dose_calc = {"use_given_eq_density_cube": True}
    if request["modality"] == "protons":
        plan.prop_dose_calc["calc_let"] = False
    return plan


def structures(request: dict[str, Any], ct: Any, target: Any, body: Any) -> Any:
    """The target and the body with what the weights shall reach."""
    import pyRadPlan
    from pyRadPlan.cst import OAR, Target
    from pyRadPlan.optimization.objectives import SquaredDeviation, SquaredOverdosing

    wanted = request["prescription_gy"]
    return pyRadPlan.validate_cst(
        [
            Target(
                name="target", mask=target, ct_image=ct, overlap_priority=1,
                objectives=[SquaredDeviation(priority=TARGET_PRIORITY, d_ref=wanted)],
            ),
            OAR(
                name="body", mask=body, ct_image=ct, overlap_priority=2,
                objectives=[SquaredOverdosing(priority=BODY_PRIORITY, d_max=BODY_SHARE * wanted)],
            ),
        ],
        ct=ct,
    )  # fmt: skip


def place_spots(plan: Any, ct: Any, cst: Any, density: Any) -> Any:
    """Rays and energies, from the densities rather than from the engine's own curve."""
    import pyRadPlan
    from pyRadPlan.stf import get_generator

    generator = get_generator(plan)
    if plan.radiation_mode == "protons":
        begin = generator._initialize

        def initialize() -> None:
            begin()
            generator._wet_image = density

        generator._initialize = initialize
    return pyRadPlan.validate_stf(generator.generate(ct, cst))


def forward(plan: Any, ct: Any, cst: Any, stf: Any, weights: Float64) -> Float64:
    """The dose [k, j, i] of given spots and weights."""
    import pyRadPlan
    import SimpleITK as sitk

    found = pyRadPlan.calc_dose_forward(ct, cst, stf, plan, weights)
    return np.asarray(sitk.GetArrayFromImage(found["physical_dose"]), dtype=np.float64)


def peak_mb() -> float | None:
    """The most memory this process held, where the system says so."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main(folder: Path) -> int:
    """Compute, and say how it ended; the exit code is 0 or 1."""
    watch_parent()
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    sys.stdout = sys.stderr  # nothing but reports goes to the parent
    try:
        compute(folder)
    except MemoryError:
        say({"error": "memory", "kind": "memory"})
        return 1
    except Exception as error:  # what it says may hold anything; the parent tells only its type
        text = f"{type(error).__name__}: {error}"
        memory = "bad_alloc" in text or "memory" in text.lower()
        say({"error": text[:500], "kind": "memory" if memory else "other"})
        return 1
    say({"done": True})
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
