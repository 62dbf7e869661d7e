"""What a caller asks of the child process a deployment runs in."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from inferwatch.deploy.project import Project


@dataclass(frozen=True, slots=True)
class Request:
    """What to do; `destroy` needs no program to run."""

    project: Project
    endpoint_url: str
    state_file: Path
    passphrase_file: Path
    destroy: bool = False
    debug: bool = False

    def to_json(self) -> str:
        """As it crosses to the child."""
        document = asdict(self)
        document["project"]["secret_keys"] = sorted(self.project.secret_keys)
        return json.dumps(document, default=str)

    @classmethod
    def from_json(cls, text: str) -> Request:
        """As it arrived."""
        document = json.loads(text)
        project = document.pop("project")
        for name in ("directory", "main"):
            project[name] = Path(project[name])
        project["warnings"] = tuple(project["warnings"])
        project["secret_keys"] = frozenset(project["secret_keys"])
        for name in ("state_file", "passphrase_file"):
            document[name] = Path(document[name])
        return cls(project=Project(**project), **document)
