"""What a real worker answers to a plan check, and what it refuses."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from SynthCore.image import Image, Source, make_affine
from SynthCore.planning.acceptance import as_toml
from SynthCore.planning.engine.environment import status
from SynthCore.planning.path_length import Beam
from SynthCore.planning.plan_check import check
from SynthCore.planning.report import as_json
from SynthCore.protocol import unpack
from Testing.planning.test_checks import leg, shifted, study
from Testing.worker.process import Worker

PTV = {"volume": "structure 0", "name": "PTV", "target": True}


def target(like: Image) -> Image:
    made = study(like).structures["PTV"]
    return Image(made, like.affine)


def dose(like: Image, most: float = 60.0) -> Image:
    """A ball of dose on a grid of its own."""
    shape = (7, 10, 10)
    affine = make_affine((8.0, 8.0, 8.0), (40.0, 20.0, -4.0))
    k, j, i = np.indices(shape, dtype=float)
    far = np.sqrt(((k - 3.5) * 8) ** 2 + ((j - 5) * 8) ** 2 + ((i - 4.5) * 8) ** 2)
    return Image((most * np.exp(-((far / 40) ** 4))).astype(np.float32), affine, "", "Gy")


def in_frame(image: Image, uid: str) -> Image:
    header = Dataset()
    header.FrameOfReferenceUID = uid
    return Image(image.voxels, image.affine, image.modality, image.unit, Source(headers=(header,)))


def test_the_figures_are_those_of_the_command_line(worker: Worker) -> None:
    real = leg()
    trap = shifted(real, 20)
    body = {"structures": [PTV], "beams": [[0, 0], [90, 0]]}
    number = worker.send(
        "plan-check", body, synthetic=trap, reference=real, **{"structure 0": target(real)}
    )
    *progress, last = worker.until(number)[number]
    assert last.type == "result", last.body
    expected = as_json(check(study(trap, real), beams=(Beam(0), Beam(90))))
    told = [{k: v for k, v in row.items() if k != "text"} for row in last.body["findings"]]
    assert told == expected["findings"]
    assert last.body["light"] == "fail" and last.body["verdict"] == expected["verdict"]
    assert all(row["text"] for row in last.body["findings"])
    assert last.body["report"].lstrip().startswith("<!") and "Path length" in last.body["report"]
    fractions = [event.body["fraction"] for event in progress]
    assert fractions == sorted(fractions) and progress[-1].body["stage"] == "report"


def test_alone_with_its_mr_by_a_site_s_files(worker: Worker) -> None:
    text = as_toml().replace('signed_by = ""', 'signed_by = "P"')
    text = text.replace('signed_on = ""', 'signed_on = "2026-01-02"')
    real = leg()
    mr = Image(np.maximum(real.voxels + 1000, 0), real.affine, "T1")
    answer = worker.ask(
        "plan-check",
        {
            "thresholds": {"name": "C:\\secret\\site.toml", "text": text},
            "curve": {"name": "ours.csv", "text": "HU,RED\n-1000,0\n0,1\n1000,1.5", "kind": "red"},
        },
        synthetic=real, mr=mr,
    )  # fmt: skip
    assert answer.type == "result", answer.body
    assert {row["group"] for row in answer.body["findings"]} == {"plausibility"}
    thresholds = answer.body["thresholds"]
    assert thresholds["source"] == "site.toml" and thresholds["signed_on"] == "2026-01-02"
    assert thresholds["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert answer.body["curve"]["name"] == "ours.csv" and not answer.body["curve"]["generic"]
    assert answer.body["dvh"] == []


def test_doses_come_back_as_histograms(worker: Worker) -> None:
    pytest.importorskip("pymedphys", reason="gamma needs pymedphys")
    real = leg()
    first, second = dose(real), dose(real, 57.0)
    answer = worker.ask(
        "plan-check", {"structures": [PTV], "prescription_gy": 60},
        synthetic=shifted(real, 1), reference=real,
        **{"structure 0": target(real), "dose-reference": first, "dose-synthetic": second},
    )  # fmt: skip
    assert answer.type == "result", answer.body
    (dvh,) = answer.body["dvh"]
    (ptv,) = dvh["structures"]
    assert ptv["name"] == "PTV" and ptv["target"] and dvh["prescription_gy"] == 60
    assert len(dvh["dose_gy"]) == len(ptv["reference"]) == len(ptv["synthetic"])
    assert ptv["reference"][0] == ptv["synthetic"][0] == 100
    half = [float(np.interp(-50, -np.array(ptv[side]), dvh["dose_gy"])) for side in
            ("reference", "synthetic")]  # fmt: skip
    assert half[1] / half[0] == pytest.approx(0.95, abs=0.01), "everything has 5% less"
    d50 = next(row for row in answer.body["findings"] if row["title"].startswith("D50 of PTV"))
    assert d50["value"] == pytest.approx(-5, abs=0.1) and d50["light"] == "fail"


REAL = leg()
MADE = shifted(REAL, 1)
WRONG: list[tuple[dict[str, Any], dict[str, Image], str]] = [
    ({}, {"reference": REAL}, "brings the synthetic CT"),
    ({}, {"synthetic": REAL, "PET": REAL}, "brings the synthetic CT"),
    ({}, {"synthetic": Image(np.ones((4, 8, 8), "f4"), np.eye(4))}, "not CT numbers"),
    ({"structures": [PTV]}, {"synthetic": REAL}, "no mask"),
    ({"structures": [PTV]}, {"synthetic": REAL, "structure 0": dose(REAL)}, "grid"),
    ({"structures": [PTV]}, {"synthetic": REAL, "structure 0": shifted(REAL, -9e3)}, "no voxel"),
    ({}, {"synthetic": REAL, "dose-reference": dose(REAL)}, "Two doses"),
    ({}, {"synthetic": REAL, "dose-reference": dose(REAL), "dose-synthetic": dose(REAL, 9e6)},
     "not Gy"),
    ({"beams": [[0]]}, {"synthetic": REAL}, "gantry and a couch"),
    ({"beams": [[0, "north"]]}, {"synthetic": REAL}, "gantry and a couch"),
    ({"prescription_gy": -3}, {"synthetic": REAL}, "dose in Gy"),
    ({"curve": {"name": "a.csv", "text": "0,1\n1,0", "kind": "spr"}}, {"synthetic": REAL}, "a.csv"),
    ({"curve": {"kind": "mass"}}, {"synthetic": REAL}, "kind of a curve"),
    ({"thresholds": {"name": "../x.toml", "text": "]"}}, {"synthetic": REAL}, "x.toml"),
    ({"thresholds": 5}, {"synthetic": REAL}, "not a file"),
    ({"thresholds": {"name": "a\0b" * 200, "text": "x"}}, {"synthetic": REAL}, "short text"),
    ({"thresholds": {"name": "a\0b", "text": "limit = 3"}}, {"synthetic": REAL}, "unknown entry"),
    ({"thresholds": {"name": "\ud800", "text": "x"}}, {"synthetic": REAL}, "not Unicode"),
    ({"structures": [{"volume": ["m"], "name": "a"}]}, {"synthetic": REAL}, "has no mask"),
    ({"curve": {"kind": [1]}}, {"synthetic": REAL}, "kind of a curve"),
    ({"beams": [[10**400, 0]]}, {"synthetic": REAL}, "gantry and a couch"),
    ({"register": "somehow"}, {"synthetic": MADE, "reference": REAL}, "rigid or deformable"),
    ({"dose": ["photons"]}, {"synthetic": REAL}, "planned on the real CT"),
    ({"dose": ["electrons"]}, {"synthetic": MADE, "reference": REAL}, "photons or protons"),
    ({"dose": "photons"}, {"synthetic": REAL}, "a list of photons and protons"),
    ({}, {"synthetic": in_frame(MADE, "1.2.3"), "reference": in_frame(REAL, "1.2.4")},
     "another frame of reference"),
    ({}, {"synthetic": in_frame(REAL, "1.2.3"), "dose-reference": in_frame(dose(REAL), "1.2.4"),
          "dose-synthetic": dose(REAL)}, "another frame of reference"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "volumes", "why"), WRONG, ids=[one[2] for one in WRONG])
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    worker: Worker, body: dict[str, Any], volumes: dict[str, Image], why: str
) -> None:
    answer = worker.ask("plan-check", body, **volumes)
    assert answer.type == "error" and answer.body["kind"] == "input", answer.body
    assert why in answer.body["message"], answer.body["message"]
    assert answer.body["message"].endswith(".")


def test_a_real_ct_that_lies_elsewhere_is_registered(worker: Worker) -> None:
    synthetic = in_frame(leg(), "1.2.3")
    moved = leg().affine.copy()
    moved[0, 3] += 6.0
    real = in_frame(Image(leg().voxels, moved, "CT", "HU"), "1.2.4")
    answer = worker.ask("plan-check", {"register": "rigid"}, synthetic=synthetic, reference=real)
    assert answer.type == "result", answer.body
    assert any("registered to the synthetic CT (rigid" in note for note in answer.body["notes"])
    dice = next(row for row in answer.body["findings"] if row["id"] == "body_dice")
    assert dice["value"] > 0.98


def test_doses_computed_here_come_back_as_volumes(worker: Worker) -> None:
    pytest.importorskip("pymedphys", reason="gamma needs pymedphys")
    if not status().current:
        pytest.skip("the dose engine is not installed: synthcore dose-engine install")
    real = leg()
    answer = worker.ask(
        "plan-check", {"structures": [PTV], "dose": ["protons"], "beams": [[0, 0]]},
        synthetic=shifted(real, 20), reference=real, **{"structure 0": target(real)},
    )  # fmt: skip
    assert answer.type == "result", answer.body
    doses = unpack(answer)
    assert set(doses) == {"dose-protons-reference", "dose-protons-synthetic"}
    first, second = doses["dose-protons-reference"], doses["dose-protons-synthetic"]
    assert first.unit == "Gy" and first.same_grid(second) and first.voxels.max() > 30
    assert not np.allclose(first.voxels, second.voxels), "protons stop short in what is denser"
    assert [dvh["name"] for dvh in answer.body["dvh"]] == ["protons"]
    assert any(row["title"] == "D98 of PTV, protons" for row in answer.body["findings"])


def test_one_is_cancelled(worker: Worker) -> None:
    real = leg()
    large = Image(np.tile(real.voxels, (4, 2, 2)), real.affine, "CT", "HU")
    number = worker.send("plan-check", {}, synthetic=shifted(large, 1), reference=large)
    first = worker.next()
    assert first is not None and first.id == number
    stop = worker.send("cancel", {"request": number})
    events = worker.until(number, stop)
    assert events[number][-1].type == "cancelled"
    assert worker.ask("plan-check", {}, synthetic=real).type == "result"
