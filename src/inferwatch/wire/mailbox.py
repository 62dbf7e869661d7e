"""Mails as files of a folder: one that any mail program opens."""

from __future__ import annotations

import os
from pathlib import Path

from inferwatch.engine.notify.letter import Letter
from inferwatch.engine.store.folder import sync_folder


class MailFolder:
    """A folder of `.eml` files; each appears whole, and a mail that is there already stays as it is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, letter: Letter) -> None:
        """The mail is on disk when this returns.

        Raises:
            OSError: The disk refuses it.
        """
        file = self.path / letter.name
        if file.exists():
            return
        self.path.mkdir(exist_ok=True)
        part = file.with_name(f".{letter.name}.part")
        with part.open("wb") as opened:
            opened.write(letter.body)
            opened.flush()
            os.fsync(opened.fileno())
        part.replace(file)
        sync_folder(self.path)
