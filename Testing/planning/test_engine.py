"""What the dose engine is asked and how its process is kept: all that needs no pyRadPlan."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from SynthCore.cli.main import main
from SynthCore.errors import CancelledError, ComputationError, InputError, OutOfMemoryError
from SynthCore.image import Image, make_affine
from SynthCore.planning.averaged import averaged
from SynthCore.planning.comparators import BULK_OF_CT, BULK_OF_MR, WATER, comparator_images
from SynthCore.planning.density import GENERIC
from SynthCore.planning.dose_check import dose_check
from SynthCore.planning.engine import environment, process
from SynthCore.planning.engine.of_study import beams_for, parse_modalities, read_options
from SynthCore.planning.engine.request import DosePlan, dose_grid, write_request
from SynthCore.planning.path_length import Beam
from SynthCore.planning.plan_check import check
from Testing.planning.test_checks import leg, study

PLAN = DosePlan("photons", (Beam(0), Beam(-90, 10)), 60.0, spacing_mm=3.0)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def body_of(image: Image) -> np.ndarray:
    return np.asarray(image.voxels > -300)


def test_what_is_pinned_is_pinned_to_one_version_and_names_no_host() -> None:
    text = environment.REQUIREMENTS.read_text("utf-8")
    assert "://" not in text and "--index" not in text
    assert all(line.count("==") == 1 for line in environment.pinned())
    assert "pyRadPlan==0.5.0" in environment.pinned()


def test_an_engine_that_is_not_there_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(environment.HOME_VARIABLE, str(tmp_path / "nowhere"))
    assert not environment.status().installed
    with pytest.raises(InputError, match="synthcore dose-engine install"):
        environment.require_engine()
    assert main(["dose-engine", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["installed"] is False
    code = main(["plan-check", "ct.nii.gz", "--dose", "photons", "--json"])
    assert code == 2 and "not installed" in json.loads(capsys.readouterr().out)["error"]


def test_an_engine_of_other_versions_is_not_used(tmp_path: Path) -> None:
    python = environment.python_of(tmp_path)
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / environment.READY).write_text(
        json.dumps({"requirements_sha256": "0", "versions": ["pyRadPlan==0.1"]})
    )
    assert environment.status(tmp_path).installed and not environment.status(tmp_path).current
    with pytest.raises(InputError, match="--again"):
        environment.require_engine(tmp_path)
    with pytest.raises(InputError, match="--again"):
        environment.install(tmp_path)


def test_an_engine_that_works_stays_until_another_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "engine"
    python = environment.python_of(folder)
    python.parent.mkdir(parents=True)
    python.touch()
    ready = {"requirements_sha256": "other", "versions": []}
    (folder / environment.READY).write_text(json.dumps(ready), "utf-8")
    (folder / "kept").write_text("it works", "utf-8")
    monkeypatch.setattr(environment, "REQUIREMENTS", tmp_path / "requirements.txt")
    environment.REQUIREMENTS.write_text("no-such-package-at-all==0.0.0\n", "utf-8")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ComputationError, match="could not be installed"):
        environment.install(folder, again=True)
    assert (folder / "kept").read_text("utf-8") == "it works"
    with pytest.raises(CancelledError):
        environment.install(folder, again=True, cancelled=lambda: True)
    assert (folder / environment.READY).exists() and (folder / "kept").exists()
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["engine"]
    seen = []

    def made(fresh: Path, *_: object) -> None:
        seen.append(environment.status(folder).installed)  # doses are computed meanwhile
        (fresh / "fresh").mkdir(parents=True)

    with monkeypatch.context() as patch:
        patch.setattr(environment, "_make", made)
        environment.install(folder, again=True)
    assert seen == [True] and (folder / "fresh").is_dir()
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == ["engine"]
    (folder / "fresh").rename(tmp_path / "old")
    (folder / environment.READY).write_text(json.dumps(ready), "utf-8")
    python.parent.mkdir()
    python.touch()
    (folder / "kept").touch()
    folder.rename(tmp_path / "engine-before")  # killed in between
    with pytest.raises(InputError, match="--again"):
        environment.install(folder)
    assert (folder / "kept").exists()


@pytest.mark.parametrize("turned", [False, True])
def test_the_dose_grid_lies_along_the_patient_and_holds_the_body(turned: bool) -> None:
    angle = np.deg2rad(20)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0],
                     [0, 0, 1]])  # fmt: skip
    image = Image(leg().voxels, make_affine((2.0, 2.0, 4.0), (-70.0, 13.0, 5.0),
                                            turn if turned else None), "CT", "HU")  # fmt: skip
    body = body_of(image)
    grid = dose_grid(body, image, 3.0)
    assert np.allclose(grid.direction, np.eye(3)) and np.allclose(np.mod(grid.origin, 3.0), 0)
    places = np.argwhere(body)[:, ::-1] @ image.affine[:3, :3].T + image.affine[:3, 3]
    low = np.array(grid.origin) - 1.5
    high = low + 3.0 * np.array(grid.shape[::-1])
    assert (places > low).all() and (places < high).all()
    # what is averaged keeps its sum: the volume of the body
    share = averaged(body.astype(np.float32), image, grid)
    assert share.sum() * 27 == pytest.approx(body.sum() * 16, rel=0.02)


def test_averaging_keeps_the_mean_of_noise_and_takes_its_spread() -> None:
    rng = np.random.default_rng(3)
    fine = Image(np.zeros((40, 60, 60), dtype=np.float32), make_affine((1.0, 1.0, 1.0)))
    noise = rng.normal(1.0, 0.2, fine.shape).astype(np.float32)
    grid = Image(np.zeros((8, 12, 12), dtype=np.float32), make_affine((4.0, 4.0, 4.0), (6, 6, 6)))
    coarse = averaged(noise, fine, grid)
    assert coarse.mean() == pytest.approx(1.0, abs=0.005) and coarse.std() < 0.2 / 4


@pytest.mark.parametrize("step", [1.0, 1.5, 2.0, 3.0])
def test_averaging_moves_nothing(step: float) -> None:
    count = int(120 / step)
    fine = Image(np.zeros((count, 8, 8), dtype=np.float32), make_affine((4.0, 4.0, step)))
    ramp = np.broadcast_to((np.arange(count) * step)[:, None, None], fine.shape)
    grid = Image(np.zeros((25, 6, 6), dtype=np.float32), make_affine((4.0,) * 3, (4, 4, 8)))
    coarse = averaged(ramp.astype(np.float32), fine, grid)
    assert coarse[2:-3, 2, 2] == pytest.approx(8 + 4 * np.arange(2, 22), abs=1e-3)


@pytest.mark.parametrize("radius", [2.5, 3.5, 5.0])
def test_a_small_organ_has_its_volume_on_a_coarse_grid(radius: float) -> None:
    rng = np.random.default_rng(1)
    k, j, i = np.mgrid[:40, :40, :40].astype(np.float32)
    grid = Image(np.zeros((11, 11, 11), dtype=np.float32), make_affine((4.0,) * 3))
    for _ in range(5):
        z, y, x = 20 + rng.uniform(-2, 2, 3)
        mask = ((k - z) ** 2 + (j - y) ** 2 + (i - x) ** 2 < radius**2).astype(np.uint8)
        organ = Image(mask, make_affine((1.0,) * 3))
        share = averaged(mask.astype(np.float32), organ, grid, beyond=0.0)
        assert share.sum() * 64 == pytest.approx(mask.sum(), rel=1e-3)
        assert share.min() >= 0 and share.max() <= 1 + 1e-6
        dose = grid.with_voxels(np.full(grid.shape, 2.0, dtype=np.float32), unit="Gy")
        _, compared = dose_check(dose, dose, {"lens": organ}, (), None)
        assert compared.histograms["lens"][0].volume_cm3 == pytest.approx(
            mask.sum() / 1e3, rel=1e-3
        )


@pytest.mark.parametrize(("spacing", "why"), [(0.5, "out of range"), (20.0, "out of range")])
def test_a_dose_grid_that_cannot_be_meant_is_refused(spacing: float, why: str) -> None:
    with pytest.raises(InputError, match=why):
        dose_grid(body_of(leg()), leg(), spacing)
    with pytest.raises(InputError, match="No body"):
        dose_grid(np.zeros(leg().shape, dtype=bool), leg(), 4.0)
    huge = Image(np.ones((100, 100, 100), dtype=np.float32), make_affine((9.0, 9.0, 9.0)))
    with pytest.raises(InputError, match="coarser"):
        dose_grid(np.ones(huge.shape, dtype=bool), huge, 3.0)


def test_a_request_is_plain_arrays_and_numbers_and_no_name(tmp_path: Path) -> None:
    grid = dose_grid(body_of(leg()), leg(), 3.0)
    body = np.ones(grid.shape, dtype=bool)
    target = np.zeros(grid.shape, dtype=bool)
    target[5:9, 10:20, 10:20] = True
    density = np.ones(grid.shape, dtype=np.float32)
    write_request(tmp_path, PLAN, grid, [density, density], target, body, ("real", "made"))
    assert names(tmp_path) == {"request.json", "density-0.npy", "density-1.npy", "target.npy",
                               "body.npy"}  # fmt: skip
    request = json.loads((tmp_path / "request.json").read_text())
    assert request["beams"] == [{"gantry": 0, "couch": 0}, {"gantry": 270, "couch": 10}]
    assert set(request) == {"format", "modality", "beams", "prescription_gy", "spot_mm",
                            "spacing_mm", "origin_mm", "names"}  # fmt: skip
    loaded = np.load(tmp_path / "density-1.npy", allow_pickle=False)
    assert loaded.shape == grid.shape and loaded.dtype == np.float32
    target[:] = False
    target[5, 10, 10:14] = True
    with pytest.raises(InputError, match="4 voxels of the dose grid of 3 mm"):
        write_request(tmp_path, PLAN, grid, [density], target, body, ("real",))


def test_comparators_are_water_and_four_densities_in_their_bodies() -> None:
    real = leg()
    body = body_of(real)
    everywhere = np.ones_like(body)
    made = comparator_images(real, body, None, everywhere)
    assert set(np.unique(made[WATER].voxels)) == {-1000.0, 0.0}
    assert set(np.unique(made[BULK_OF_CT].voxels)) == {-1000.0, -100.0, 50.0, 500.0}
    assert made[BULK_OF_CT].voxels[6, 30, 30] == 500 and made[WATER].voxels[0, 0, 0] == -1000
    mr = Image(np.select([real.voxels > 600, real.voxels > 0, real.voxels > -300], [20, 300, 900],
                         0).astype(np.float32), real.affine, "T1")  # fmt: skip
    of_mr = comparator_images(real, body, mr, everywhere)[BULK_OF_MR].voxels
    assert of_mr[6, 30, 51] == -100 and of_mr[6, 30, 42] == 50
    # the MR's own outline, where the real CT has a value
    smaller = mr.with_voxels(np.roll(mr.voxels, 4, axis=2))
    of_mr = comparator_images(real, body, smaller, everywhere)[BULK_OF_MR].voxels
    assert (of_mr[body] == -1000).any() and (of_mr[~body] > -1000).any()
    assert (comparator_images(real, body, mr, ~everywhere)[BULK_OF_MR].voxels == -1000).all()


def test_beams_are_given_or_all_round_or_by_the_shortest_ways() -> None:
    real = leg()
    density = np.where(body_of(real), GENERIC["spr"](real.voxels), 0).astype(np.float32)
    target = np.zeros(real.shape, dtype=bool)
    target[4:8, 26:34, 44:50] = True  # at the left of the leg
    notes: list[str] = []
    given = (Beam(10), Beam(350))
    assert beams_for("protons", given, density, real, target, notes) == given and not notes
    assert len(beams_for("photons", given, density, real, target, notes)) == 5
    assert "too few for photons" in notes[0]
    first, second = beams_for("protons", (), density, real, target, notes)
    assert first.gantry == 90
    assert 60 <= abs(first.gantry - second.gantry) <= 300


def test_what_is_typed_is_read_or_refused_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.HOME_VARIABLE, str(tmp_path))
    assert parse_modalities(["protons", "photons", "protons"]) == ("photons", "protons")
    assert read_options(()) is None
    for arguments, why in [
        ((("carbon",),), "photons or protons"),
        ((("photons",), 0.1), "out of range"),
        ((("photons",), 4.0, ("x.csv",)), "red=FILE"),
        (((), 4.0, ("red=x.csv",)), "add --dose"),
        ((("photons",),), "not installed"),
    ]:
        with pytest.raises(InputError, match=why):
            read_options(*arguments)  # type: ignore[arg-type]


def test_without_a_real_ct_nothing_can_be_planned() -> None:
    from SynthCore.planning.engine.of_study import DoseOptions

    with pytest.raises(InputError, match="--reference"):
        check(study(leg()), dose=DoseOptions(("photons",)))


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> Path:
    """Another program where the engine's would run: a real process, told by the real parent."""
    script = tmp_path / "stand_in.py"
    script.write_text("import json, os, subprocess, sys, time\n" + text, "utf-8")
    monkeypatch.setattr(process, "CHILD", script)
    folder = tmp_path / "request"
    folder.mkdir()
    return folder


