"""One call recorded by hand: `with inference(...) as call`."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import TracebackType
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from inferwatch.capture.draft import Draft, Request
from inferwatch.capture.ending import Ending, failed, failure_status, finished, is_http_status, word
from inferwatch.capture.recorder import Recorder
from inferwatch.model.fields import STATUSES, USAGE_SOURCES, Status, UsageSource

_P = ParamSpec("_P")
_T = TypeVar("_T")

_UNKNOWN: Final = "unknown"
_OTHER: Final = "_OTHER"  # OpenTelemetry's word for an error without a name of its own


def _guarded(method: Callable[Concatenate[Call, _P], None]) -> Callable[Concatenate[Call, _P], None]:
    """Count what goes wrong instead of raising it into the application."""

    @functools.wraps(method)
    def guarded(self: Call, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            method(self, *args, **kwargs)
        except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
            self._recorder.fault(f"inference(...).{method.__name__}", fault)

    return guarded


class Call:
    """A call of a model while it runs. Leaving the `with` block writes its record, whatever happened inside.

    No method raises: a wrong value is left out of the record, counted and said.
    """

    __slots__ = ("_draft", "_failure", "_recorder", "_request")

    def __init__(self, recorder: Recorder, request: Request) -> None:
        self._recorder = recorder
        self._request = request
        self._draft: Draft | None = None
        self._failure: Ending | None = None

    def __enter__(self) -> Self:
        self._failure = None
        self._begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(fault)

    @_guarded
    def usage(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        total_tokens: int | None = None,
        cache_read_tokens: int | None = None,
        cache_write_tokens: int | None = None,
        cache_write_1h_tokens: int | None = None,
        audio_in_tokens: int | None = None,
        image_in_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        audio_out_tokens: int | None = None,
        source: UsageSource = "provider",
    ) -> None:
        """Tokens used: input with cached ones, output with reasoning. `None` is unknown; zero is data.

        Args:
            source: `provider` when the provider counted, `estimated` when anybody else did.
        """
        draft = self._open_draft()
        if source not in USAGE_SOURCES:
            raise ValueError(f"source: expected one of {', '.join(USAGE_SOURCES)}")
        counts = (
            ("input_tokens", input_tokens),
            ("output_tokens", output_tokens),
            ("total_tokens", total_tokens),
            ("cache_read_tokens", cache_read_tokens),
            ("cache_write_tokens", cache_write_tokens),
            ("cache_write_1h_tokens", cache_write_1h_tokens),
            ("audio_in_tokens", audio_in_tokens),
            ("image_in_tokens", image_in_tokens),
            ("reasoning_tokens", reasoning_tokens),
            ("audio_out_tokens", audio_out_tokens),
        )
        wrong: ValueError | None = None
        for name, tokens in counts:
            try:
                draft.count(name, tokens)
            except ValueError as fault:  # costs this number only
                wrong = fault
        draft.usage_source = source if draft.usage else "none"
        if wrong is not None:
            raise wrong

    @_guarded
    def finish(
        self, reason: str | None = None, *, model_served: str | None = None, service_tier: str | None = None
    ) -> None:
        """The model finished: why, in the provider's word, which model it really was, and in which tier."""
        draft = self._open_draft()
        if reason is not None:
            draft.finish_reason_raw = str(reason)
        if model_served is not None:
            draft.model_served = str(model_served)
        if service_tier is not None:
            draft.service_tier = str(service_tier)

    @_guarded
    def first_token(self) -> None:
        """The first token arrived now; the answer is being streamed."""
        draft = self._open_draft()
        draft.stream = True
        draft.timeline.first(self._recorder.monotonic_ns())

    @_guarded
    def fail(
        self,
        error: BaseException | str,
        *,
        code: str | None = None,
        http_status: int | None = None,
        status: Status | None = None,
    ) -> None:
        """The call failed without raising through the block.

        Args:
            error: The exception (only its name and codes are kept), or a short name for what went wrong.
            code: The provider's own code.
            status: How it ended, where that does not follow from the code and `http_status`.
        """
        self._open_draft()
        if isinstance(error, BaseException):
            found = failed(error)
        else:
            name = word(error)
            found = Ending(failure_status(name, None), name or _OTHER)
        self._failure = found  # whatever is wrong with the rest, the call did fail
        code = found.error_code if code is None else word(code)
        if http_status is None:
            http_status = found.http_status
        elif not is_http_status(http_status):
            raise ValueError("http_status: expected 100 to 599")
        if status is None:
            told = failure_status(code, http_status)
            status = found.status if told == "error" else told
        elif status not in STATUSES or status == "ok":
            raise ValueError(f"status: expected a failing one of {', '.join(STATUSES)}")
        self._failure = Ending(status, found.error_type, code, http_status)

    @_guarded
    def _begin(self) -> None:
        self._draft = self._recorder.begin(self._request)

    @_guarded
    def _end(self, fault: BaseException | None) -> None:
        draft = self._open_draft()
        if fault is not None:
            ending = failed(fault)
        elif self._failure is not None:
            ending = self._failure
        else:
            ending = finished(draft.finish_reason_raw)
        self._recorder.write(draft, ending)

    def _open_draft(self) -> Draft:
        if self._draft is None or self._draft.is_written:
            raise RuntimeError("this call is used outside its `with` block")
        return self._draft


def inference(
    recorder: Recorder,
    operation: str,
    *,
    provider: str,
    model: str,
    task: str | None = None,
    api: str | None = None,
    stream: bool = False,
    endpoint_host: str | None = None,
    batch: bool = False,
) -> Call:
    """A call recorded by hand with a recorder of your own; `inferwatch.inference` uses the default one."""
    request = Request(
        operation=_told(recorder, str, operation) or _UNKNOWN,
        provider=_told(recorder, str, provider) or _UNKNOWN,
        model=_told(recorder, str, model) or _UNKNOWN,
        stream=_told(recorder, bool, stream) or False,
        api=_told(recorder, str, api),
        task=_told(recorder, str, task),
        endpoint_host=_told(recorder, str, endpoint_host),
        batch=_told(recorder, bool, batch) or False,
    )
    return Call(recorder, request)


def _told(recorder: Recorder, kind: Callable[[object], _T], value: object) -> _T | None:
    try:
        return None if value is None else kind(value)
    except Exception as fault:  # noqa: BLE001 (capture never raises into the application)
        recorder.fault("inference(...)", fault)
        return None
