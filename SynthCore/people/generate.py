"""People, one after the other, into a folder that can be gone on with; and one again by its file.

By physics alone: anatomies are label maps, images are signal equations and CT numbers. There is no
learned model in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from SynthCore.errors import CancelledError, InputError, SynthCoreError
from SynthCore.people.draws import draw
from SynthCore.people.folder import forget, list_people, opened
from SynthCore.people.heads import Heads
from SynthCore.people.make import Task, make_person, one_thread
from SynthCore.people.memory import refuse_large, refuse_too_fine
from SynthCore.people.person_file import NOTICE, PersonFile, digest_of, read_person
from SynthCore.people.streams import MOST
from SynthCore.people.whole import name_of
from SynthCore.people.wish import Format, Wish
from SynthCore.physics.generator import VERSION
from SynthCore.request import Cancelled, Progress, or_stop, part_of

_HEAD, _DRAWN = 0.35, 0.45
"""Shares of a person's time after which the anatomy is ready, and everything is drawn."""


@dataclass(frozen=True)
class Generated:
    """Who is in the folder, and how many of them are new."""

    people: tuple[PersonFile, ...]
    new: int


@dataclass(frozen=True)
class Again:
    """A person made again, and the images whose voxels are not those of before: none, normally.

    `new` says whether it was this call that made them.
    """

    person: PersonFile
    differ: tuple[str, ...]
    new: bool = True


def generate(
    wish: Wish,
    out: Path,
    *,
    count: int = 1,
    labels: Path | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Generated:
    """Make the people that are not there yet.

    Parameters
    ----------
    wish : Wish
        What they are made by.
    out : Path
        Missing, empty, or of an earlier call with the same wish and label maps: then the people
        that are there are kept.
    count : int
        How many there are to be in the end, from 1.
    labels : Path, optional
        A label map of a whole head in SynthSeg's numbers, or a folder of them, which people take
        in turn; every person has a digital phantom of their own where not given.
    progress, cancelled : callable, optional
        Told and asked some times for each person.

    Raises
    ------
    InputError
        If `out` is of another wish or cannot be written, or the label maps cannot be read.
    RefusedError
        If a label map is not one of a whole head.
    CancelledError
        If the user asked to stop: the people that are there are whole.
    """
    if not 1 <= count <= MOST:
        raise InputError(f"{count} people are not made; give 1 to {MOST} with --count.")
    refuse_too_fine(wish)
    heads = Heads(labels, wish.seed)
    tell = or_stop(progress, cancelled)
    maps = heads.judge(part_of(tell, 0.0, 0.0))
    labeled = [asdict(one) for one in maps]
    asked = {"notice": NOTICE, "generator": VERSION, **asdict(wish), "labels": labeled}
    new = 0
    with opened(out, asked) as whole, _listed(out, cancelled), one_thread():
        there = {one.id for one in whole}
        numbers = [n for n in range(1, count + 1) if name_of(n) not in there]
        for step, number in enumerate(numbers):
            mine = part_of(
                tell, step / len(numbers), (step + 1) / len(numbers), before=f"{name_of(number)}, "
            )
            mine(0.0, "anatomy")
            head = heads.head(number)
            mine(_HEAD, "draws")
            draws = draw(wish, number, head)
            task = Task(out / name_of(number), wish.output)
            make_person(draws, head, task, part_of(mine, _DRAWN, 1.0))
            new += 1
        people = tuple(list_people(out))
    return Generated(people, new)


def again(
    file: Path,
    out: Path,
    *,
    labels: Path | None = None,
    output: Format = "dicom",
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Again:
    """Make a person again, by the draws in their ``person.json``: the same voxels.

    Parameters
    ----------
    file : Path
        ``person.json``.
    out : Path
        Missing, empty, or of an earlier call with the same file and format: then who is there is
        kept.
    labels : Path, optional
        The label map they were drawn on, or its folder; needed where it was no phantom.
    output : {'dicom', 'nifti'}
        Format of the images.
    progress, cancelled : callable, optional
        As in `generate`.

    Raises
    ------
    InputError
        If the file is none, the label map is another one, or `out` holds something else.
    CancelledError
        If the user asked to stop.
    """
    before = read_person(file)
    refuse_large(before.draws.grid)
    heads = Heads(labels, before.draws.seed)
    tell = or_stop(progress, cancelled)
    tell(0.0, "anatomy")
    head = heads.like(before.draws.origin)
    tell(_HEAD, "draws")
    asked = {"generator": VERSION, "again": digest_of(before.draws), "output": output}
    task = Task(out / name_of(before.draws.number), output)
    with opened(out, {"notice": NOTICE, **asked}) as whole, _listed(out, cancelled), one_thread():
        there = next((one for one in whole if one.id == task.folder.name), None)
        try:
            made = there or make_person(before.draws, head, task, part_of(tell, _DRAWN, 1.0))
        except (ValueError, LookupError, RuntimeError, ArithmeticError) as error:
            raise InputError(
                f"The draws in {file.name} cannot be made: they were changed; give the file as "
                "generate wrote it."
            ) from error
        list_people(out)
    hashes = {one.role: one.sha256 for one in before.images}
    differ = tuple(one.role for one in made.images if hashes.get(one.role) != one.sha256)
    return Again(made, differ, there is None)


@contextmanager
def _listed(out: Path, cancelled: Cancelled | None) -> Iterator[None]:
    """Table and page where it is ended before its end; a folder that holds nobody goes."""
    try:
        yield
    except CancelledError as error:
        count = len(list_people(out))
        forget(out)
        raise CancelledError(
            f"Cancelled; {count} whole in {out.name}, and the same command goes on."
            if count
            else "Cancelled; nothing was written."
        ) from error
    except BaseException:
        with suppress(SynthCoreError):  # what ended it is told, not what came of it
            list_people(out)
            forget(out)
        raise
