"""Every error inferwatch raises on purpose.

    InferwatchError
    ├── UsageError            somebody used a command or function wrongly: one sentence, and what to do
    ├── AwsError              a refusal that AWS words the same way; carries AWS's code
    │   └── NotKept           the disk refuses what must outlive a restart: it is not done
    └── Unsupported           AWS knows it, inferwatch does not (yet): named, never ignored

`capture` and `ship` never let any of these reach the application; every other room raises at once.
"""

from __future__ import annotations


class InferwatchError(Exception):
    """Base of every error raised on purpose; its text is written for the person at the keyboard."""


class UsageError(InferwatchError):
    """A command or call that cannot be carried out as given: what is wrong, and what to do."""


class AwsError(InferwatchError):
    """A request AWS would refuse, with AWS's own code and text.

    Args:
        code: The error shape's name as the service model spells it, e.g. `ResourceNotFoundException`.
        message: AWS's text.
        status: HTTP status; the wire takes it from the service model when it is 0.
        details: Further members of the error shape, in AWS's casing.
    """

    def __init__(
        self, code: str, message: str, *, status: int = 0, details: dict[str, object] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.details = details or {}


class NotKept(AwsError):
    """The disk refuses what must outlive a restart, so it is not done; nothing has changed."""

    def __init__(self, why: str) -> None:
        super().__init__("InternalFailure", f"nothing was done: {why}", status=500)


def invalid_parameter(message: str) -> AwsError:
    """What CloudWatch Logs and SNS say of a bad parameter."""
    return AwsError("InvalidParameterException", message)


def invalid_value(message: str) -> AwsError:
    """What CloudWatch says of a bad value of PutMetricData, dashboards and statistics."""
    return AwsError("InvalidParameterValueException", message)


def missing_parameter(message: str) -> AwsError:
    """What CloudWatch says of a parameter that is not there."""
    return AwsError("MissingRequiredParameterException", message)


def invalid_combination(message: str) -> AwsError:
    """What CloudWatch says of parameters that do not go together."""
    return AwsError("InvalidParameterCombinationException", message)


def validation_failure(message: str) -> AwsError:
    """What CloudWatch says of bad alarms and metric queries."""
    return AwsError("ValidationException", message)


def expression_failure(query_id: str, problem: str) -> AwsError:
    """What CloudWatch says of the expression of a metric query."""
    return validation_failure(f"Error in expression '{query_id}': {problem}")


class Unsupported(AwsError):
    """Something AWS has and inferwatch lacks: refused by name.

    The code is `UnsupportedOperation` unless the caller names one that fits the operation better.
    """

    def __init__(self, feature: str, where: str = "", *, code: str = "UnsupportedOperation") -> None:
        place = f" ({where})" if where else ""
        super().__init__(code, f"inferwatch does not support {feature} yet{place}", status=400)
        self.feature = feature
