"""Which folder records wait in, where nobody has named one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from inferwatch.model import variables
from inferwatch.model.folders import state_root

_FORBIDDEN: Final = re.compile(r"[^A-Za-z0-9._-]|^\.+")


def default_spool(environ: Mapping[str, str], service: str) -> Path:
    """`INFERWATCH_SPOOL_DIR`, else one of the service: in the user's state, on Lambda in the one folder that
    can be written there.

    Source: XDG Base Directory Specification, "XDG_STATE_HOME"; Lambda Developer Guide, "Execution
    environment".
    """
    given = environ.get(variables.SPOOL_DIR)
    if given:
        return Path(given)
    name = _FORBIDDEN.sub("-", service) or "service"
    return _state(environ) / "spool" / name


def _state(environ: Mapping[str, str]) -> Path:
    if "AWS_LAMBDA_FUNCTION_NAME" not in environ or "INFERWATCH_STATE_DIR" in environ:
        with contextlib.suppress(RuntimeError):
            return state_root(environ)
    import tempfile

    return Path(tempfile.gettempdir()) / "inferwatch"
