"""Is every object of a teaching file there that its manifest lists?"""

from __future__ import annotations

from collections.abc import Sequence

from SynthCore.dicom.teaching import information, selection
from SynthCore.dicom.verify_object import ObjectFacts


def missing_from(objects: Sequence[ObjectFacts], there: set[str]) -> tuple[str, ...]:
    """Sentences on what is missing of the teaching files whose documents lie in one folder.

    Parameters
    ----------
    objects
        The files of the folder.
    there
        SOP instance UIDs of all files, those in the folders below included.
    """
    manifest = selection.TITLE[0]
    titles = {facts.title for facts in objects}
    found = []
    if information.TITLE[0] in titles and manifest not in titles:
        found.append("The selection that lists the files of the teaching file is missing.")
    listed = {uid for facts in objects if facts.title == manifest for uid in facts.refers}
    missing = len(listed - there)
    if missing:
        files = "1 file is" if missing == 1 else f"{missing} files are"
        found.append(f"{files} missing that the selection of the teaching file lists.")
    return tuple(found)
