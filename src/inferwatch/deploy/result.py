"""What a deployment tells its caller: events while it runs, a result at its end, one error if it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from inferwatch.model.errors import InferwatchError

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value of a resource that changes: `kind` is `add`, `delete` or `update`.

    `property` is a path in the program's spelling; a secret value reads `[secret]`, one that is not known yet
    `<computed>`.
    """

    property: str
    kind: str
    old: object = None
    new: object = None
    forces_new: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, or in a preview would.

    `kind` is `create`, `update`, `replace`, `delete`, `same`, `import` or `read` for a resource; `info`,
    `warning` or `error` for a line the program logged (then only `message` is set); `applying` once the
    preview has found nothing wrong and the first change may follow.
    """

    kind: str
    type: str = ""
    name: str = ""
    id: str = ""
    changed: tuple[str, ...] = ()
    message: str = ""
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """How many resources each step touched; the stack, providers and components are not counted."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    same: int = 0

    @property
    def total(self) -> int:
        """Resources that did not stay as they were."""
        return self.create + self.update + self.replace + self.delete

    @classmethod
    def count(cls, kinds: Sequence[str]) -> Changes:
        """Count step kinds; an import changes nothing, others (`read`, `info`) are left out."""
        counted = ["same" if kind == "import" else kind for kind in kinds]
        return cls(**{field.name: counted.count(field.name) for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Result:
    """A finished deployment; secret outputs read `[secret]`."""

    changes: Changes
    outputs: dict[str, object]
    console_urls: dict[str, str]

    def to_json(self) -> dict[str, object]:
        """The object `inferwatch up --json` prints."""
        return asdict(self)


class DeployError(InferwatchError):
    """A program or a resource that could not be applied.

    Args:
        problems: One sentence each, in the order they were met.
        applied: Whether anything was changed before the failure.
        traceback: The program's own traceback, shown only when asked for.
    """

    def __init__(self, problems: Sequence[str], *, applied: bool, traceback: str = "") -> None:
        self.problems = tuple(problems)
        self.applied = applied
        self.traceback = traceback
        after = (
            "what was done before that is kept in the stack's state: fix it and run `inferwatch up` again"
            if applied
            else "nothing was changed"
        )
        if len(self.problems) == 1:
            text = f"{self.problems[0]}; {after}"
        else:
            lines = "".join(f"\n  - {problem}" for problem in self.problems)
            text = f"{len(self.problems)} problems; {after}{lines}"
        super().__init__(f"{text}\n{traceback.rstrip()}" if traceback else text)
