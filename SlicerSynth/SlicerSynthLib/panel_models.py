"""The model with its card, the device with its memory, and how long it will take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib import automatic
from SlicerSynthLib.endings import MISSING
from SlicerSynthLib.estimates import with_uncertainty
from SlicerSynthLib.orders import Order
from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.panel_devices import AUTO, DeviceChooser
from SlicerSynthLib.panel_inputs import InputsSection
from SlicerSynthLib.panel_messages import ENGINE
from SlicerSynthLib.widgets import chosen_in, fill_combo, is_checked, set_text
from SynthCore.protocol import Message


class ModelsSection:
    """Asks the engine whenever the task, the volumes or the target change."""

    def __init__(self, context: PanelContext, inputs: InputsSection) -> None:
        self._context, self._ui, self._inputs = context, context.ui, inputs
        self._models: list[Mapping[str, Any]] = []
        self._device = DeviceChooser(context)
        self._asked: tuple[Any, ...] = ()
        self._no_model = ""
        self._ui.modelCombo.activated.connect(self._model_chosen)
        self._ui.cardButton.toggled.connect(self._show_card)
        self._ui.uncertaintyCheck.toggled.connect(self._uncertainty_chosen)

    @property
    def model(self) -> str:
        """Id of the model that the person chose, empty where the engine chooses."""
        return chosen_in(self._ui.modelCombo)

    @property
    def expected(self) -> str:
        """Id of the model that will be used, empty while the engine has not chosen."""
        return self.model or self._fitting

    @property
    def by_network(self) -> bool:
        """Whether a network will make it, as the first of the list does while it is not known."""
        model = self._current() or next(iter(self._models), {})
        return bool(model.get("kind") == "network")

    @property
    def look(self) -> str:
        """What is looked at, as the panel stands."""
        return automatic.look_of(self._inputs.order("", AUTO))

    def engine_chose(self, look: str, model: str) -> None:
        """Show what the engine chose for volumes of that look."""
        automatic.remember(self._context.parameters, look, self._models, model)
        self.refresh()

    @property
    def device(self) -> str:
        """``auto`` or the name of a device."""
        return self._device.device

    @property
    def uncertainty(self) -> bool:
        """Whether the uncertainty is wanted, of a model that can tell it."""
        return bool(self._context.parameters.uncertainty) and self._times > 0

    @property
    def _times(self) -> float:
        """How many times as long a result takes with its uncertainty, 0 if there is none."""
        current = self._current()
        return float(current.get("uncertainty_runs") or 0) / float(current.get("runs") or 1)

    def way_out(self, order: Order) -> str:
        """What else there is where the model that was chosen refused."""
        if not order.model or all(model["id"] == order.model for model in self._models):
            return ""
        return _("Choose Automatic as the model: it takes the best one that does not refuse.")

    def engine_answered(self, greeting: Mapping[str, Any]) -> None:
        """Show the devices that the engine has, with their free memory."""
        self._context.messages.no_longer(ENGINE)
        self._device.take(list(greeting.get("devices") or ()))
        self._estimate()

    def forget_engine(self) -> None:
        """Ask for models again: the engine is another one."""
        self._asked, self._models, self._no_model = (), [], ""
        self._device.take(())
        self.refresh()

    def refresh(self) -> None:
        """Show what the parameters say, and ask for models if they fit no more."""
        inputs = self._inputs
        roles = tuple(inputs.order("", AUTO).inputs)
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
        self._device.refresh()
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
            self._device.take(())  # their memory was that of an engine that is gone
            if message.type != "cancelled":
                body = message.body
                about = ENGINE if body.get("kind") == MISSING else ""
                self._context.messages.show(
                    str(body.get("message", "")), str(body.get("details") or ""), about
                )
        self._fill_models()
        self._estimate()

    def _fill_models(self) -> None:
        entries = [(automatic.title_of(model), str(model["id"])) for model in self._models]
        if entries:
            entries.insert(0, (automatic.entry_of(self._named(self._fitting)), ""))
        elif self._no_model:
            entries = [(self._no_model, "")]
        fill_combo(self._ui.modelCombo, entries, self._context.parameters.model)
        self._ui.modelCombo.setEnabled(bool(self._models))
        self._ui.cardButton.setEnabled(bool(self._models))
        self._ui.modelCombo.setToolTip(automatic.tip_of(self._current(), self._models))
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
        elif not self.expected and any(model.get("uncertainty_runs") for model in self._models):
            box.setToolTip(_("Not every model can tell it: make a preview to see which one fits."))
        else:
            box.setToolTip(_("This model's card holds no calibrated uncertainty."))

    @property
    def _fitting(self) -> str:
        """Id of the model that the engine chose, empty while it has not."""
        return automatic.fitting(self._context.parameters, self.look, self._models)

    def _current(self) -> Mapping[str, Any]:
        return self._named(self.expected)

    def _named(self, name: str) -> Mapping[str, Any]:
        return next((model for model in self._models if model["id"] == name), {})

    def _show_card(self, *_args: Any) -> None:
        shown = is_checked(self._ui.cardButton) and bool(self._models)
        if shown:
            self._ui.cardText.setMarkdown(automatic.page_of(self._current(), self._models))
        self._ui.cardText.setVisible(shown)

    def _estimate(self) -> None:
        order = self._inputs.order(self.model, self.device)
        node = order.source
        image = node.GetImageData() if node is not None else None
        if image is None or not self._models:
            set_text(self._ui.estimateLabel, "")
            return
        if not self.expected:
            set_text(self._ui.estimateLabel, _("Time: depends on the model that fits."))
            return
        name = with_uncertainty(self.expected) if self.uncertainty else self.expected
        words = self._context.estimates.sentence(
            name, self._device.expected, image.GetNumberOfPoints()
        )
        set_text(self._ui.estimateLabel, _("Time: {0}.").format(words))

    def _model_chosen(self, *_args: Any) -> None:
        self._context.parameters.model = chosen_in(self._ui.modelCombo)
        self._context.changed.emit()

    def _uncertainty_chosen(self, *_args: Any) -> None:
        self._context.parameters.uncertainty = is_checked(self._ui.uncertaintyCheck)
        self._context.changed.emit()
