"""Make the pictures of the tutorial again: the real window, clicked through on the digital head.

Run it as ``.venv/bin/python docs/screenshots.py [FOLDER]``; without a folder the pictures in
docs/images are replaced. It needs Xvfb, and shows nobody: the study is the demo study.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from photographer import Photographer

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
sys.path[:0] = [str(ROOT), str(ROOT / "SlicerSynth")]
SIZE = (1280, 860)
INSIDE = "SLICERSYNTH_SCREENSHOTS"
"""Set in the process that has the screen."""


def tour(person: Any, camera: Photographer, study: Path) -> None:
    """What the tutorial tells, in its order."""
    open_study(person, camera, study)
    for step in (refuse, make_ct, validate, lesions, teach, compare, denoise, export, engine):
        step(person, camera)


def open_study(person: Any, camera: Photographer, study: Path) -> None:
    """The sample study: three of its series."""
    rest(1)
    person.answer_file_dialog(study)
    person.tool("Open folder")
    series = person.find("seriesListView")
    person.wait(series.isVisible, "the list of series")
    for name in ("+C", "T2 TSE", "FLAIR", "PD TSE"):
        person.toggle("seriesListView", name)
    rest(0.3)
    camera.part("slicer-series", ["seriesList"], margin=0)
    person.click("loadSeriesButton")
    person.wait(lambda: "T1" in person.read("volumeT1Selector"), "the study")
    person.wait(lambda: "Automatic (" in person.read("modelCombo"), "the models")
    rest(1)
    camera.window("slicer-inputs")


def refuse(person: Any, camera: Photographer) -> None:
    """A learned model that was not made for heads."""
    person.choose("modelCombo", "extremity")
    person.click("synthesizeButton")
    person.wait(lambda: "Nothing was made" in person.read("messageLabel"), "the refusal")
    person.click("messageButton")
    rest(0.3)
    camera.part("slicer-refused", ["messageFrame", "synthesisButton"])
    person.click("cardButton")
    rest(0.3)
    camera.part("slicer-card", ["modelRow", "cardText"])
    person.click("cardButton")


def make_ct(person: Any, camera: Photographer) -> None:
    """A slice, then the whole volume, by the model that fits."""
    from Testing.slicer.journeys.look import wait_until_idle

    person.choose("modelCombo", "Automatic")
    person.click("previewButton")
    wait_until_idle(person, "the preview")
    rest(1)
    camera.window("slicer-preview")
    person.click("synthesizeButton")
    wait_until_idle(person, "the CT")
    rest(1)
    person.click("checksButton")
    rest(0.3)
    camera.window("slicer-result")
    person.click("checksButton")


def validate(person: Any, camera: Photographer) -> None:
    """The check of the CT, alone; then with the phantom's CT, its tumor as target, and doses."""
    person.unfold("validateSection")
    check(person)
    fold(person, "synthesisButton", "resultButton")
    rest(0.5)
    camera.window("slicer-validate")
    person.answer_file_dialog(Path("study/truth/tumor-label.nii.gz").resolve())
    person.tool("Open file")
    person.wait(person.find("checkStructuresSelector").nodeCount, "the tumor")
    person.choose("checkReferenceSelector", "6: SYNTHETIC phantom CT")
    person.choose("checkStructuresSelector", "tumor")
    person.choose("checkTargetCombo", "target: tumor")
    person.unfold("checkMoreButton")
    for name, path in doses_by_formula().items():
        person.answer_file_dialog(path)
        person.click(f"dose{name}Button")
    check(person)
    person.click("doseShownButton")
    person.click("dvhButton")
    rest(1)
    camera.window("slicer-doses")
    fold(person, "checkMoreButton", "validateSection", "synthesisButton", "resultButton")
    person.tool("Four views")


def check(person: Any) -> None:
    """Click on Check, and wait for the verdict; what refuses it would be waited for in vain."""
    person.click("validateButton")
    person.wait(
        lambda: person.read("verdictLabel") or person.read("messageLabel"), "the verdict", 600
    )
    if refusal := person.read("messageLabel"):
        raise RuntimeError(refusal)


def doses_by_formula() -> dict[str, Path]:
    """A ball of 60 Gy around the tumor, and one a little lower and to the side; on 5 mm."""
    import numpy as np

    from SynthCore.files.read import read
    from SynthCore.image import Image, make_affine
    from Testing.slicer.rt_files import write_rt_dose

    tumor = read(Path("study/truth/tumor-label.nii.gz"))
    k, j, i = np.argwhere(tumor.voxels > 0).mean(axis=0)
    middle = (tumor.affine @ (i, j, k, 1.0))[:3]
    affine = make_affine((5.0, 5.0, 5.0), tuple(middle - 60.0))
    places = np.indices((25, 25, 25), dtype=float)[::-1] * 5.0 - 60.0  # x, y, z from the middle
    made = {}
    for name, most, aside in (("Reference", 60.0, 0.0), ("Synthetic", 58.5, 2.0)):
        far = np.linalg.norm(places - np.reshape((aside, 0.0, 0.0), (3, 1, 1, 1)), axis=0)
        dose = (most / (1 + np.exp((far - 32.0) / 4.0))).astype(np.float32)
        path = Path(f"dose on the {'real' if name == 'Reference' else 'synthetic'} CT.dcm")
        made[name] = write_rt_dose(path, Image(dose, affine, "", "Gy")).resolve()
    return made


