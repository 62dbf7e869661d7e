"""What other stacks export: `pulumi.StackReference`, of stacks at the same engine.

Differs: the real CLI reads `ORGANIZATION/PROJECT/STACK` of one service; here the organization says nothing,
and a bare `STACK` is one of the same project.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from inferwatch.deploy.cipher import Cipher
from inferwatch.deploy.store import read_snapshot
from inferwatch.deploy.values import Properties, has_secret

STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"


class StackReader:
    """Reads stacks that lie beside one whose state file is given."""

    def __init__(self, state_file: Path, cipher: Cipher) -> None:
        self._project = state_file.parent.name
        self._folder = state_file.parent.parent
        self._cipher = cipher

    def read(self, name: str) -> Properties:
        """The properties of a reference to the stack of this name.

        Raises:
            LookupError: it was never applied at this engine.
        """
        project, stack = self._parts(name)
        snapshot = read_snapshot(self._folder / project / f"{stack}.json", self._cipher)
        if not snapshot.resources:
            raise LookupError(f"no stack {name!r} was applied at this engine; there are {self._known()}")
        outputs = snapshot.outputs
        secret = sorted(key for key, value in outputs.items() if has_secret(value))
        return {"name": name, "outputs": outputs, "secretOutputNames": secret}

    def _parts(self, name: str) -> tuple[str, str]:
        parts = name.split("/")
        if len(parts) > 3 or any(part in ("", ".", "..") for part in parts):
            raise LookupError(
                f"{name!r} is no stack: expected STACK, PROJECT/STACK or ORGANIZATION/PROJECT/STACK"
            )
        return (parts[-2] if len(parts) > 1 else self._project), parts[-1]

    def _known(self) -> str:
        files = sorted(self._folder.glob("*/*.json"))
        return ", ".join(f"{file.parent.name}/{file.stem}" for file in files) or "none"
