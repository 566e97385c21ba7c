"""What the sections of the panel share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import slicer

from SlicerSynthLib.engine_setup import ModuleEngineSettings
from SlicerSynthLib.estimates import Estimates
from SlicerSynthLib.logic import SlicerSynthLogic
from SlicerSynthLib.panel_messages import MessagesSection
from SlicerSynthLib.parameters import Parameters, parameter_node
from SlicerSynthLib.signals import Signal


@dataclass
class PanelContext:
    """One panel.

    Attributes
    ----------
    ui
        Its widgets by name.
    logic, settings, store
        The engine behind it, its command, and where settings are kept.
    messages
        The line for what went wrong.
    parameters
        The scene's parameter node, typed; another one after the scene was closed or loaded.
    changed : Signal
        Emitted after the person changed something, or the scene did.
    """

    ui: Any
    logic: SlicerSynthLogic
    settings: ModuleEngineSettings
    store: Any
    messages: MessagesSection
    changed: Signal = field(default_factory=Signal)
    parameters: Any = None

    def __post_init__(self) -> None:
        self.reload_parameters()

    @property
    def scene(self) -> Any:
        """Slicer's scene."""
        return slicer.mrmlScene

    @property
    def estimates(self) -> Estimates:
        """Measured times of the engine that is set now."""
        return Estimates(self.store, self.settings.engine_key)

    def reload_parameters(self) -> None:
        """Take the parameter node that the scene has now."""
        make: Any = Parameters
        self.parameters = make(parameter_node())
