"""SEARCH: tokens, terms, schemas, operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.search import SearchError, parse, tokens

Vectors = Callable[[str], list[dict[str, Any]]]
DIMENSIONS = [("FunctionName", "ProjectA-main"), ("Stage", "prod")]


def _finds(search: str, name: str = "Errors", dimensions: list[tuple[str, str]] = DIMENSIONS) -> bool:
    return parse(search).matches("AWS/Lambda", name, dimensions, "123456789012")


def test_names_split_into_the_documented_tokens(vectors: Vectors) -> None:
    """At punctuation, camel case and digits."""
    cases = [case for case in vectors("search_tokens") if "tokens" in case]

    assert [tokens(case["text"]) for case in cases] == [case["tokens"] for case in cases]
    assert len(cases) == 3


def test_terms_and_schemas_find_what_is_documented(vectors: Vectors) -> None:
    """A token is never split; quotes are exact; a schema names all dimensions, in any order."""
    checked = 0
    for case in vectors("search_tokens"):
        if "match" not in case:
            continue
        dimensions = [(name, "x") for name in case.get("dims", [])]

        found = parse(case["query"]).matches("NS", case.get("text", "m"), dimensions, "1")

        assert found is case["match"], case["id"]
        checked += 1
    assert checked == 10


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ('{AWS/Lambda,FunctionName,Stage} MetricName="Errors"', True),
        ("{AWS/Lambda,FunctionName} Errors", False),
        ("{AWS/Lambda}, errors", True),
        ('{"AWS/Lambda",Stage,"FunctionName"}', True),
        ("{Other} errors", False),
        ("FunctionName=projecta Stage=prod", True),
        ("Stage=projecta", False),
        ("MetricName=(Errors OR Duration)", True),
        ("Invocations OR Errors AND NOT Stage=prod", False),
        ("Errors AND NOT (Stage=dev OR Duration)", True),
        ("NOT Namespace=AWS", False),
        ("project/a-main", True),
        ("rojecta", False),
        (":aws.AccountId=LOCAL errors", True),
        (':aws.AccountId = "999999999999"', False),
        ("errors or", False),
    ],
)
def test_searches_find_and_do_not_find(search: str, found: bool) -> None:
    """Designators, operators in upper case only, implicit AND before OR."""
    assert _finds(search) is found


def test_an_exact_term_is_escaped() -> None:
    """Quotes, backslashes and parentheses."""
    name = 'Europe\\France "Traffic"(Network)'

    assert _finds(r'"Europe\\France \"Traffic\"\(Network\)"', name)


@pytest.mark.parametrize(
    ("search", "column"),
    [
        ("", 1),
        ("{}", 2),
        ("{NS", 4),
        ("a AND", 6),
        ("(a", 3),
        ("a)", 2),
        ("OR a", 1),
        ('"open', 1),
        ("a=", 3),
        ("a=(b=c)", 6),
        ("x" * 1_025, 1),
        ("(" * 200 + "a" + ")" * 200, 52),
        ("NOT " * 200 + "a", 204),
    ],
)
def test_what_is_no_search_is_refused_at_its_column(search: str, column: int) -> None:
    """At once, however deep it nests."""
    with pytest.raises(SearchError) as refused:
        parse(search)

    assert refused.value.column == column
