"""Where the published program is: beside this package in a wheel, in `examples/` of a checkout."""

from __future__ import annotations

from pathlib import Path

import inferwatch
from inferwatch.model.errors import UsageError


def published_program() -> Path:
    package = Path(inferwatch.__file__).parent
    for folder in (package / "examples" / "published", package.parents[1] / "examples" / "published"):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    raise UsageError("this installation lacks examples/published: install inferwatch from its wheel")
