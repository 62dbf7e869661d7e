"""One call to the endpoint, and what its failure means to the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.goal import type_words
from inferwatch.deploy.result import Difference, Event
from inferwatch.deploy.state import Resource

T = TypeVar("T")


class StepError(Exception):
    """One resource cannot be brought to what the program asks; its text is a sentence for the user.

    Args:
        unanswered: A call was made whose effect nobody knows.
    """

    def __init__(self, text: str, *, unanswered: bool = False) -> None:
        super().__init__(text)
        self.unanswered = unanswered


@dataclass(frozen=True, slots=True)
class Edge:
    """What a deployment takes from the world outside, so that a test can give it.

    `now` is an RFC 3339 time; `suffix` gives a resource, by its URN, seven hexadecimal digits for its name,
    in a preview the same as for real.
    """

    clients: Clients
    now: Callable[[], str]
    suffix: Callable[[str], str]
    emit: Callable[[Event], None]

    def tell_of(
        self,
        resource: Resource,
        kind: str,
        changed: tuple[str, ...] = (),
        differences: tuple[Difference, ...] = (),
    ) -> None:
        """Emit what became of a resource."""
        words = type_words(resource.type)
        self.emit(Event(kind, words, resource.name, resource.id, changed, differences=differences))


def call_endpoint(doing: str, call: Callable[[], T]) -> T:
    """Make a call.

    Raises:
        StepError: the endpoint refused it, or did not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call()
    except ClientError as error:
        refusal = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        text = f"{refusal.get('Code', 'Unknown')}: {refusal.get('Message', '')}".rstrip(": ")
        raise StepError(f"{doing}: {text}", unanswered=status >= 500) from error
    except (BotoCoreError, LookupError) as error:
        raise StepError(f"{doing}: {error}", unanswered=True) from error
