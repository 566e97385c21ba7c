"""Turn what a user typed into paths by role."""

from __future__ import annotations

from SynthCore.errors import InputError
from SynthCore.tasks import parse_role


def parse_inputs(texts: list[str]) -> dict[str, str]:
    """``ROLE=PATH`` texts as a mapping from role to path.

    Raises
    ------
    InputError
        If a text has another form, or a role is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        role, equals, path = text.partition("=")
        if not equals or not path:
            raise InputError(f"The input {text!r} is not ROLE=PATH, such as T1=study/T1.nii.gz.")
        role = parse_role(role)
        if role in found:
            raise InputError(f"The role {role} is given twice; give each input once.")
        found[role] = path
    return found
