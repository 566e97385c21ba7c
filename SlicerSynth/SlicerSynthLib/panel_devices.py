"""The device that computes, with its free memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slicer.i18n import tr as _

from SlicerSynthLib.panel_context import PanelContext
from SlicerSynthLib.widgets import chosen_in, fill_combo, gigabytes

AUTO = "auto"


class DeviceChooser:
    """Offers the devices that the engine has."""

    def __init__(self, context: PanelContext) -> None:
        self._context, self._ui = context, context.ui
        self._devices: Sequence[Mapping[str, Any]] = ()
        self._ui.deviceCombo.activated.connect(self._chosen)

    @property
    def device(self) -> str:
        """``auto`` or the name of a device."""
        return chosen_in(self._ui.deviceCombo) or AUTO

    @property
    def expected(self) -> str:
        """The name of the device that will be used, as far as it is known."""
        automatic = self.device == AUTO and self._devices
        return str(self._devices[0]["name"]) if automatic else self.device

    def take(self, devices: Sequence[Mapping[str, Any]]) -> None:
        """Offer these from now on; none while no engine is there."""
        self._devices = devices
        self.refresh()

    def refresh(self) -> None:
        """Show what the parameters say."""
        entries = []
        for device in self._devices:
            free = gigabytes(float(device.get("free_bytes") or 0))
            label = _("{0}, {1} free").format(device.get("label") or device["name"], free)
            entries.append((label, str(device["name"])))
        best = _("Automatic: {0}").format(entries[0][0]) if entries else _("Automatic")
        entries.insert(0, (best, AUTO))
        fill_combo(self._ui.deviceCombo, entries, self._context.parameters.device)

    def _chosen(self, *_args: Any) -> None:
        self._context.parameters.device = chosen_in(self._ui.deviceCombo)
        self._context.changed.emit()
