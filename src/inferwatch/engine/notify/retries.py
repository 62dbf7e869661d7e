"""When a delivery that failed is tried again.

Source: SNS Developer Guide, "Message delivery retries": four phases; an HTTP/S endpoint has by default three
retries 20 s apart, a mail server ("SMTP") two 10 s apart, ten from 10 to 600 s, then 38 more 600 s apart.
Differs: AWS adds jitter; here the delays are exact. AWS's table counts 50 attempts of a mail, the sum of its
retries: here the first attempt comes before them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The phases of one protocol's retries, in their order; delays in seconds.

    Args:
        pre_backoff: Retries `min_delay_s` apart.
        backoff: Retries whose delays grow from `min_delay_s` to `max_delay_s`, each by the same factor.
        post_backoff: Retries `max_delay_s` apart.
    """

    min_delay_s: int
    max_delay_s: int
    pre_backoff: int = 0
    backoff: int = 0
    post_backoff: int = 0

    def delay_ms(self, attempts: int) -> int | None:
        """How long to wait after so many failed attempts; `None`: there is no further one."""
        retry = attempts - 1
        if retry < self.pre_backoff:
            return self.min_delay_s * 1_000
        retry -= self.pre_backoff
        if retry < self.backoff:
            growth = math.pow(self.max_delay_s / self.min_delay_s, retry / max(1, self.backoff - 1))
            return round(self.min_delay_s * 1_000 * growth)
        retry -= self.backoff
        return self.max_delay_s * 1_000 if retry < self.post_backoff else None


HTTP: Final = RetryPolicy(min_delay_s=20, max_delay_s=20, backoff=3)
SMTP: Final = RetryPolicy(min_delay_s=10, max_delay_s=600, pre_backoff=2, backoff=10, post_backoff=38)
