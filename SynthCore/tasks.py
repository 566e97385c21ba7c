"""The catalogue: what can be synthesized, from what, into what."""

from __future__ import annotations

from dataclasses import dataclass

from SynthCore.errors import InputError

MR_ROLES = ("T1", "T1c", "T2", "FLAIR", "PD", "DIR")
CT_ROLES = ("CT", "CBCT")
ROLES = (*MR_ROLES, *CT_ROLES, "PET", "XR")
"""Every role an image can play, as named in requests, cards and on the command line."""


@dataclass(frozen=True)
class Task:
    """One kind of synthesis.

    Attributes
    ----------
    name : str
        As written on the command line.
    title : str
        One line for a person.
    inputs : tuple of str
        Roles that may be given.
    required : tuple of str
        Roles that must be given, all of them.
    at_least : int
        How many of `inputs` must be given in all.
    outputs : tuple of str
        Roles that can be made; where there is more than one, the request names the target.
    needs_mask : bool
        Whether a mask must be given.
    """

    name: str
    title: str
    inputs: tuple[str, ...]
    required: tuple[str, ...]
    at_least: int
    outputs: tuple[str, ...]
    needs_mask: bool = False

    def resolve_target(self, given: tuple[str, ...], target: str | None) -> str:
        """The role to make, from the roles given and the one asked for.

        Raises
        ------
        InputError
            If the roles do not fit the task or the target is not clear.
        """
        for role in given:
            if role not in self.inputs:
                raise InputError(
                    f"The task {self.name} takes no {role} image; give {_any_of(self.inputs)}."
                )
        missing = [role for role in self.required if role not in given]
        if missing or len(given) < self.at_least:
            need = ", ".join(self.required) if missing else _any_of(self.inputs)
            raise InputError(f"The task {self.name} needs {need}: add --input ROLE=PATH.")
        if self.name in SAME_ROLE_TASKS:
            if target is not None and target not in given:
                raise InputError(
                    f"The task {self.name} returns the role it is given, not {target}."
                )
            if target is None and len(given) > 1:
                raise InputError(f"Name the image to change with --target: {_any_of(given)}.")
            return target or given[0]
        if target is None and len(self.outputs) == 1:
            return self.outputs[0]
        if target is None:
            raise InputError(f"Name the image to make with --target: {_any_of(self.outputs)}.")
        if target not in self.outputs:
            raise InputError(
                f"The task {self.name} does not make {target}; it makes {_any_of(self.outputs)}."
            )
        if target in given:
            raise InputError(
                f"{target} is among the inputs already; name a missing one as --target."
            )
        return target


def _any_of(roles: tuple[str, ...]) -> str:
    return roles[0] if len(roles) == 1 else ", ".join(roles[:-1]) + f" or {roles[-1]}"


FINER_TASK = "super-resolution"
"""The one task whose result has more slices than its input."""

_SEQUENCES = ("T1", "T1c", "T2", "FLAIR", "PD")

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        Task("mr-to-ct", "CT numbers from MR", ("T1", "T1c", "T2"), (), 1, ("CT",)),
        Task("mr-sequence", "A missing MR sequence", _SEQUENCES, (), 1, _SEQUENCES),
        Task("cbct-to-ct", "CT numbers from cone-beam CT", ("CBCT",), ("CBCT",), 1, ("CT",)),
        Task("ct-denoise", "Full-dose look from a low-dose CT", ("CT",), ("CT",), 1, ("CT",)),
        Task(
            "inpaint",
            "Healthy tissue under a mask",
            (*_SEQUENCES, "CT"),
            (),
            1,
            (*_SEQUENCES, "CT"),
            needs_mask=True,
        ),
        Task(
            FINER_TASK,
            "Thin slices from thick ones",
            (*_SEQUENCES, "CT"),
            (),
            1,
            (*_SEQUENCES, "CT"),
        ),
    )
}
"""Tasks with at least one model; the others of the design are added with their first model."""

LESION_TASK = "lesion"
"""What a record says of an image a lesion was placed in; no model makes it."""

PHANTOM_TASK = "phantom"
"""What a record says of a simulated scan of the digital phantom; no model makes it."""

SAME_ROLE_TASKS = frozenset({"ct-denoise", "inpaint", LESION_TASK, FINER_TASK})
"""Tasks that return a changed version of an image they were given."""


def get_task(name: str) -> Task:
    """The task of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in TASKS:
        raise InputError(f"There is no task {name!r}; there are {', '.join(TASKS)}.")
    return TASKS[name]


def parse_role(text: str) -> str:
    """The role as the catalogue writes it (case does not matter).

    Raises
    ------
    InputError
        If there is no such role.
    """
    for role in ROLES:
        if role.lower() == text.strip().lower():
            return role
    raise InputError(f"There is no role {text!r}; there are {', '.join(ROLES)}.")


def unit_of(role: str) -> str:
    """``HU`` for CT and CBCT, ``1`` (arbitrary units) for the rest."""
    return "HU" if role in CT_ROLES else "1"


def placed_before(role: str) -> str:
    """What is told before another lesion is placed in an image that has one."""
    return (
        f"A lesion was placed in the {role} image before: the new mask does not hold it, and mass "
        "effect of the new one may move it."
    )
