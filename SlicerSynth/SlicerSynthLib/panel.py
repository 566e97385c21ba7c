"""The panel as a whole: its sections, and what goes from one to the other."""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import ExitStack
from typing import Any

import slicer

from SlicerSynthLib.application_marks import own_marks
from SlicerSynthLib.endings import MISSING
from SlicerSynthLib.engine_setup import ApplicationSettings, ModuleEngineSettings, make_client
from SlicerSynthLib.jobs import Job
from SlicerSynthLib.logic import SlicerSynthLogic
from SlicerSynthLib.panel_compare import CompareSection
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_engine import EngineSection, trouble_of
from SlicerSynthLib.panel_export import ExportSection
from SlicerSynthLib.panel_inputs import InputsSection
from SlicerSynthLib.panel_lesions import LesionsSection
from SlicerSynthLib.panel_messages import MessagesSection
from SlicerSynthLib.panel_models import ModelsSection
from SlicerSynthLib.panel_result import ResultSection
from SlicerSynthLib.panel_run import RunSection
from SlicerSynthLib.panel_teach import TeachSection
from SlicerSynthLib.panel_validate import ValidateSection
from SynthCore.protocol import Message

Scene = slicer.vtkMRMLScene
CHANGES = (Scene.NodeAddedEvent, Scene.NodeRemovedEvent, Scene.EndBatchProcessEvent)
OTHER_SCENE = (Scene.EndCloseEvent, Scene.EndImportEvent, Scene.EndRestoreEvent)


class Panel:
    """Lives as long as the module's widget; `tick` is called every 20 to 30 ms.

    Parameters
    ----------
    ui
        The widgets of `SlicerSynth.ui` by name.
    store : mapping, optional
        Keeps settings as texts; the application's by default.
    """

    def __init__(self, ui: Any, store: MutableMapping[str, str] | None = None) -> None:
        store = ApplicationSettings() if store is None else store
        settings = ModuleEngineSettings(store)
        self.logic = SlicerSynthLogic(make_client(settings))
        self.context = PanelContext(ui, self.logic, settings, store, MessagesSection(ui))
        self.inputs = InputsSection(self.context)
        self.models = ModelsSection(self.context, self.inputs)
        self.run = RunSection(self.context, self.inputs, self.models)
        self.result = ResultSection(self.context)
        self.compare = CompareSection(self.context)
        self.validate = ValidateSection(self.context)
        self.lesions = LesionsSection(self.context)
        self.teach = TeachSection(self.context)
        self.export = ExportSection(self.context)
        self.engine = EngineSection(self.context, self.restart_engine, self.ask_engine)
        self.marks = own_marks()
        self.context.changed.connect(self.refresh)
        self.run.made.connect(self._made)
        self.result.chosen.connect(self._result_changed)
        self._scene_changed, self._other_scene = True, False
        scene = self.context.scene
        self._observers = [scene.AddObserver(event, self._on_change) for event in CHANGES]
        self._observers += [scene.AddObserver(event, self._on_other_scene) for event in OTHER_SCENE]

    def enter(self) -> None:
        """The person opened the panel: the scene may have changed, the engine should be warm."""
        self._scene_changed = True
        self.ask_engine()

    def ask_engine(self) -> None:
        """Start the engine, if it does not run, and show who it is."""
        self.logic.hello(self._on_hello)

    def restart_engine(self) -> None:
        """Take the engine that is set now."""
        self.logic.restart()
        self.models.forget_engine()
        self.run.forget_tiles()
        self.ask_engine()

    def refresh(self) -> None:
        """Show what the parameters say."""
        self.inputs.refresh()
        self.models.refresh()
        self.run.refresh()
        self.result.refresh()
        self.compare.refresh()
        self.validate.refresh()
        self.lesions.refresh()
        self.teach.refresh()
        self.export.refresh()

    def tick(self) -> None:
        """Take what the engine sent, and follow the scene; cheap when nothing happened."""
        self.logic.poll()
        if self._scene_changed and not self.context.scene.IsBatchProcessing():
            self._follow_scene()
        for section in (
            self.inputs, self.result, self.compare, self.validate, self.lesions, self.teach,
            self.export, self.engine,
        ):  # fmt: skip
            section.tick()

    def close(self) -> None:
        """Let go of the scene and the engine."""
        for tag in self._observers:
            self.context.scene.RemoveObserver(tag)
        with ExitStack() as last:  # each of them, whatever another runs into
            last.callback(self.logic.close)
            if self.marks is not None:
                last.callback(self.marks.release)
            for section in (self.engine, self.teach, self.validate, self.export):
                last.callback(section.cleanup)

    def _follow_scene(self) -> None:
        self._scene_changed = False
        if self._other_scene:
            self._other_scene = False
            self.context.reload_parameters()
            self.context.messages.clear()
            self.run.forget_tiles()
            self.compare.result_changed()
            self.validate.other_scene()
            self.lesions.other_scene()
            self.teach.other_scene()
        self.inputs.scene_changed()
        self.validate.scene_changed()
        self.lesions.scene_changed()
        self.refresh()

    def _on_change(self, *_args: Any) -> None:
        self._scene_changed = True

    def _on_other_scene(self, *_args: Any) -> None:
        self._scene_changed = self._other_scene = True

    def _on_hello(self, message: Message) -> None:
        if message.type != "result":
            if message.body.get("kind") == MISSING:
                self.engine.engine_missing(trouble_of(message))
            return
        for section in (self.models, self.compare, self.lesions, self.engine):
            section.engine_answered(message.body)

    def _made(self, job: Job) -> None:
        self.result.take(job)
        self.refresh()
        self.ask_engine()

    def _result_changed(self) -> None:
        self.compare.result_changed()
        self.validate.result_changed()
        self.lesions.result_changed()
        self.export.result_changed()
