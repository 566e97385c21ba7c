"""Channelized Hotelling observer: how visible a small, faint thing is in an image's noise.

Noise figures and similarity say little about whether a lesion can still be found: a filter that
smooths it away scores well on both. A model observer is given many small images with the thing in
the middle and as many without, sees each through a few channels as the eye does, weighs the
channels as well as can be done linearly, and says how far apart the two classes lie:

    d' = (mean of its answers with - mean without) / standard deviation of its answers

With the mean difference ``s`` and the covariance ``S`` of the channels' outputs, the weights are
``S**-1 s``. The channels here are dense differences of Gaussians. The observer learns on some of
the images and answers for the others, so that it gains nothing from their number.

References
----------
Barrett, Yao, Rolland, Myers, Proc Natl Acad Sci 1993;90:9758: model observers, Hotelling.
Abbey, Barrett, J Opt Soc Am A 2001;18:473: dense differences of Gaussians (10 channels, 0.005
cycles per pixel, ratio 1.4, Q 1.67) follow human observers in noise like that of CT.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from SynthCore.errors import InputError

Values = npt.NDArray[np.float64]
Groups = npt.NDArray[np.int64]

FOLDS = 5
RESAMPLES = 1000
COVERAGE = 0.95
_CHANNELS = 10
_FIRST_CYCLES_PER_PIXEL = 0.005
_RATIO = 1.4
_Q = 1.67


@dataclass(frozen=True)
class Detectability:
    """How visible the signal is.

    Attributes
    ----------
    d_prime : float
        0 where the classes cannot be told apart; 1 is 76% and 2 is 92% right when one of two
        images must be chosen.
    low, high : float
        95% interval, by resampling the places.
    answers : numpy.ndarray
        [2, places], the observer's answers with and without the signal, for comparisons at the
        same places.
    groups : numpy.ndarray
        [places], which of them belong together.
    """

    d_prime: float
    low: float
    high: float
    answers: Values = field(repr=False)
    groups: Groups = field(repr=False)


def dense_difference_of_gaussians(side: int) -> Values:
    """Channels in the image's plane, centered in a square.

    Parameters
    ----------
    side : int
        Pixels along a side, odd.

    Returns
    -------
    numpy.ndarray
        Shape ``(channels, side, side)``: differences of two Gaussians in frequency, none of which
        passes frequency zero, with the phase of a signal in the middle.
    """
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side)[None, :])
    made = []
    for n in range(_CHANNELS):
        sigma = _FIRST_CYCLES_PER_PIXEL * _RATIO**n
        wide = np.exp(-0.5 * (frequency / (_Q * sigma)) ** 2)
        made.append(np.fft.fftshift(np.fft.ifft2(wide - np.exp(-0.5 * (frequency / sigma) ** 2))))
    return np.real(np.stack(made))


def detectability(
    present: npt.NDArray[Any],
    absent: npt.NDArray[Any],
    channels: Values | None = None,
    *,
    groups: npt.NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Detectability:
    """Detectability of what `present` shows in its middle and `absent` does not.

    Parameters
    ----------
    present, absent : numpy.ndarray
        Shape ``(n, side, side)``, the same places with and without the signal.
    channels : numpy.ndarray, optional
        Shape ``(channels, side, side)``; dense differences of Gaussians where not given.
    groups : numpy.ndarray, optional
        Shape ``(n,)``: places of one number show one anatomy (neighboring slices). They are
        learned from, left out and resampled together.
    seed : int
        Of the folds and of the resampling.

    Raises
    ------
    InputError
        If the shapes differ, or there are fewer than four places a channel.
    """
    if present.shape != absent.shape or present.ndim != 3 or present.shape[1] != present.shape[2]:
        raise InputError("The observer needs as many square images with the signal as without.")
    if channels is None:
        channels = dense_difference_of_gaussians(present.shape[1])
    if len(present) < 4 * len(channels):
        raise InputError(
            f"{len(present)} places are too few for an observer of {len(channels)} channels; "
            f"give at least {4 * len(channels)}."
        )
    flat = channels.reshape(len(channels), -1)
    seen = np.stack([images.reshape(len(images), -1) @ flat.T for images in (present, absent)])
    if groups is None:
        groups = np.arange(len(present))
    groups = np.unique(groups, return_inverse=True)[1]
    answers = _answers(seen, groups, np.random.default_rng(seed))
    low, high = np.quantile(_resampled(answers, groups, seed), _tails())
    return Detectability(_d_prime(answers), float(low), float(high), answers, groups)


def gain(one: Detectability, other: Detectability, *, seed: int = 0) -> tuple[float, float, float]:
    """``d'`` of `one` minus that of `other` at the same places, and its 95% interval."""
    drawn = _resampled(one.answers, one.groups, seed)
    drawn -= _resampled(other.answers, other.groups, seed)
    low, high = np.quantile(drawn, _tails())
    return one.d_prime - other.d_prime, float(low), float(high)


def _answers(seen: Values, groups: Groups, rng: np.random.Generator) -> Values:
    """[class, place] answers, each by an observer that has not seen its place, [class, n, c] in."""
    fold = (rng.permutation(groups.max() + 1) % FOLDS)[groups]
    answers = np.empty(seen.shape[:2])
    for n in range(FOLDS):
        with_it, without = seen[:, fold != n]
        covariance = np.atleast_2d(0.5 * (np.cov(with_it.T) + np.cov(without.T)))
        # channels overlap; the pseudo-inverse leaves out what only rounding tells apart
        inverse = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)
        weights = inverse @ (with_it.mean(axis=0) - without.mean(axis=0))
        middle = 0.5 * (with_it.mean(axis=0) + without.mean(axis=0))
        scale = np.sqrt(max(float(weights @ covariance @ weights), 1e-300))
        answers[:, fold == n] = (seen[:, fold == n] - middle) @ weights / scale
    return answers


def _d_prime(answers: Values) -> float:
    spread = np.sqrt(0.5 * answers.var(axis=-1, ddof=1).sum(axis=0))
    return float((answers[0].mean() - answers[1].mean()) / spread)


def _resampled(answers: Values, groups: Groups, seed: int) -> Values:
    """``d'`` of `RESAMPLES` draws of the groups; the same seed draws the same ones."""
    rng = np.random.default_rng(seed)
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1])
    found = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(len(members), size=len(members))
        found.append(_d_prime(answers[:, np.concatenate([members[n] for n in drawn])]))
    return np.array(found)


def _tails() -> tuple[float, float]:
    return 0.5 - COVERAGE / 2, 0.5 + COVERAGE / 2
