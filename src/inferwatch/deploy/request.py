"""What a caller asks of the child process a deployment runs in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from inferwatch.deploy.project import Project


@dataclass(frozen=True, slots=True)
class Request:
    """What to do: `up`, `preview`, `refresh` or `destroy`; the last two need no program to run.

    `targets` are URNs or the program's names of what alone may be changed; all may, where there are none.
    """

    project: Project
    endpoint_url: str
    state_file: Path
    passphrase_file: Path
    action: str = "up"
    targets: frozenset[str] = frozenset()
    debug: bool = False

    def to_json(self) -> str:
        """As it crosses to the child."""
        document = asdict(self)
        document["project"]["secret_keys"] = sorted(self.project.secret_keys)
        document["targets"] = sorted(self.targets)
        return json.dumps(document, default=str)

    @classmethod
    def from_json(cls, text: str) -> Request:
        """As it arrived."""
        document = json.loads(text)
        project = document.pop("project")
        for name in ("directory", "main"):
            project[name] = Path(project[name])
        project["warnings"] = tuple(project["warnings"])
        document["targets"] = frozenset(document["targets"])
        project["secret_keys"] = frozenset(project["secret_keys"])
        for name in ("state_file", "passphrase_file"):
            document[name] = Path(document[name])
        return cls(project=Project(**project), **document)
