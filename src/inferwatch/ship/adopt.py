"""Take over what another process left in its folder, and say what of it cannot be read."""

from __future__ import annotations

from collections.abc import Callable

from inferwatch.model.process import warn
from inferwatch.ship.berth import Orphan
from inferwatch.ship.report import counted
from inferwatch.ship.salvage import salvage
from inferwatch.ship.slab import DamagedSlab, Place
from inferwatch.ship.spool import Spool


def adopt(
    orphan: Orphan,
    spool: Spool,
    is_ours: Callable[[Place], bool],
    bury: Callable[[str, list[bytes], str], None],
) -> tuple[int, list[str]]:
    """Its slabs become the spool's, before the spool's own; those for another place stay where they are.

    Returns:
        How many slabs that is, and the files of which nothing can be read, with why; they stay as well.
    """
    adopted, unreadable = 0, []
    for slab in reversed(list(orphan.slabs())):
        if isinstance(slab, DamagedSlab):
            unreadable.append(str(slab))
            warn(f"a file of the spool is damaged and left as it is: {slab}")
        elif is_ours(slab.place):
            found = salvage(slab)
            if found.damaged:
                what = f"{counted(len(found.damaged))} damaged in {slab.path}"
                warn(f"{what}: rejected, and kept among the dead letters")
                bury("", found.damaged, what)
            spool.adopt(slab, found)
            adopted += 1
        else:
            slab.close()
    return adopted, unreadable
