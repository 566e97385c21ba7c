"""Which volume plays which role, and which task fits what is loaded: suggestions, no more.

What was made here is never suggested as an input; what was loaded and is marked as synthetic (a
digital phantom, say) only where nothing acquired plays its role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from SlicerSynthLib.attributes import is_synthetic, record_of
from SlicerSynthLib.volumes_roles import suggest_roles
from SynthCore.tasks import SAME_ROLE_TASKS, TASKS, Task


@dataclass(frozen=True)
class Suggested:
    """A volume for a role, the reason in a clause, and whether nothing speaks against it."""

    node: Any
    reason: str
    certain: bool


def suggest(scene: Any, wanted: Callable[[Any], bool] = lambda node: True) -> dict[str, Suggested]:
    """The best volume of the scene for each role that one of them seems to play.

    Only what is `wanted` is looked at.
    """
    best: dict[str, tuple[bool, bool, Suggested]] = {}
    for node_id, found in suggest_roles(scene).items():
        node = scene.GetNodeByID(node_id)
        if node is None or found.role is None or record_of(node) or not wanted(node):
            continue
        suggested = Suggested(node, found.reason, found.certain)
        rank = (is_synthetic(node), not found.certain, suggested)
        other = best.get(found.role)
        if other is None or rank[:2] < other[:2]:
            best[found.role] = rank
    return {role: rank[2] for role, rank in best.items()}


def suggest_task(roles: Iterable[str]) -> str:
    """The first task of the catalogue that these roles are enough for; the first one of all."""
    given = set(roles)
    for task in TASKS.values():
        enough = len(given.intersection(task.inputs)) >= task.at_least
        if enough and given.issuperset(task.required) and not task.needs_mask:
            return task.name
    return next(iter(TASKS))


def targets(task: Task, given: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles that the task could make from what is given.

    What is given may be made as well: it is then no input but the reference to compare with.
    """
    if task.name in SAME_ROLE_TASKS:
        return tuple(role for role in task.inputs if role in given)
    return task.outputs


def suggest_target(task: Task, given: Mapping[str, Any]) -> str:
    """The first role that is not there yet; for a task that changes its input, the first given."""
    possible = targets(task, given)
    absent = [role for role in possible if role not in given]
    if task.name not in SAME_ROLE_TASKS and absent:
        return absent[0]
    return possible[0] if possible else ""


def inputs_for(task: Task, target: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the given volumes that go into making `target`."""
    same = task.name in SAME_ROLE_TASKS
    return {
        role: node
        for role, node in given.items()
        if role in task.inputs and node is not None and (same or role != target)
    }
