"""Nobody chose a model: the one that fits the image runs, and the panel names it once it is known.

On a real head and a real limb the first model of the list is the one for limbs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.slicer.logic_fixtures import a_t1
from Testing.slicer.panel_fixtures import Clicked

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")
pytest.importorskip("PyQt5", reason="PyQt5 is missing")

UNKNOWN = "Automatic (the best that fits)"


def models_listed(panel: Clicked) -> None:
    panel.until(lambda: panel.ui.modelCombo.count() > 1)


def opened(panel: Clicked, path: Path) -> Any:
    """The one volume of the scene, in the red view."""
    from SlicerSynthLib.nodes import node_from_image
    from SynthCore.files.read import read

    slicer.mrmlScene.Clear(0)
    node = node_from_image(slicer.mrmlScene, read(path, modality="T1"), "T1 axial")
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    panel.spin(0.1)
    models_listed(panel)
    return node


def test_the_first_click_is_no_refusal(a_panel: Clicked) -> None:
    """No learned model takes this one: the baseline does, and it is said which and why."""
    from SlicerSynthLib.attributes import made_by

    source = a_t1(slicer.mrmlScene, "T1 axial")
    models_listed(a_panel)
    box = a_panel.ui.modelCombo
    assert box.currentText() == UNKNOWN and a_panel.parameters.model == ""
    assert a_panel.panel.run.order.model is None
    assert box.toolTip().startswith("The first of these that does not refuse the image: mr-to-ct-")
    assert a_panel.ui.estimateLabel.text() == "Time: depends on the model that fits."
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert a_panel.said == ""
    assert made_by(a_panel.parameters.result).startswith("mr-to-ct-bulk-density ")
    line = a_panel.ui.checksLabel.text()
    by = f"By {made_by(a_panel.parameters.result)}, after mr-to-ct-extremity and mr-to-ct-head"
    assert line == (
        f"{by} had refused. mr-to-ct-bulk-density is a classical baseline, not a learned model."
    )
    assert "mr-to-ct-extremity was not used: " in a_panel.ui.checksText.toPlainText()
    assert box.currentText() == "Automatic: mr-to-ct-bulk-density"
    assert "a classical baseline" in box.toolTip()
    assert a_panel.parameters.model == "", "it is still the engine that chooses"
    assert "from 1 run on this machine" in a_panel.ui.estimateLabel.text()

    slicer.util.updateVolumeFromArray(source, slicer.util.arrayFromVolume(source) * 2)
    a_panel.panel.refresh()
    assert box.currentText() == UNKNOWN, "another image: it has not been looked at"


def test_a_model_that_was_chosen_is_kept(a_panel: Clicked) -> None:
    a_t1(slicer.mrmlScene, "T1 axial")
    a_panel.use("mr-to-ct-extremity")
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert "Choose Automatic as the model" in a_panel.said
    a_panel.use("")
    assert a_panel.ui.modelCombo.currentText() == UNKNOWN
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert a_panel.said == "" and a_panel.parameters.result is not None


def test_where_every_model_refuses_it_is_not_told_to_choose_automatic(a_panel: Clicked) -> None:
    from SlicerSynthLib.nodes import node_from_image
    from SynthCore.image import Image, make_affine

    flat = Image(np.full((5, 40, 40), 7, "i2"), make_affine((4.0, 4.0, 5.0)))
    node_from_image(slicer.mrmlScene, flat, "T1 axial")
    models_listed(a_panel)
    a_panel.click("synthesizeButton")
    a_panel.idle()
    assert a_panel.said.endswith("Nothing was made."), a_panel.said
    assert a_panel.ui.modelCombo.currentText() == UNKNOWN


def test_a_saved_scene_remembers_what_fitted(a_panel: Clicked, tmp_path: Path) -> None:
    from Testing.slicer.mrml_fixtures import save_voxels, volumes

    a_t1(slicer.mrmlScene, "T1 axial")
    models_listed(a_panel)
    a_panel.click("synthesizeButton")
    a_panel.idle()
    before = a_panel.ui.modelCombo.currentText()
    assert before.startswith("Automatic: ")
    for node in volumes(slicer.mrmlScene):
        save_voxels(slicer.mrmlScene, node, tmp_path)
    assert slicer.util.saveScene(str(tmp_path / "a scene.mrb"))
    slicer.mrmlScene.Clear(0)
    a_panel.spin(0.1)
    assert not a_panel.ui.modelCombo.currentText().startswith("Automatic: ")
    slicer.util.loadScene(str(tmp_path / "a scene.mrb"))
    a_panel.spin(0.1)
    a_panel.until(lambda: a_panel.ui.modelCombo.currentText() == before)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("mr_multicontrast/open_ms_long_patient01_study1/T1W.nii.gz", "mr-to-ct-head"),
        ("mr_ct_pairs/STS_010/MR_T1_image.nii.gz", "mr-to-ct-extremity"),
    ],
)
def test_a_real_image_gets_the_model_made_for_it(
    a_panel: Clicked, real_data: Path, path: str, model: str
) -> None:
    from SlicerSynthLib.attributes import made_by
    from SlicerSynthLib.results import preview_node

    opened(a_panel, real_data / path)
    assert a_panel.ui.modelCombo.currentText() == UNKNOWN
    a_panel.click("previewButton")
    a_panel.idle()
    assert a_panel.said == ""
    assert made_by(preview_node(slicer.mrmlScene)).startswith(f"{model} ")
    assert a_panel.ui.modelCombo.currentText() == f"Automatic: {model}"
    assert a_panel.ui.uncertaintyCheck.isEnabled() == (model == "mr-to-ct-extremity")
    a_panel.click("cardButton")
    assert model in a_panel.ui.cardText.toPlainText()
