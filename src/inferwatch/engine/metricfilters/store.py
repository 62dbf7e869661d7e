"""The metric filters of one account and region."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inferwatch.engine.metricfilters.filter import MetricFilter
from inferwatch.engine.metricfilters.generate import Samples, compile_filters
from inferwatch.engine.metricfilters.sample import Sample
from inferwatch.model.errors import AwsError
from inferwatch.model.limits import METRIC_FILTERS_PER_GROUP, REGEX_FILTERS_PER_GROUP


class MetricFilters:
    """Metric filters by group and name; those of a group run as one function, made when first needed.

    Differs: AWS may disable a filter that makes about 1,000 distinct sets of dimensions an hour; we never do.
    """

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, MetricFilter]] = {}
        self._functions: dict[str, Samples] = {}

    def put(self, group: str, metric_filter: MetricFilter, *, other_regexes: int = 0) -> None:
        """Add a filter, or replace the one of its name.

        Args:
            other_regexes: How many subscription filters of the group hold a regular expression.

        Raises:
            AwsError: LimitExceededException, for too many filters, or too many with a regular expression.
        """
        filters = self._groups.get(group, {}).values()
        others = [item for item in filters if item.name != metric_filter.name]
        if len(others) >= METRIC_FILTERS_PER_GROUP:
            raise _limit_exceeded()
        if metric_filter.pattern.has_regex:
            regexes = sum(item.pattern.has_regex for item in others)
            if regexes + other_regexes >= REGEX_FILTERS_PER_GROUP:
                raise _limit_exceeded()
        self._groups.setdefault(group, {})[metric_filter.name] = metric_filter
        self._functions.pop(group, None)

    def samples(self, group: str, messages: Sequence[str]) -> Iterator[tuple[int, MetricFilter, Sample]]:
        """What the group's filters make of messages: (index of the message, filter, sample), in order."""
        function = self._functions.get(group)
        if function is None:
            filters = self.of_group(group)
            if not filters:
                return iter(())
            function = self._functions[group] = compile_filters(filters)
        return function(messages)

    def of_group(self, group: str) -> list[MetricFilter]:
        """Sorted by name."""
        filters = self._groups.get(group, {})
        return [filters[name] for name in sorted(filters)]

    def delete(self, group: str, name: str) -> None:
        """Differs: the text for deleting an unknown metric filter is by analogy with subscription filters."""
        if name not in self._groups.get(group, {}):
            raise AwsError("ResourceNotFoundException", "The specified metric filter does not exist.")
        del self._groups[group][name]
        self._functions.pop(group, None)

    def forget_group(self, group: str) -> None:
        self._groups.pop(group, None)
        self._functions.pop(group, None)

    def everywhere(self) -> list[tuple[str, MetricFilter]]:
        """(group, filter), sorted by filter name."""
        pairs = [(group, item) for group, filters in self._groups.items() for item in filters.values()]
        return sorted(pairs, key=lambda pair: (pair[1].name, pair[0]))


def _limit_exceeded() -> AwsError:
    return AwsError("LimitExceededException", "Resource limit exceeded.")
