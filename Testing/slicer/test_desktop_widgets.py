"""The stand-in widgets: they follow a real MRML scene, and a .ui file makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("PyQt5", reason="PyQt5 is missing")
pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

import slicer
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QComboBox, QLabel, QVBoxLayout

from Testing.slicer.window_fixtures import *  # noqa: F403 (fixtures are found by their names)
from Testing.slicer.window_fixtures import settle

UI = """<ui version="4.0"><class>Top</class>
<widget class="qMRMLWidget" name="Top"><layout class="QVBoxLayout" name="column">
 <item><widget class="ctkCollapsibleButton" name="section">
  <property name="text"><string>Inputs</string></property>
  <property name="collapsed"><bool>true</bool></property>
  <layout class="QFormLayout" name="form">
   <item row="0" column="1"><widget class="qMRMLNodeComboBox" name="volume">
     <property name="nodeTypes"><stringlist notr="true">
       <string>vtkMRMLScalarVolumeNode</string></stringlist></property>
     <property name="noneEnabled"><bool>true</bool></property>
     <property name="SlicerParameterName" stdset="0"><string>input</string></property>
   </widget></item>
   <item row="1" column="1"><widget class="ctkPathLineEdit" name="path">
     <property name="filters"><set>ctkPathLineEdit::Dirs|ctkPathLineEdit::Writable</set></property>
   </widget></item>
   <item row="2" column="1"><widget class="ctkSliderWidget" name="slider">
     <property name="maximum"><double>1.0</double></property>
     <property name="singleStep"><double>0.01</double></property>
   </widget></item>
  </layout></widget></item></layout></widget>
<customwidgets>
 <customwidget><class>qMRMLWidget</class><extends>QWidget</extends>
  <header>qMRMLWidget.h</header><container>1</container></customwidget>
 <customwidget><class>qMRMLNodeComboBox</class><extends>QWidget</extends>
  <header>qMRMLNodeComboBox.h</header></customwidget>
 <customwidget><class>ctkCollapsibleButton</class><extends>QWidget</extends>
  <header>ctkCollapsibleButton.h</header><container>1</container></customwidget>
 <customwidget><class>ctkPathLineEdit</class><extends>QWidget</extends>
  <header>ctkPathLineEdit.h</header></customwidget>
 <customwidget><class>ctkSliderWidget</class><extends>QWidget</extends>
  <header>ctkSliderWidget.h</header></customwidget>
</customwidgets>
<connections><connection><sender>Top</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
 <receiver>volume</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot></connection></connections>