def lesions(person: Any, camera: Photographer) -> None:
    """A glioma in the phantom, in T1 and CT at once; it goes again, as later pictures have none."""
    import slicer

    before = set(slicer.util.getNodes("*", useLists=True))
    person.unfold("lesionsSection")
    fold(person, "synthesisButton", "resultButton")
    person.unfold("growthSection")
    person.find("growthDatesSpin").setValue(3)
    person.find("growthFirstEdit").setDate(date(2024, 3, 1))
    rest(0.3)
    camera.part("slicer-growth", ["growthSection"])
    person.find("growthDatesSpin").setValue(1)
    fold(person, "growthSection")
    person.click("lesionButton")
    person.wait(lambda: " ml at " in person.read("lesionStageLabel"), "the lesion", 600)
    fold(person, "resultButton")
    rest(1)
    camera.window("slicer-lesions")
    for kind in ("vtkMRMLVolumeNode", "vtkMRMLSegmentationNode"):
        for node in slicer.util.getNodesByClass(kind):
            if node.GetName() not in before:
                slicer.mrmlScene.RemoveNode(node)
    rest(1)
    fold(person, "lesionsSection", "synthesisButton", "resultButton")


def teach(person: Any, camera: Photographer) -> None:
    """A class page of the phantom's tumor."""
    person.unfold("teachSection")
    person.choose("teachFirstSelector", "6: SYNTHETIC phantom CT")
    person.choose("teachTruthSelector", "tumor")
    person.type("teachTitleLine", "Two weeks of morning headache")
    person.type("teachQuestionLine", "What is the most likely diagnosis?")
    person.type("teachAnswerLine", "High-grade glioma")
    person.click("teachButton")
    person.wait(person.find("openPageButton").isEnabled, "the page", 600)
    fold(person, "synthesisButton", "resultButton")
    rest(1)
    camera.part("slicer-teach", ["teachSection"])
    fold(person, "teachSection", "synthesisButton", "resultButton")


def compare(person: Any, camera: Photographer) -> None:
    """The result against the CT of the study."""
    person.unfold("resultButton")
    person.choose("resultSelector", "SYNTHETIC CT of 1")
    person.unfold("compareSection")
    person.choose("referenceSelector", "6: SYNTHETIC phantom CT")
    person.click("compareButton")
    person.wait(person.find("metricsTable").isVisible, "the metrics")
    fold(person, "synthesisButton", "resultButton")
    rest(0.5)
    camera.part("slicer-compare", ["compareSection"])
    fold(person, "synthesisButton", "resultButton")
    person.click("differenceButton")
    rest(1)
    camera.window("slicer-difference")


def denoise(person: Any, camera: Photographer) -> None:
    """A run that takes long enough to be seen, cancelled once."""
    from Testing.slicer.journeys.look import wait_until_idle

    fold(person, "compareSection")
    person.choose("taskCombo", "low-dose")
    person.choose("volumeCTSelector", "low dose")
    person.choose("modelCombo", "baseline")
    person.click("synthesizeButton")
    person.wait(lambda: " left" in person.read("stageLabel"), "the time left")
    camera.part("slicer-running", ["deviceRow", "stageLabel"])
    person.click("cancelButton")
    wait_until_idle(person, "the end")
    person.click("synthesizeButton")
    wait_until_idle(person, "the CT")
    person.click("sideBySideButton")
    person.tool("Crosshair")
    rest(1)
    camera.window("slicer-window")


def export(person: Any, camera: Photographer) -> None:
    """The tags first, then the files."""
    Path("results").mkdir()
    person.unfold("exportSection")
    person.type("exportFolder", "results")
    person.click("tagsButton")
    person.wait(person.find("tagsTable").isVisible, "the tags")
    person.click("exportButton")
    person.wait(lambda: "marked" in person.read("exportLabel"), "the files")
    fold(person, "synthesisButton", "resultButton")
    rest(0.5)
    camera.part("slicer-export", ["exportSection"])


def engine(person: Any, camera: Photographer) -> None:
    """Who computes."""
    fold(person, "exportSection")
    person.unfold("engineSection")
    rest(0.5)
    camera.part("slicer-engine", ["engineSection"])


def fold(person: Any, *sections: str) -> None:
    """Click on the headers of sections: what was open closes, what was closed opens."""
    for name in sections:
        header = person.find(name).rect().topLeft()
        header.setX(40)
        header.setY(8)
        person.click(name, header)
    rest(0.1)


def rest(seconds: float) -> None:
    """Let the views draw what is new."""
    from Testing.slicer.window_fixtures import settle

    settle(seconds)


def sit_down(folder: Path) -> None:
    """Make the study, open the window, and go through the tour."""
    from SynthCore.demo import write_demo_study

    write_demo_study(Path("study"))
    from Desktop.start import make_window
    from Testing.slicer.journeys.person import Person

    window = make_window()
    import slicer

    window.resize(*SIZE)
    window.show()
    slicer.app._started()
    person = Person(window)
    window.activateWindow()  # there is no window manager to do it
    person.wait(window.isActiveWindow, "the window", 30)
    tour(person, Photographer(person, folder), Path("study").resolve())
    slicer.mrmlScene.Clear(0)  # or the window asks whether to close without saving
    window.close()


def main(arguments: Sequence[str]) -> int:
    """Start a screen, and this file again on it."""
    folder = Path(arguments[0] if arguments else IMAGES).resolve()
    if os.environ.get(INSIDE):
        sit_down(folder)
        return 0
    from Testing.slicer.display import a_screen

    folder.mkdir(parents=True, exist_ok=True)
    again = [sys.executable, str(Path(__file__).resolve()), str(folder)]
    # settings of its own, and a folder to work in: what the pictures tell of the disk is in it
    with tempfile.TemporaryDirectory() as work, a_screen("{}x{}x24".format(*SIZE)) as display:
        more = {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "XDG_CONFIG_HOME": work, INSIDE: "1"}
        return subprocess.call(again, env={**os.environ, **more}, cwd=work)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
