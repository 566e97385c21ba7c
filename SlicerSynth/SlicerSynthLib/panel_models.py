"""The model with its card, the device with its memory, and how long it will take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib.endings import MISSING
from SlicerSynthLib.estimates import with_uncertainty
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_inputs import InputsSection
from SlicerSynthLib.panel_messages import ENGINE
from SlicerSynthLib.widgets import (
    chosen_in,
    fill_combo,
    gigabytes,
    is_checked,
    set_text,
)
from SynthCore.protocol import Message

AUTO = "auto"


class ModelsSection:
    """Asks the engine whenever the task, the volumes or the target change."""

    def __init__(self, context: PanelContext, inputs: InputsSection) -> None:
        self._context, self._ui, self._inputs = context, context.ui, inputs
        self._models: list[Mapping[str, Any]] = []
        self._devices: list[Mapping[str, Any]] = []
        self._asked: tuple[Any, ...] = ()
        self._no_model = ""
        self._ui.modelCombo.activated.connect(self._model_chosen)
        self._ui.deviceCombo.activated.connect(self._device_chosen)
        self._ui.cardButton.toggled.connect(self._show_card)
        self._ui.uncertaintyCheck.toggled.connect(self._uncertainty_chosen)

    @property
    def model(self) -> str:
        """Id of the model that will be used, empty while none is known."""
        return chosen_in(self._ui.modelCombo)

    @property
    def device(self) -> str:
        """``auto`` or the name of a device."""
        return chosen_in(self._ui.deviceCombo) or AUTO

    @property
    def uncertainty(self) -> bool:
        """Whether the uncertainty is wanted, of a model that can tell it."""
        return bool(self._context.parameters.uncertainty) and self._times > 0

    @property
    def _times(self) -> float:
        """How many times as long a result takes with its uncertainty, 0 if there is none."""
        current = self._current()
        return float(current.get("uncertainty_runs") or 0) / float(current.get("runs") or 1)

    def way_out(self, refused: str) -> str:
        """What else takes what a model refused: another learned model, a baseline."""
        others = [m for m in self._models if m["id"] != refused]
        learned = [m for m in others if m.get("kind") == "network"]
        baselines = [m for m in others if m.get("kind") == "classical"]
        words = []
        if learned:
            words.append(_("Perhaps {0} was made for it.").format(learned[0].get("name")))
        if baselines:
            sentence = _("The baseline {0} can be chosen instead.")
            words.append(sentence.format(baselines[0].get("name")))
        return " ".join(words)

    def engine_answered(self, greeting: Mapping[str, Any]) -> None:
        """Show the devices that the engine has, with their free memory."""
        self._context.messages.no_longer(ENGINE)
        self._devices = list(greeting.get("devices") or ())
        self._fill_devices()
        self._estimate()

    def forget_engine(self) -> None:
        """Ask for models again: the engine is another one."""
        self._asked, self._models, self._devices, self._no_model = (), [], [], ""
        self.refresh()

    def refresh(self) -> None:
        """Show what the parameters say, and ask for models if they fit no more."""
        inputs = self._inputs
        roles = tuple(inputs.order("", AUTO, None).inputs)
        question = (inputs.task.name, roles, inputs.target)
        if question != self._asked:
            self._asked = question
            self._context.logic.models(
                inputs.task.name,
                roles,
                inputs.target or None,
                lambda message: self._on_models(question, message),
            )
        self._fill_models()
        self._fill_devices()
        self._estimate()

    def _on_models(self, question: tuple[Any, ...], message: Message) -> None:
        if question != self._asked:
            return
        if message.type == "result":
            self._models = list(message.body.get("models") or ())
            self._no_model = "" if self._models else _("no model fits these volumes")
            self._context.messages.no_longer(ENGINE)
        else:
            self._asked, self._models = (), []  # asked again at the next change
            self._no_model = _("no engine")
            self._devices = []  # their memory was another engine's, or that of one that is gone
            if message.type != "cancelled":
                body = message.body
                about = ENGINE if body.get("kind") == MISSING else ""
                self._context.messages.show(
                    str(body.get("message", "")), str(body.get("details") or ""), about
                )
        self._fill_models()
        self._fill_devices()
        self._estimate()

    def _fill_models(self) -> None:
        entries = [(self._title(model), str(model["id"])) for model in self._models]
        if not entries and self._no_model:
            entries = [(self._no_model, "")]
        fill_combo(self._ui.modelCombo, entries, self._context.parameters.model)
        self._ui.modelCombo.setEnabled(bool(self._models))
        self._ui.cardButton.setEnabled(bool(self._models))
        current = self._current()
        words = _("Version {0}. {1}").format(current.get("version"), current.get("summary"))
        self._ui.modelCombo.setToolTip(words if current else "")
        self._show_uncertainty()
        self._show_card()

    def _show_uncertainty(self) -> None:
        box, times = self._ui.uncertaintyCheck, self._times
        box.setEnabled(times > 0)
        was = box.blockSignals(True)
        box.setChecked(self.uncertainty)
        box.blockSignals(was)
        if times > 0:
            tip = _("Also estimate how far the result can be trusted; takes {0} times as long.")
            box.setToolTip(tip.format(f"{times:.2g}"))
        else:
            box.setToolTip(_("This model's card holds no calibrated uncertainty."))

    def _title(self, model: Mapping[str, Any]) -> str:
        kind = _("learned") if model.get("kind") == "network" else _("baseline")
        return _("{0} ({1})").format(model.get("name"), kind)

    def _current(self) -> Mapping[str, Any]:
        chosen = self.model
        return next((model for model in self._models if model["id"] == chosen), {})

    def _show_card(self, *_args: Any) -> None:
        shown = is_checked(self._ui.cardButton) and bool(self._current())
        if shown:
            self._ui.cardText.setMarkdown(str(self._current().get("card") or ""))
        self._ui.cardText.setVisible(shown)

    def _fill_devices(self) -> None:
        entries = []
        for device in self._devices:
            free = gigabytes(float(device.get("free_bytes") or 0))
            label = _("{0}, {1} free").format(device.get("label") or device["name"], free)
            entries.append((label, str(device["name"])))
        best = _("Automatic: {0}").format(entries[0][0]) if entries else _("Automatic")
        entries.insert(0, (best, AUTO))
        fill_combo(self._ui.deviceCombo, entries, self._context.parameters.device)

    def _estimate(self) -> None:
        order = self._inputs.order(self.model, self.device, None)
        node = order.source
        image = node.GetImageData() if node is not None else None
        if image is None or not self.model:
            set_text(self._ui.estimateLabel, "")
            return
        device = self.device
        if device == AUTO and self._devices:
            device = str(self._devices[0]["name"])
        name = with_uncertainty(self.model) if self.uncertainty else self.model
        words = self._context.estimates.sentence(name, device, image.GetNumberOfPoints())
        set_text(self._ui.estimateLabel, _("Time: {0}.").format(words))

    def _model_chosen(self, *_args: Any) -> None:
        self._context.parameters.model = chosen_in(self._ui.modelCombo)
        self._context.changed.emit()

    def _uncertainty_chosen(self, *_args: Any) -> None:
        self._context.parameters.uncertainty = is_checked(self._ui.uncertaintyCheck)
        self._context.changed.emit()

    def _device_chosen(self, *_args: Any) -> None:
        self._context.parameters.device = chosen_in(self._ui.deviceCombo)
        self._context.changed.emit()
