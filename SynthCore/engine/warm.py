"""What is kept from one request to the next: networks made ready, and what the last inputs gave.

Everything kept is found by the content it was made from, so that a warm run gives the voxels a
cold one gives. A `Warm` belongs to one thread.
"""

from __future__ import annotations

import copy
import hashlib
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from SynthCore.engine import backends
from SynthCore.engine.backends import Backend, Make
from SynthCore.engine.prepare import Prepared
from SynthCore.image import Image
from SynthCore.models.bundle import CONFIG, WEIGHTS, Bundle, load_network

if TYPE_CHECKING:
    import torch

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Mask = npt.NDArray[np.bool_]

MOST_NETWORKS = 3
MOST_BACKENDS = 3


class Recent(Generic[K, V]):
    """The last values that were asked for, by key; the one unused for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of that key, made if it is not there."""
        if key not in self._values:
            while len(self._values) >= self._most:  # freed before the new one takes its memory
                self._values.popitem(last=False)
            self._values[key] = make()
        self._values.move_to_end(key)
        return self._values[key]

    def clear(self) -> None:
        """Forget all of them."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True)
class Identity:
    """By what an image is known: the hash a record states, and all else that a step depends on.

    `hidden` is the digest of a region that was taken out of it.
    """

    sha256: str
    affine: bytes
    role: str
    unit: str
    hidden: str = ""


def identify(role: str, image: Image) -> Identity:
    """The identity of an image that plays a role."""
    return Identity(image.sha256(), image.affine.tobytes(), role, image.unit)


class Warm:
    """What the engine keeps; a new one is cold.

    Attributes
    ----------
    figures : Recent
        `SynthCore.models.input_statistics.features` of an image, by kind and identity.
    bodies : Recent
        The patient's body, by the identity of the image it was found in.
    prepared : Recent
        A network's prepared inputs, by its card's settings and their identities.
    """

    def __init__(self) -> None:
        self._networks: Recent[Hashable, torch.nn.Module] = Recent(MOST_NETWORKS)
        self._backends: Recent[Hashable, Backend] = Recent(MOST_BACKENDS)
        self.figures: Recent[Hashable, Mapping[str, float]] = Recent(8)
        self.bodies: Recent[Hashable, Mask] = Recent(2)
        self.prepared: Recent[Hashable, Prepared] = Recent(1)

    def network(self, bundle: Bundle) -> torch.nn.Module:
        """The bundle's network, read and verified again only if its files changed.

        Raises
        ------
        ModelError
            As `load_network`.
        """
        return self._networks.get(_files(bundle), lambda: load_network(bundle))

    def maker(self, bundle: Bundle) -> Make:
        """`backends.make` for that bundle's network, keeping what it makes."""
        files = _files(bundle)

        def make(
            network: torch.nn.Module,
            shape: tuple[int, int, int, int],
            device: str,
            backend: str,
            threads: int,
            slots: int,
        ) -> Backend:
            # a backend may move its network to another device: the one that is kept stays
            return self._backends.get(
                (files, shape, device, backend, threads, slots),
                lambda: backends.make(
                    copy.deepcopy(network), shape, device, backend, threads, slots
                ),
            )

        return make

    def clear(self) -> None:
        """Give all memory back."""
        for kept in (self._networks, self._backends, self.figures, self.bodies, self.prepared):
            kept.clear()
        if "torch" in sys.modules:
            import torch

            torch.cuda.empty_cache()


def _files(bundle: Bundle) -> Hashable:
    """Changes whenever the files a network is made from do."""
    try:
        weights = (bundle.folder / WEIGHTS).stat()
        config = hashlib.sha256((bundle.folder / CONFIG).read_bytes()).hexdigest()
    except OSError:  # told by whoever reads them
        return object()
    stamp = (weights.st_size, weights.st_mtime_ns, weights.st_ino)
    return (
        bundle.card.weights_sha256,
        stamp,
        config,
        bundle.card.inputs,
        bundle.card.prepare.slices,
    )
