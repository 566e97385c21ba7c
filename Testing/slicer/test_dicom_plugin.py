"""Slicer's own export dialog: synthetic volumes leave by it marked, or not at all."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from Testing.slicer.logic_fixtures import Driven, a_t1
from Testing.slicer.mrml_fixtures import Files, load_series
from Testing.slicer.test_export import a_result, a_t1_series, made_of

slicer = pytest.importorskip("slicer", reason="Slicer's MRML core (slicer-core) is missing")

__all__ = ["a_result"]


class Exportable:
    """What Slicer's qSlicerDICOMExportable holds; the real one needs Slicer's windows."""

    def __init__(self) -> None:
        self.name = self.tooltip = self.pluginClass = self.directory = ""
        self.subjectHierarchyItemID, self.confidence = 0, 0.5
        self.tags: dict[str, str] = {}

    def setTag(self, name: str, value: str) -> None:  # noqa: N802 (Slicer's name)
        self.tags[name] = value

    def tag(self, name: str) -> str:
        return self.tags.get(name, "")


class ScalarPlugin:
    """Offers every volume, as Slicer's plugin of that name does."""

    def examineForExport(self, subjectHierarchyItemID: int) -> list[int]:  # noqa: N802, N803
        return [subjectHierarchyItemID]


@pytest.fixture
def a_plugin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The plugin beside what Slicer's DICOM module gives it."""
    library = ModuleType("DICOMLib")
    library.DICOMPlugin = type("DICOMPlugin", (), {"loadType": ""})  # type: ignore[attr-defined]
    words = ModuleType("slicer.i18n")
    words.tr = str  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "DICOMLib", library)
    monkeypatch.setitem(sys.modules, "slicer.i18n", words)
    monkeypatch.setattr(slicer, "qSlicerDICOMExportable", Exportable, raising=False)
    for name in ("SlicerSynthDICOM", "SlicerSynthLib.dicom_plugin"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    modules = type("Modules", (), {})()
    monkeypatch.setattr(slicer, "modules", modules, raising=False)
    started: list[Any] = []
    connect = staticmethod(lambda _signal, slot: started.append(slot))
    monkeypatch.setattr(slicer, "app", type("App", (), {"connect": connect}), raising=False)
    import SlicerSynthDICOM

    parent = type("Parent", (), {})()
    SlicerSynthDICOM.SlicerSynthDICOM(parent)
    assert parent.hidden is True
    modules.dicomPlugins["DICOMScalarVolumePlugin"] = type(
        "Plugin", (ScalarPlugin,), {"examineForExport": ScalarPlugin.examineForExport}
    )
    for slot in started * 2:
        slot()
    yield modules.dicomPlugins["SlicerSynthDICOM"]()
    for name in ("SlicerSynthDICOM", "SlicerSynthLib.dicom_plugin"):
        sys.modules.pop(name, None)


def item_of(node: Any) -> int:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    found = hierarchy.GetItemByDataNode(node)
    return int(found or hierarchy.CreateItem(hierarchy.GetSceneItemID(), node))


def test_slicers_own_dialog_marks_synthetic_volumes(
    a_result: Any, a_plugin: Any, tmp_path: Path
) -> None:
    import pydicom

    (offered,) = a_plugin.examineForExport(item_of(a_result))
    assert offered.confidence > 0.5, "the plugin for scalar volumes must come second"
    assert offered.pluginClass == "SlicerSynthDICOM"
    offered.directory = str(tmp_path)
    assert a_plugin.export([offered]) == ""
    files = [pydicom.dcmread(path) for path in tmp_path.rglob("*.dcm")]
    assert len(files) == 5 and {file.SyntheticData for file in files} == {"YES"}
    assert "changed" not in a_plugin.export([offered]), "a second export is refused, not written"
    assert len(list(tmp_path.rglob("*.dcm"))) == 5


def test_slicers_own_dialog_keeps_its_way_with_the_rest(a_logic: Driven, a_plugin: Any) -> None:
    assert a_plugin.examineForExport(item_of(a_t1(a_logic.scene))) == []
    model = a_logic.scene.AddNewNodeByClass("vtkMRMLModelNode")
    assert a_plugin.examineForExport(item_of(model)) == []
    assert a_plugin.examineForImport([["a file"]]) == []


def test_slicers_own_dialog_writes_no_synthetic_volume_as_an_original(
    a_logic: Driven, a_plugin: Any, tmp_path: Path
) -> None:
    """A phantom has no record: the way that is offered first refuses it in one sentence."""
    from SlicerSynthLib.attributes import SYNTHETIC_DATA

    phantom = a_t1(a_logic.scene)
    phantom.SetAttribute(SYNTHETIC_DATA, "YES")
    (offered,) = a_plugin.examineForExport(item_of(phantom))
    assert offered.confidence > 0.5
    offered.directory = str(tmp_path)
    assert "has no record of how it was made" in a_plugin.export([offered])
    assert list(tmp_path.iterdir()) == []


def test_of_a_whole_study_the_plugin_for_scalar_volumes_writes_the_rest_alone(
    a_logic: Driven, a_plugin: Any
) -> None:
    source = a_t1(a_logic.scene)
    scalar = slicer.modules.dicomPlugins["DICOMScalarVolumePlugin"]()
    assert scalar.examineForExport(item_of(source)) == [item_of(source)]
    assert scalar.examineForExport(item_of(made_of(a_logic, source))) == []


@pytest.mark.parametrize(
    ("typed", "refused"),
    [
        ({}, ""),
        ({"PatientName": "Phantom^Digital", "PatientID": "THE SAME"}, ""),
        ({"PatientName": "Anonymous", "PatientID": "THE SAME"}, "PatientName in the dialog"),
        ({"PatientName": "", "PatientID": "1"}, "PatientName, PatientID in the dialog"),
    ],
)
def test_another_patient_typed_into_the_dialog_is_refused(
    a_logic: Driven,
    a_slicer_app: Any,
    a_plugin: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: dict[str, str],
    refused: str,
) -> None:
    import pydicom

    study = a_t1_series(tmp_path / "study")
    patient = str(pydicom.dcmread(next(study.iterdir())).PatientID)
    monkeypatch.setattr(slicer, "dicomDatabase", Files(study))
    node = made_of(a_logic, load_series(a_slicer_app, study))
    (offered,) = a_plugin.examineForExport(item_of(node))
    for name, value in typed.items():
        offered.setTag(name, patient if value == "THE SAME" else value)
    offered.directory = str(tmp_path / "out")
    answer = a_plugin.export([offered])
    assert answer.startswith(refused) and bool(answer) == bool(refused)
    written = list((tmp_path / "out").rglob("*.dcm"))
    assert len(written) == (0 if refused else 5)
    for path in written:
        assert pydicom.dcmread(path).PatientID == patient