LONG = """
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(json.dumps({"fraction": 0.5, "stage": f"{child.pid} {os.getpid()}", "seconds_left": 9}),
      flush=True)
time.sleep(60)
"""


def test_a_cancel_ends_the_process_and_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stand_in(tmp_path, monkeypatch, LONG)
    told: list[tuple[float, str]] = []
    with pytest.raises(CancelledError):
        process.run_child(Path(sys.executable), folder, name="protons", cancelled=lambda: bool(told)
                          and told.append((time.monotonic(), "")) is None,
                          progress=lambda f, s: told.append((f, s)))  # fmt: skip
    ended = time.monotonic()
    assert told[0][0] == 0.5 and told[0][1].endswith("(9 s of dose left)")
    # of the minute that both would sleep; how loaded the machine is, nobody knows
    assert ended - told[1][0] < 20
    pids = {int(word) for word in told[0][1].removeprefix("protons, ").split()[:2]}
    alive = {one.pid for one in psutil.process_iter(["status"])
             if one.info["status"] != psutil.STATUS_ZOMBIE}  # fmt: skip
    assert len(pids) == 2 and not pids & alive


@pytest.mark.parametrize(
    ("text", "error", "why"),
    [
        ("sys.exit(3)", ComputationError, "exit code 3"),
        ("print('{\"error\": \"memory\", \"kind\": \"memory\"}')", OutOfMemoryError, "coarser"),
        ("print('{\"error\": \"GeometryError: x\", \"kind\": \"other\"}')", ComputationError,
         "GeometryError"),
        ("b = bytearray(300_000_000)\ntime.sleep(30)", OutOfMemoryError, "coarser"),
        pytest.param("os.kill(os.getpid(), 9)", OutOfMemoryError, "memory",
                     marks=pytest.mark.skipif(sys.platform == "win32", reason="no such signal")),
    ],
)  # fmt: skip
def test_a_crash_and_a_lack_of_memory_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, error: type, why: str
) -> None:
    folder = stand_in(tmp_path, monkeypatch, text)
    with pytest.raises(error, match=why):
        process.run_child(Path(sys.executable), folder, memory_mb=200)


def test_a_program_that_is_not_there_is_named_so(tmp_path: Path) -> None:
    with pytest.raises(ComputationError, match="could not be started"):
        process.run_child(tmp_path / "no-python", tmp_path)


def test_the_engine_ends_when_its_parent_is_gone() -> None:
    text = ("import time; from SynthCore.planning.engine.child import watch_parent; "
            "watch_parent(); print('up', flush=True); time.sleep(60)")  # fmt: skip
    child = subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdin is not None and child.stdout is not None
    assert child.stdout.readline().strip() == b"up"
    child.stdin.close()
    assert child.wait(timeout=60) == 130
