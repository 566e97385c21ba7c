"""The other tasks on real images: a CT denoised, a missing sequence made, a tumor painted over."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import slicer

import SynthCore
from SlicerSynthLib.attributes import TARGET, sources_of
from SlicerSynthLib.nodes import grid_of
from SynthCore.files.verify import verify_folder
from Testing.slicer.journeys.look import made, marked, shown_in, table, wait_until_idle
from Testing.slicer.journeys.person import Person
from Testing.slicer.mrml_fixtures import volumes


def test_a_ct_is_denoised(person: Person, thigh: Path, tmp_path: Path) -> None:
    person.drop(thigh / "CT")
    person.wait(lambda: "CT_image" in person.read("volumeCTSelector"), "the CT")
    assert person.read("taskCombo") == "Full-dose look from a low-dose CT"
    node = preview_and_make(person, "ct-denoise-body")
    noise = [noise_of(grid_of(one)[0]) for one in (sources_of(node)["CT"], node)]
    assert noise[1] < 0.7 * noise[0]
    assert compare(person)["Mean signed error"].endswith(" HU")
    export(person, tmp_path, node)


def test_a_missing_sequence_is_made(person: Person, real_data: Path, tmp_path: Path) -> None:
    empty(person)
    for name in ("T1", "T2", "FLAIR"):
        open_file(person, real_data / "mr_multicontrast" / "cstar_stroke" / f"{name}.nii.gz")
    person.choose("taskCombo", "A missing MR sequence")
    assert [person.read(f"volume{role}Selector") for role in ("T1", "T2")] == ["T1", "T2"]
    person.choose("targetCombo", "FLAIR")
    assert person.read("volumeFLAIRSelector") == "", "what is to be made is no input"
    node = preview_and_make(person, "mr-sequence-brain")
    assert sorted(sources_of(node)) == ["T1", "T2"] and node.GetAttribute(TARGET) == "FLAIR"
    assert person.read("referenceSelector") == "FLAIR"
    assert float(compare(person)["SSIM"]) > 0.5
    export(person, tmp_path, node)


@pytest.mark.parametrize("kind", ["label map", "segment"])
def test_a_tumor_is_painted_over(
    person: Person, real_data: Path, tmp_path: Path, kind: str
) -> None:
    empty(person)
    folder = real_data / "tumour" / "pyradiomics"
    image = tmp_path / "brain T1c.nrrd"
    mask = tmp_path / ("tumor label.nrrd" if kind == "label map" else "tumor.seg.nrrd")
    shutil.copy(folder / "brain1_image.nrrd", image)
    shutil.copy(folder / "brain1_label.nrrd", mask)
    for path in (image, mask):
        open_file(person, path)
    person.choose("taskCombo", "Healthy tissue under a mask")
    person.wait(lambda: person.read("volumeT1cSelector") == "brain T1c", "the T1c")
    assert person.read("maskSelector").startswith("tumor"), "the only mask there is"
    assert person.find("segmentCombo").isVisible() == (kind == "segment")
    node = preview_and_make(person, "inpaint-brain")
    source = sources_of(node)["T1c"]
    label = SynthCore.read(folder / "brain1_label.nrrd", modality="T1c")
    before, affine = grid_of(source)
    inside = on_grid(label.voxels, label.affine, before.shape, affine) > 0
    changed = grid_of(node)[0] != before
    assert changed[inside].mean() > 0.9 and not changed[~inside].any()
    export(person, tmp_path / "out", node)


def preview_and_make(person: Person, model: str) -> Any:
    """Look at a preview, cancel a run, make the whole; gives the new node."""
    person.wait(lambda: "Automatic (" in person.read("modelCombo"), "the models")
    person.click("previewButton")
    wait_until_idle(person, "the preview")
    person.wait(lambda: marked(person, "Red"), "the preview in place", 5)
    assert shown_in("Red")[1].GetName().startswith("SYNTHETIC")
    assert person.read("modelCombo") == f"Automatic: {model}", "the one that fits"
    before = made()
    person.click("synthesizeButton")
    person.click("cancelButton")
    wait_until_idle(person, "the end of what was cancelled")
    assert person.read("stageLabel").startswith("Cancelled") and made() == before
    person.click("synthesizeButton")
    wait_until_idle(person, "the synthesis")
    assert person.read("messageLabel") == "" and len(made()) == len(before) + 1
    person.wait(lambda: marked(person, "Yellow"), "the mark", 5)
    return made()[-1]


def compare(person: Person) -> dict[str, str]:
    """Score the result against the reference that the panel suggests."""
    person.unfold("compareSection")
    person.click("compareButton")
    person.wait(person.find("metricsTable").isVisible, "the metrics")
    assert "Preset " in person.read("metricsLabel") and "voxels" in person.read("metricsLabel")
    return {name: value for name, value, *_ in table(person, "metricsTable")}


def export(person: Person, folder: Path, node: Any) -> None:
    """Write the result as DICOM, and read it again."""
    folder.mkdir(exist_ok=True)
    there = set(folder.iterdir())
    person.unfold("exportSection")
    person.type("exportFolder", str(folder))
    person.click("exportButton")
    person.wait(lambda: "marked as synthetic" in person.read("exportLabel"), "the files")
    (series,) = set(folder.iterdir()) - there
    image = SynthCore.read(series)
    voxels, affine = grid_of(node)
    assert verify_folder(series).ok
    written = on_grid(image.voxels, image.affine, voxels.shape, affine).astype(float)
    # arbitrary units are stored by a power of ten
    scale = 10 ** np.rint(np.log10(np.ptp(written) / np.ptp(voxels)))
    np.testing.assert_allclose(written / scale, voxels, atol=0.51 / scale)


def on_grid(voxels: Any, affine: Any, shape: Any, onto: Any) -> np.ndarray:
    """Voxels of one grid at the places of another: readers may turn axes round."""
    k, j, i = np.indices(shape).reshape(3, -1)
    x, y, z, _ = np.rint(np.linalg.inv(affine) @ onto @ [i, j, k, np.ones_like(i)]).astype(int)
    return np.asarray(voxels[z, y, x]).reshape(shape)


def noise_of(voxels: Any) -> float:
    """What remains of soft tissue once neighbors are taken off, median over the volume."""
    middle = voxels[:, 1:-1, 1:-1].astype(float)
    around = voxels[:, :-2, 1:-1] / 2 + voxels[:, 2:, 1:-1] / 2
    return float(np.median(np.abs(middle - around)[(middle > 0) & (middle < 100)]))


def empty(person: Person) -> None:
    """Close the scene, as Slicer's menu would; this window has no button for it."""
    slicer.mrmlScene.Clear(0)
    person.wait(lambda: not person.read("resultSelector").startswith("SYN"), "an empty panel")


def open_file(person: Person, path: Path) -> None:
    """Open a file by the button."""
    count = len(volumes(slicer.mrmlScene)) + slicer.mrmlScene.GetNumberOfNodesByClass(
        "vtkMRMLSegmentationNode"
    )
    person.answer_file_dialog(path)
    person.tool("Open file")

    def opened() -> bool:
        scene = slicer.mrmlScene
        segmentations = scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
        return bool(len(volumes(scene)) + segmentations > count)

    person.wait(opened, path.name)
