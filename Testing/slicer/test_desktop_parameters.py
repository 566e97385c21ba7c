"""Typed parameters in a real parameter node: kept by a saved scene, equal to their widgets."""

import enum
import typing
from pathlib import Path
from typing import Annotated, Any

import pytest

pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

import slicer
from PyQt5.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QSlider, QVBoxLayout, QWidget
from slicer import vtkMRMLScalarVolumeNode

from Testing.slicer.window_fixtures import *  # noqa: F403 (fixtures are found by their names)


class Color(enum.Enum):
    """Something to choose from."""

    RED = 1
    GREEN = 2


@pytest.fixture
def wrapper(the_window: Any) -> Any:
    """A class of parameters of every type that is known."""
    from slicer.parameterNodeWrapper import Choice, Default, WithinRange, parameterNodeWrapper

    @parameterNodeWrapper
    class Parameters:
        task: str = "mr-to-ct"
        steps: int
        fade: Annotated[float, WithinRange(0, 100), Default(50.0)]
        on: bool = True
        color: Color
        folder: Path
        kind: Annotated[str, Choice(["soft", "bone"])] = "soft"
        volume: vtkMRMLScalarVolumeNode
        other: typing.Optional[vtkMRMLScalarVolumeNode]  # noqa: UP045 (as Slicer wants it)
        number: typing.Optional[int] = None  # noqa: UP045

    return Parameters


@pytest.fixture
def parameters(wrapper: Any) -> Any:
    return wrapper(logic().getParameterNode())


def logic() -> Any:
    from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

    class ExampleLogic(ScriptedLoadableModuleLogic):
        pass

    return ExampleLogic()


def test_defaults_are_there_at_once(parameters: Any) -> None:
    assert parameters.task == "mr-to-ct"
    assert parameters.steps == 0
    assert parameters.fade == 50.0
    assert parameters.on is True
    assert parameters.color is Color.RED
    assert parameters.volume is None
    assert parameters.other is None
    assert parameters.number is None
    assert parameters.parameterNode.GetParameter("task") == "mr-to-ct"


def test_there_is_one_parameter_node_for_a_module(parameters: Any, wrapper: Any) -> None:
    parameters.task = "inpaint"
    again = logic().getParameterNode()
    assert again is parameters.parameterNode
    assert wrapper(again).task == "inpaint"
    assert again.GetAttribute("ModuleName") == "Example"
    assert logic().getAllParameterNodes() == [again]


def test_values_are_written_as_slicer_writes_them(parameters: Any) -> None:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    parameters.volume = node
    parameters.other = node
    parameters.on = False
    parameters.number = 7
    parameters.color = Color.GREEN
    kept = parameters.parameterNode
    assert kept.GetNodeReferenceID("volume") == node.GetID()
    assert kept.GetNodeReferenceID("other_0") == node.GetID()
    assert kept.GetParameter("on") == "False"
    assert kept.GetParameter("number_0") == "7"
    assert kept.GetParameter("color") == "GREEN"
    parameters.other = None
    assert kept.GetParameter("other_1") == "True"
    assert not kept.HasParameter("other_0")


def test_values_that_do_not_fit_are_refused(parameters: Any) -> None:
    with pytest.raises(TypeError):
        parameters.steps = "many"
    with pytest.raises(ValueError, match="outside"):
        parameters.fade = 101.0
    with pytest.raises(ValueError, match="not one of"):
        parameters.kind = "fat"
    with pytest.raises(TypeError):
        parameters.task = None
    assert parameters.steps == 0


@pytest.mark.parametrize("hint", [bytes, int | None, complex])
def test_types_that_slicer_cannot_keep_are_refused(the_window: Any, hint: Any) -> None:
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    made = type("Made", (), {"__annotations__": {"one": hint}})
    with pytest.raises(TypeError, match="cannot keep"):
        parameterNodeWrapper(made)


def test_a_saved_scene_brings_them_back(parameters: Any, wrapper: Any, tmp_path: Path) -> None:
    import numpy as np

    node = slicer.util.addVolumeFromArray(np.zeros((2, 3, 4), np.int16), name="CT")
    slicer.util.saveNode(node, str(tmp_path / "CT.nrrd"))
    parameters.volume = node
    parameters.task = "ct-denoise"
    parameters.fade = 12.5
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    assert logic().getAllParameterNodes() == []
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    again = wrapper(logic().getParameterNode())
    assert again.task == "ct-denoise"
    assert again.fade == 12.5
    assert again.volume.GetName() == "CT"


def test_a_removed_node_is_none(parameters: Any) -> None:
    parameters.volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    slicer.mrmlScene.RemoveNode(parameters.volume)
    assert parameters.volume is None


def a_panel() -> QWidget:
    """One widget for each kind of parameter."""
    panel = QWidget()
    column = QVBoxLayout(panel)
    widgets = {
        "task": QLineEdit(),
        "on": QCheckBox(),
        "kind": QComboBox(),
        "color": QComboBox(),
        "volume": slicer.qMRMLNodeComboBox(),
    }
    for name, widget in widgets.items():
        widget.setObjectName(name)
        widget.setProperty("SlicerParameterName", name)
        column.addWidget(widget)
    widgets["volume"].setProperty("nodeTypes", ["vtkMRMLScalarVolumeNode"])
    widgets["volume"].setProperty("noneEnabled", True)
    widgets["volume"].setMRMLScene(slicer.mrmlScene)
    return panel


def test_widgets_and_parameters_follow_each_other(parameters: Any) -> None:
    panel = a_panel()
    ui = slicer.util.childWidgetVariables(panel)
    tag = parameters.connectGui(ui)
    assert ui.task.text() == "mr-to-ct"
    assert ui.on.isChecked()
    ui.on.click()
    ui.task.setText("inpaint")
    ui.kind.setCurrentIndex(1)
    assert (parameters.on, parameters.task, parameters.kind) == (False, "inpaint", "bone")
    parameters.color = Color.GREEN
    assert ui.color.currentText() == "GREEN"
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    parameters.volume = node
    assert ui.volume.currentNode() is node
    parameters.disconnectGui(tag)
    ui.task.setText("other")
    parameters.on = True
    assert parameters.task == "inpaint"
    assert not ui.on.isChecked()


def test_pairs_that_slicer_does_not_know_are_refused(parameters: Any) -> None:
    with pytest.raises(RuntimeError, match="cannot show"):
        parameters.connectParametersToGui({"task": QCheckBox()})
    with pytest.raises(RuntimeError, match="Choice"):
        parameters.connectParametersToGui({"task": QComboBox()})
    with pytest.raises(RuntimeError, match="WithinRange"):
        parameters.connectParametersToGui({"steps": QSlider()})
    with pytest.raises(RuntimeError, match="cannot show"):
        parameters.connectParametersToGui({"volume": QLabel()})
