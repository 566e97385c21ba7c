"""Every name of Slicer that the module uses exists, and the stand-in offers none besides.

A name that Slicer does not have is a defect that running outside Slicer cannot find.
"""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("PyQt5", reason="the window's packages are not installed")
pytest.importorskip("slicer", reason="Slicer's core is not installed")

from Testing.slicer.known_names import Names, known_names
from Testing.slicer.names_in_ui import classes_in, complaints_in
from Testing.slicer.names_used import complaints_of, own_names

ROOT = Path(__file__).resolve().parents[2] / "SlicerSynth"
UI = sorted((ROOT / "Resources" / "UI").glob("*.ui"))
FILES = sorted([*ROOT.glob("*.py"), *(ROOT / "SlicerSynthLib").rglob("*.py")])
SOURCES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in FILES}
OWN = own_names(SOURCES)
WIDGETS = {name: kind for path in UI for name, kind in classes_in(path.read_text("utf-8")).items()}


@pytest.fixture(scope="module")
def names() -> Names:
    return known_names()


def test_there_is_something_to_read() -> None:
    assert FILES
    assert WIDGETS


@pytest.mark.parametrize("file", SOURCES)
def test_every_name_in_the_module_is_one_of_slicer(file: str, names: Names) -> None:
    assert complaints_of(SOURCES[file], names, WIDGETS, OWN) == []


@pytest.mark.parametrize("path", UI, ids=lambda path: path.name)
def test_every_name_in_the_ui_file_is_one_of_slicer(path: Path, names: Names) -> None:
    assert complaints_in(path.read_text(encoding="utf-8"), names) == []


SOUND = """
import qt, slicer, vtk
from slicer import vtkMRMLScalarVolumeNode
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import parameterNodeWrapper
def f(self, node, scene, path):
    timer = qt.QTimer()
    timer.timeout.connect(f)
    timer.setInterval(20)
    logic = slicer.app.layoutManager().sliceWidget("Red").sliceLogic()
    logic.GetSliceCompositeNode()
    self._ui.choice.setCurrentText(_("CT"))
    self._ui.choice.property("currentText")
    self._ui.nodes.currentNodeChanged.connect(f)
    self._ui.nodes.setProperty("nodeTypes", ["vtkMRMLScalarVolumeNode"])
    node.GetImageData().GetPointData()
    scene.AddNewNodeByClass("vtkMRMLScriptedModuleNode").SetParameter("a", "b")
    slicer.app.connect("startupCompleted()", f)
    return slicer.app.temporaryPath, slicer.util.loadUI(path), slicer.app.layoutManager().layout
"""

MADE_UP = {
    "slicer.vtkMRMLImaginaryNode": "slicer has no vtkMRMLImaginaryNode",
    "slicer.imaginary": "slicer has no imaginary",
    "slicer.util.imaginary()": "slicer.util has no imaginary",
    "slicer.modules.imaginary": "slicer.modules has no imaginary",
    "slicer.app.imaginary()": "qSlicerApplication has no imaginary",
    "slicer.app.connect('imaginary()', f)": "qSlicerApplication has no signal imaginary",
    "slicer.app._core": "qSlicerApplication has no _core",
    "slicer.app.layoutManager().imaginary()": "qSlicerLayoutManager has no imaginary",
    "slicer.app.layoutManager().sliceWidget('Red').imaginary()": "qMRMLSliceWidget has no",
    "slicer.dicomDatabase.imaginary('1.2')": "ctkDICOMDatabase has no imaginary",
    "slicer.mrmlScene.GetImaginary()": "vtkMRMLScene has no GetImaginary",
    "slicer.util.mainWindow().say('error', 'x')": "qSlicerMainWindow has no say",
    "qt.QImaginary()": "qt has no QImaginary",
    "qt.pyqtSignal()": "qt has no pyqtSignal",
    "ctk.ctkImaginary()": "ctk has no ctkImaginary",
    "vtk.vtkImaginary()": "vtk has no vtkImaginary",
    "qt.QLabel('x').imaginary()": "QLabel has no imaginary",
    "qt.QLabel('x').text()": "read the property of QLabel",
    "self._ui.choice.currentIndex": "read the property of QComboBox",
    "self._ui.choice.property('imaginary')": "QComboBox has no property imaginary",
    "self._ui.missing.hide()": "the .ui file has no missing",
    "self._ui.nodes.setNodeTypes([])": "qMRMLNodeComboBox has no setNodeTypes",
    "self._ui.nodes.currentNodeID": "read the property of qMRMLNodeComboBox",
    "node.GetImaginaryThing()": "no class of MRML or VTK has GetImaginaryThing",
    "node.imaginaryThing()": "no class of Qt, CTK or Slicer has imaginaryThing",
    "node.IsA('vtkMRMLImaginaryNode')": "there is no class vtkMRMLImaginaryNode",
    "vtkMRMLScalarVolumeNode().GetImaginary()": "vtkMRMLScalarVolumeNode has no GetImaginary",
}
EXAMPLE_UI = {"choice": "QComboBox", "nodes": "qMRMLNodeComboBox"}


def test_sound_code_raises_no_complaint(names: Names) -> None:
    assert complaints_of(SOUND, names, EXAMPLE_UI) == []


@pytest.mark.parametrize("made_up", MADE_UP)
def test_a_made_up_name_is_found(made_up: str, names: Names) -> None:
    code = f"import ctk, qt, slicer, vtk\nfrom slicer import vtkMRMLScalarVolumeNode\n{made_up}"
    found = complaints_of(code, names, EXAMPLE_UI)
    assert any(MADE_UP[made_up] in one for one in found), found


@pytest.mark.parametrize(
    "line",
    [
        "from slicer import imaginary",
        "from slicer.util import imaginary",
        "from slicer.packaging import imaginary",
        "from slicer.parameterNodeWrapper import Imaginary",
        "from slicer.ScriptedLoadableModule import Imaginary",
        "from DICOMLib import Imaginary",
        "import slicer.imaginary",
    ],
)
def test_a_made_up_import_is_found(line: str, names: Names) -> None:
    assert complaints_of(line, names, {})


def test_made_up_names_in_a_ui_file_are_found(names: Names) -> None:
    ui = """<ui version="4.0"><widget class="qMRMLWidget" name="top">
      <property name="imaginary"><bool>true</bool></property>
      <widget class="qMRMLImaginary" name="one"/>
      <widget class="QLabel" name="two"><property name="text"><string/></property></widget>
    </widget><connections><connection><sender>top</sender><signal>imagined(int)</signal>
      <receiver>two</receiver><slot>imagine(int)</slot></connection></connections></ui>"""
    assert complaints_in(ui, names) == [
        "top: qMRMLWidget has no property imaginary",
        "one: there is no class qMRMLImaginary",
        "top: qMRMLWidget has no signal imagined",
        "two: QLabel has no slot imagine",
    ]