</ui>"""


def add_volume(name: str, kind: str = "vtkMRMLScalarVolumeNode") -> Any:
    return slicer.mrmlScene.AddNewNodeByClass(kind, name)


def names_in(selector: Any) -> list[str]:
    combo = selector.findChild(QComboBox)
    return [combo.itemText(row) for row in range(combo.count())]


@pytest.fixture
def a_selector(the_window: Any) -> Any:
    selector = slicer.qMRMLNodeComboBox()
    selector.setProperty("nodeTypes", ["vtkMRMLScalarVolumeNode"])
    selector.setProperty("noneEnabled", True)
    selector.setMRMLScene(slicer.mrmlScene)
    return selector


def test_a_selector_follows_the_scene(a_selector: Any) -> None:
    first, second = add_volume("first"), add_volume("second")
    assert names_in(a_selector) == ["None", "first", "second"]
    assert a_selector.currentNode() is None
    a_selector.setCurrentNode(second)
    first.SetName("renamed")
    assert names_in(a_selector) == ["None", "renamed", "second"]
    assert a_selector.currentNode() is second
    assert a_selector.property("currentNodeID") == second.GetID()
    slicer.mrmlScene.RemoveNode(second)
    assert a_selector.currentNode() is None
    slicer.mrmlScene.Clear(0)
    assert names_in(a_selector) == ["None"]


def test_a_selector_tells_of_each_change_once(a_selector: Any) -> None:
    heard: list[Any] = []
    a_selector.currentNodeChanged.connect(heard.append)
    node = add_volume("one")
    add_volume("two")
    a_selector.setCurrentNode(node)
    a_selector.setCurrentNode(node)
    slicer.mrmlScene.RemoveNode(node)
    assert heard == [node, None]


def test_a_selector_without_none_takes_the_first_node(the_window: Any) -> None:
    selector = slicer.qMRMLNodeComboBox()
    selector.setProperty("nodeTypes", ["vtkMRMLScalarVolumeNode"])
    selector.setMRMLScene(slicer.mrmlScene)
    node = add_volume("only")
    assert selector.currentNode() is node


def test_a_selector_shows_only_the_wanted_nodes(a_selector: Any) -> None:
    add_volume("labels", "vtkMRMLLabelMapVolumeNode")
    hidden = add_volume("hidden")
    hidden.SetHideFromEditors(True)
    plain = add_volume("plain")
    assert names_in(a_selector) == ["None", "labels", "plain"]
    a_selector.setProperty("showChildNodeTypes", False)
    assert names_in(a_selector) == ["None", "plain"]
    a_selector.addAttribute("vtkMRMLScalarVolumeNode", "Kind", "CT")
    assert names_in(a_selector) == ["None"]
    plain.SetAttribute("Kind", "CT")
    assert names_in(a_selector) == ["None", "plain"]


def test_a_selector_waits_for_a_batch_to_end(a_selector: Any) -> None:
    slicer.mrmlScene.StartState(slicer.vtkMRMLScene.BatchProcessState)
    add_volume("many")
    assert names_in(a_selector) == ["None"]
    slicer.mrmlScene.EndState(slicer.vtkMRMLScene.BatchProcessState)
    assert names_in(a_selector) == ["None", "many"]


def test_a_selector_that_is_gone_leaves_the_scene_alone(a_selector: Any) -> None:
    from PyQt5 import sip

    sip.delete(a_selector)
    add_volume("later")
    slicer.mrmlScene.Clear(0)


def test_a_choice_by_keyboard_is_told_as_the_persons(a_selector: Any) -> None:
    told: list[Any] = []
    a_selector.nodeActivated.connect(told.append)
    node = add_volume("one")
    a_selector.setCurrentNode(node)
    a_selector.setCurrentNode(None)
    assert told == []
    QTest.keyClick(a_selector.findChild(QComboBox), Qt.Key_Down)
    assert told == [node]


def test_a_section_folds_by_a_click_on_its_header(the_window: Any) -> None:
    import ctk

    section = ctk.ctkCollapsibleButton()
    section.setText("Inputs")
    column = QVBoxLayout(section)
    column.addWidget(QLabel("one\ntwo\nthree\nfour"))
    section.show()
    settle()
    tall = section.height()
    QTest.mouseClick(section, Qt.LeftButton, pos=QPoint(30, 8))
    settle()
    assert section.property("collapsed") is True
    assert section.maximumHeight() < tall / 2
    QTest.mouseClick(section, Qt.LeftButton, pos=QPoint(30, 8))
    assert section.property("collapsed") is False
    QTest.mouseClick(section, Qt.LeftButton, pos=QPoint(30, tall - 4))
    assert section.property("collapsed") is False


def test_a_slider_and_its_spin_box_say_the_same(the_window: Any) -> None:
    import ctk
    from PyQt5.QtWidgets import QDoubleSpinBox, QSlider

    slider = ctk.ctkSliderWidget()
    for name, value in (("minimum", -1.0), ("maximum", 1.0), ("singleStep", 0.1)):
        slider.setProperty(name, value)
    heard: list[float] = []
    slider.valueChanged.connect(heard.append)
    slider.setValue(0.5)
    assert slider.findChild(QSlider).value() == 15
    slider.findChild(QSlider).setValue(0)
    assert slider.property("value") == pytest.approx(-1.0)
    slider.findChild(QDoubleSpinBox).setValue(5.0)
    assert slider.property("value") == pytest.approx(1.0)
    assert heard == pytest.approx([0.5, -1.0, 1.0])


def test_a_path_is_kept_in_the_history(the_window: Any, tmp_path: Path) -> None:
    import ctk

    edit = ctk.ctkPathLineEdit()
    valid: list[bool] = []
    edit.validInputChanged.connect(valid.append)
    edit.setProperty("settingKey", f"Test/{tmp_path.name}")
    edit.setCurrentPath(str(tmp_path))
    edit.addCurrentPathToHistory()
    edit.setCurrentPath(str(tmp_path / "missing"))
    assert valid == [True, False]
    other = ctk.ctkPathLineEdit()
    other.setProperty("settingKey", f"Test/{tmp_path.name}")
    combo = other.comboBox()
    assert [combo.itemText(row) for row in range(combo.count())] == [str(tmp_path)]


def test_a_ui_file_makes_these_widgets(the_window: Any, tmp_path: Path) -> None:
    import ctk

    file = tmp_path / "panel.ui"
    file.write_text(UI, encoding="utf-8")
    widget = slicer.util.loadUI(str(file))
    widget.setMRMLScene(slicer.mrmlScene)
    ui = slicer.util.childWidgetVariables(widget)
    assert type(ui.volume) is slicer.qMRMLNodeComboBox
    assert ui.volume.mrmlScene() is slicer.mrmlScene
    assert ui.volume.property("noneEnabled") is True
    assert ui.volume.property("SlicerParameterName") == "input"
    assert ui.section.property("collapsed") is True
    assert ui.path.property("filters") == (ctk.ctkPathLineEdit.Dirs | ctk.ctkPathLineEdit.Writable)
    assert ui.slider.property("maximum") == pytest.approx(1.0)
    assert slicer.util.findChild(widget, "slider") is ui.slider
    with pytest.raises(RuntimeError, match="not found"):
        slicer.util.loadUI(str(tmp_path / "other.ui"))


def test_slicers_own_functions_work_on_this_application(the_window: Any, tmp_path: Path) -> None:
    voxels = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    node = slicer.util.addVolumeFromArray(voxels, name="made")
    file = tmp_path / "made.nrrd"
    assert slicer.util.saveNode(node, str(file))
    again = slicer.util.loadVolume(str(file), {"show": False})
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(again), voxels)
    with pytest.raises(RuntimeError, match="Failed to load"):
        slicer.util.loadVolume(str(tmp_path / "missing.nrrd"))
    assert slicer.util.settingsValue("Test/none", 3) == 3
    assert slicer.util.startupEnvironment()
    with slicer.util.tryWithErrorDisplay("It worked.", waitCursor=True):
        pass
