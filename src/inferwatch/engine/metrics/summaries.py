"""One series in one unit: what is being added to, and what is packed away, at every length that is kept.

A point is in exactly one place: new ones in an open summary of a second or a minute, older ones in a block.
Reading adds up whatever starts in a period, wherever it is. So a late point may come at any time, and a block
is made when there are many open summaries, not when a clock says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from inferwatch.engine.metrics.block import Block, DamagedBlock, group
from inferwatch.engine.metrics.histogram import Histogram, total
from inferwatch.engine.metrics.retention import TIERS, Retention
from inferwatch.model.limits import SECOND_MS

_OPEN_MAX = 480
_OPEN_KEPT = 180  # the newest ones, when the others are packed: those that alarms and dashboards read


@dataclass(frozen=True, slots=True)
class Saved:
    """A summary that is open, or a block of packed ones, to be kept elsewhere.

    Unit, `step_ms`, `start_ms` and `is_open` together name it within its metric. A block changes only when
    summaries are added to it; an open summary with every point.

    Args:
        step_ms: The length of each summary in it.
        start_ms: Of the open summary, or of the span that the block covers.
        data: A copy of the open summary, or the block itself: nothing that changes.
    """

    unit: str
    step_ms: int
    start_ms: int
    data: Histogram | Block

    @property
    def is_open(self) -> bool:
        return isinstance(self.data, Histogram)


@dataclass(frozen=True, slots=True)
class Gone:
    """What was saved and starts in [first, last] is no more."""

    unit: str
    step_ms: int
    is_open: bool
    first_ms: int
    last_ms: int


@dataclass(slots=True)
class Tier:
    """The summaries of one length: open ones by start, blocks by the start of their span.

    Args:
        touched: Open ones that were added to since they were last taken.
        taken: Open ones that were taken, and `taken_blocks` the blocks.
        has_moved: Open ones were packed, or blocks changed, since they were last taken.
    """

    retention: Retention
    open: dict[int, Histogram] = field(default_factory=dict)
    blocks: dict[int, Block] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    taken_blocks: dict[int, Block] = field(default_factory=dict)
    has_moved: bool = False

    def __bool__(self) -> bool:
        return bool(self.open or self.blocks)

    def summary(self, timestamp_ms: int) -> Histogram:
        """The open summary that a point belongs to."""
        start_ms = timestamp_ms - timestamp_ms % self.retention.step_ms
        found = self.open.get(start_ms)
        if found is None:
            if len(self.open) >= _OPEN_MAX:
                self._pack(sorted(self.open)[:-_OPEN_KEPT])
            found = self.open[start_ms] = Histogram()
        self.touched.add(start_ms)
        return found

    def _pack(self, starts: Iterable[int]) -> None:
        closed = {start: self.open.pop(start) for start in starts}
        if closed:
            self.touched.difference_update(closed)
            self.absorb(Block.of(closed))

    def absorb(self, block: Block) -> None:
        """Add a block's summaries to those that are packed."""
        self.has_moved = True
        for span_ms, part in block.spans(self.retention.span_ms):
            known = self.blocks.get(span_ms)
            if known is None:
                self.blocks[span_ms] = part
            else:
                self.blocks[span_ms] = group([known, part], self.retention.step_ms)

    def opened(self, start_ms: int, end_ms: int) -> list[int]:
        """Starts of open summaries in [start, end), ascending."""
        step_ms = self.retention.step_ms
        if (end_ms - start_ms) // step_ms < len(self.open):
            return [at for at in range(start_ms + -start_ms % step_ms, end_ms, step_ms) if at in self.open]
        return sorted(at for at in self.open if start_ms <= at < end_ms)

    def packed(self, start_ms: int, end_ms: int) -> Iterator[Block]:
        """The packed summaries in [start, end), ascending."""
        for span_ms in sorted(self.blocks):
            if start_ms - self.retention.span_ms < span_ms < end_ms:
                part = self.blocks[span_ms].between(start_ms, end_ms)
                if len(part):
                    yield part

    def has_any(self, start_ms: int, end_ms: int) -> bool:
        return bool(self.opened(start_ms, end_ms)) or any(self.packed(start_ms, end_ms))

    def take_old(self, now_ms: int) -> list[Block]:
        """Remove and give what is past its time."""
        oldest_ms = now_ms - self.retention.kept_ms
        oldest_ms -= oldest_ms % self.retention.sweep_ms
        self._pack([start for start in self.open if start < oldest_ms])
        taken = []
        for span_ms in sorted(span_ms for span_ms in self.blocks if span_ms < oldest_ms):
            block = self.blocks.pop(span_ms)
            self.has_moved = True
            first = int(block.starts.searchsorted(oldest_ms))
            if first:
                taken.append(block.rows(0, first))
            if first < len(block):
                self.blocks[span_ms] = block.rows(first, len(block))
        return taken

    def take(self, unit: str) -> Iterator[Saved | Gone]:
        """What changed since the last call."""
        step_ms = self.retention.step_ms
        if self.has_moved:
            yield from self._take_moved(unit)
        for start_ms in self.touched:
            yield Saved(unit, step_ms, start_ms, self.open[start_ms].copy())
        self.taken |= self.touched
        self.touched.clear()

    def _take_moved(self, unit: str) -> Iterator[Saved | Gone]:
        step_ms = self.retention.step_ms
        for first_ms, last_ms in _runs(self.taken - self.open.keys(), self.open):
            yield Gone(unit, step_ms, True, first_ms, last_ms)
        for span_ms in self.taken_blocks.keys() - self.blocks.keys():
            yield Gone(unit, step_ms, False, span_ms, span_ms)
        for span_ms, block in self.blocks.items():
            if self.taken_blocks.get(span_ms) is not block:
                yield Saved(unit, step_ms, span_ms, block)
        self.taken &= self.open.keys()
        self.taken_blocks = dict(self.blocks)
        self.has_moved = False

    def load(self, saved: Saved) -> None:
        """Put back what `take` gave: it counts as taken."""
        if isinstance(saved.data, Histogram):
            self.open[saved.start_ms] = saved.data
            self.taken.add(saved.start_ms)
        else:
            self.blocks[saved.start_ms] = self.taken_blocks[saved.start_ms] = saved.data


