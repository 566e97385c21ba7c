"""What the panel shows, in the scene's parameter node: a scene that is saved brings it back.

Only what the person chose is kept: texts that are empty, and nodes that are None, are filled in
by the panel from what the scene holds and what the engine offers.
"""

from __future__ import annotations

from typing import Any

import slicer
from slicer import vtkMRMLMarkupsFiducialNode, vtkMRMLNode, vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import parameterNodeWrapper

from SynthCore.tasks import TASKS

MODULE = "SlicerSynth"
PANEL_ROLES: tuple[str, ...] = tuple(dict.fromkeys(r for t in TASKS.values() for r in t.inputs))
"""Every role that some task takes, each with a selector in the panel."""


@parameterNodeWrapper
class Parameters:
    """The parameter node, typed."""

    task: str = ""
    target: str = ""
    model: str = ""
    """Empty for the one that the engine chooses."""
    fitting: str = ""
    """What the engine chose, and for which look (`SlicerSynthLib.automatic`)."""
    device: str = "auto"
    uncertainty: bool = False
    chosen: str = ""
    """Roles whose volume the person chose, separated by spaces; the others follow the scene."""

    volumeT1: vtkMRMLScalarVolumeNode
    volumeT1c: vtkMRMLScalarVolumeNode
    volumeT2: vtkMRMLScalarVolumeNode
    volumeFLAIR: vtkMRMLScalarVolumeNode
    volumePD: vtkMRMLScalarVolumeNode
    volumeCT: vtkMRMLScalarVolumeNode
    volumeCBCT: vtkMRMLScalarVolumeNode
    mask: vtkMRMLNode
    segment: str = ""

    result: vtkMRMLScalarVolumeNode
    view: str = ""
    fade: float = 50.0

    reference: vtkMRMLScalarVolumeNode
    referenceRole: str = ""
    """Role of the results that it was chosen for."""
    preset: str = ""
    scoreMask: vtkMRMLNode
    scoreSegment: str = ""

    checkSynthetic: vtkMRMLScalarVolumeNode
    checkReference: vtkMRMLScalarVolumeNode
    checkMr: vtkMRMLScalarVolumeNode
    checkStructures: vtkMRMLNode
    checkTarget: str = ""
    doseReference: vtkMRMLScalarVolumeNode
    doseSynthetic: vtkMRMLScalarVolumeNode
    checkPlan: str = ""
    checkBeams: str = ""
    checkPrescription: str = ""
    checkCurve: str = ""
    checkCurveKind: str = "spr"
    checkThresholds: str = ""
    checkRegister: str = ""
    checkDose: str = ""

    lesionKind: str = ""
    lesionVolume: float = 0.0
    """In ml; 0 for what is usual for the kind."""
    lesionPlace: str = ""
    lesionPoint: vtkMRMLMarkupsFiducialNode
    lesionRegion: str = ""
    lesionSide: str = ""
    lesionOrgan: vtkMRMLNode
    lesionOrganSegment: str = ""
    lesionSeed: int = 0
    lesionBlend: bool = False
    lesionWithout: str = ""
    """Roles whose volume is left as it is, separated by spaces."""
    growthDates: int = 1
    growthInterval: int = 90
    growthDoubling: int = 180
    growthFirst: str = ""
    """YYYY-MM-DD; today where it is empty."""
    removeMargin: float = 2.0

    teachFirst: vtkMRMLScalarVolumeNode
    teachCompare: vtkMRMLScalarVolumeNode
    teachSecond: vtkMRMLScalarVolumeNode
    teachThird: vtkMRMLScalarVolumeNode
    teachTruth: vtkMRMLNode
    teachSegment: str = ""
    teachTitle: str = ""
    teachHistory: str = ""
    teachQuestion: str = ""
    teachChoices: str = ""
    teachAnswer: str = ""
    teachDiscussion: str = ""


def parameter_node() -> Any:
    """The module's parameter node in the scene, made if there is none."""
    scene = slicer.mrmlScene
    node = scene.GetSingletonNode(MODULE, "vtkMRMLScriptedModuleNode")
    if node is None:
        made = scene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        made.UnRegister(None)
        made.SetSingletonTag(MODULE)
        made.SetName(MODULE)
        node = scene.AddNode(made)
    node.SetAttribute("ModuleName", MODULE)  # closing a scene takes it off
    return node


def volume_of(parameters: Any, role: str) -> Any:
    """The volume that plays a role, None if none does."""
    return getattr(parameters, f"volume{role}")


def set_volume(parameters: Any, role: str, node: Any, by_person: bool) -> None:
    """Let a volume play a role; what a person chose is not replaced by a suggestion any more."""
    if by_person:
        parameters.chosen = " ".join(dict.fromkeys([*parameters.chosen.split(), role]))
    if volume_of(parameters, role) is not node:
        setattr(parameters, f"volume{role}", node)


def is_chosen(parameters: Any, role: str) -> bool:
    """Whether a person chose the volume of a role, be it none."""
    return role in parameters.chosen.split()


def forget_choice(parameters: Any, role: str) -> None:
    """Let the volume of a role follow the scene again."""
    parameters.chosen = " ".join(one for one in parameters.chosen.split() if one != role)