def _runs(gone: Collection[int], kept: Collection[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of ranges that hold all of the one and none of the other."""
    run: list[int] = []
    for start_ms in sorted({*gone, *kept}):
        if start_ms not in kept:
            run.append(start_ms)
        elif run:
            yield run[0], run[-1]
            run = []
    if run:
        yield run[0], run[-1]


@dataclass(slots=True)
class Summaries:
    """Every tier, the finest first."""

    tiers: tuple[Tier, ...] = field(default_factory=lambda: tuple(map(Tier, TIERS)))

    def __bool__(self) -> bool:
        return any(self.tiers)

    @property
    def is_saved(self) -> bool:
        """Is anything kept elsewhere that `take` has not called gone yet?"""
        return any(tier.taken or tier.taken_blocks for tier in self.tiers)

    def summary(self, timestamp_ms: int, resolution_s: int) -> Histogram:
        """Where a point of this storage resolution (1 or 60) is added."""
        tier = self.tiers[0] if resolution_s * SECOND_MS == self.tiers[0].retention.step_ms else self.tiers[1]
        return tier.summary(timestamp_ms)

    def periods(
        self, period_ms: int, start_ms: int, end_ms: int, *, binned: bool = True
    ) -> dict[int, Histogram]:
        """The whole periods of [start, end) that hold data, by start, ascending; only to be read.

        Without `binned`, bins may be left out: simple statistics need none, and they are most of the work.
        A period with one summary in it is that summary itself: alarms of a minute look at nothing else.
        """
        end_ms -= (end_ms - start_ms) % period_ms
        packed = [part for tier in self.tiers for part in tier.packed(start_ms, end_ms)]
        if not binned:
            packed = [part.without_bins() for part in packed]
        merged = group(packed, period_ms, start_ms).histograms() if packed else {}
        parts = {key: [summary] for key, summary in merged.items()}
        for tier in self.tiers:
            for at in tier.opened(start_ms, end_ms):
                parts.setdefault(at - (at - start_ms) % period_ms, []).append(tier.open[at])
        return {key: total(parts[key], binned=binned) for key in sorted(parts)}

    def has_any(self, start_ms: int, end_ms: int) -> bool:
        return any(tier.has_any(start_ms, end_ms) for tier in self.tiers)

    def take(self, unit: str) -> list[Saved | Gone]:
        """What changed since the last call, of every length."""
        changed = (tier for tier in self.tiers if tier.touched or tier.has_moved)
        return [item for tier in changed for item in tier.take(unit)]

    def load(self, saved: Saved) -> None:
        """Raises DamagedBlock, for a length that none has."""
        tier = next((tier for tier in self.tiers if tier.retention.step_ms == saved.step_ms), None)
        if tier is None:
            raise DamagedBlock(f"summaries of {saved.step_ms} ms")
        tier.load(saved)

    def roll_up(self, now_ms: int) -> bool:
        """Add what is past its time to the next longer summaries; forget it after the longest.

        Returns:
            Whether there was any.
        """
        found = False
        for tier, longer in zip(self.tiers, (*self.tiers[1:], None), strict=True):
            old = tier.take_old(now_ms)
            found = found or bool(old)
            if old and longer is not None:
                longer.absorb(group(old, longer.retention.step_ms))
        return found
