"""Joins capture to ship: the one place that knows both, and the functions the package exports.

The default recorder is made by `configure`, or at the first call from the environment when that names a log
group. Until then calls are counted, said once, and not recorded; the application sees no difference.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, TypeVar, get_args, overload

from inferwatch import capture
from inferwatch.capture import Call, Recorder
from inferwatch.capture.default import DEFAULT
from inferwatch.capture.prices import Price, Pricer
from inferwatch.model import variables
from inferwatch.model.errors import UsageError
from inferwatch.model.process import warn
from inferwatch.pipeline import Pipeline, check_namespace
from inferwatch.ship.environment import NO_LOG_GROUP, given, profile_region, program_name, resolve
from inferwatch.ship.location import default_spool
from inferwatch.ship.log_handler import LogHandler as ShipLogHandler
from inferwatch.ship.policy import MAX_BYTES, Durability, Full, Policy
from inferwatch.ship.report import Report, total_report, total_stats
from inferwatch.ship.report import Stats as ShipStats
from inferwatch.ship.target import Target

ClientT = TypeVar("ClientT")
Destination: TypeAlias = Literal["cloudwatch", "stdout"]

_EVERYTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Stats(ShipStats):
    """What became of every record, and of what was not recorded.

    Args:
        faults: Faults of inferwatch itself that the application never saw.
        skipped: Calls of instrumented clients through entry points that are not recorded yet.
        unrecorded: Calls made while no log group was known.
    """

    faults: int = 0
    skipped: int = 0
    unrecorded: int = 0


class LogHandler(ShipLogHandler):
    """A `logging.Handler` whose records go where inferences go.

    `logging.getLogger().addHandler(inferwatch.LogHandler())` is all. Each is a record of `type` "log",
    which no filter for inferences takes for one. Never waits, never raises.
    """

    def __init__(self, level: int | str = logging.NOTSET) -> None:
        super().__init__(_emit_log, level)


def _emit_log(entry: dict[str, object]) -> None:
    recorder = default_recorder()
    if isinstance(recorder, Pipeline):
        recorder.shipper.emit(entry)


class _StandIn(Recorder):
    """The recorder while no log group is known: counts what it loses, and says why once."""

    def __init__(self) -> None:
        super().__init__(self._lose, service=given(None, os.environ, variables.SERVICE) or program_name())
        self.reason = NO_LOG_GROUP
        self.tried_group: str | None = None
        self.lost = 0

    def _lose(self, _: dict[str, object]) -> None:
        self.lost += 1
        if self.lost == 1:
            warn(self.reason)


def configure(
    *,
    service: str | None = None,
    log_group: str | None = None,
    log_stream: str | None = None,
    region: str | None = None,
    endpoint_url: str | None = None,
    spool_dir: str | os.PathLike[str] | None = None,
    linger_s: float = 1.0,
    compress: bool | None = None,
    full: Full = "drop_oldest",
    block_timeout_s: float = 1.0,
    spool_max_bytes: int = MAX_BYTES,
    durability: Durability = "kill",
    self_metrics: bool = False,
    prices: Mapping[str, Price] = MappingProxyType({}),
    emf: str | None = None,
    destination: Destination = "cloudwatch",
) -> None:
    """Say where records go; what is not given is read from the environment, as `inferwatch env` prints it.

    Configuring again is for the calls that begin after it. Those already under way end where they began, and
    the sender before goes on with what it holds: `flush` and `stats` are about both.

    Args:
        service: The application's name on every record; `INFERWATCH_SERVICE`, else the program's file name.
        log_group: `INFERWATCH_LOG_GROUP`. Created when it does not exist.
        log_stream: A name or a template of `{service}`, `{host}`, `{pid}` and `{task}`; the name in
            `INFERWATCH_LOG_STREAM`, else one stream per process.
        region: `AWS_REGION`, `AWS_DEFAULT_REGION`, else the AWS profile's; `us-east-1` on loopback.
        endpoint_url: `AWS_ENDPOINT_URL_CLOUDWATCH_LOGS`, `AWS_ENDPOINT_URL`, else AWS's own.
        spool_dir: Where records wait until CloudWatch Logs has them, and survive a crash of this process;
            `INFERWATCH_SPOOL_DIR`, else a folder of the service under the user's state, or under the
            temporary folder where that cannot be, as on Lambda.
        linger_s: How long a record may wait for others to share its request.
        compress: Send gzip; `None` does where `isal` is installed and the endpoint is not on this machine.
        full: When the spool is full, `drop_oldest`, `drop_newest`, `block` the caller for `block_timeout_s`
            at most, or `sample` one in ten from the half on. Records whose status is not `ok` go last.
        spool_max_bytes: How much may wait; 4 MiB at least.
        durability: Records survive a `kill` of the process, a loss of `power` but for the last second, or
            nothing in `memory`.
        self_metrics: Once a minute a record of `type` "ship" as well: what was accepted, delivered, dropped
            and so on, and how long records waited.
        prices: What models cost you where that is not the list price: a name as in `gpt-5-mini`,
            `azure.ai.openai/gpt-5-*` or `*` → `Price`; the first that fits counts.
        emf: A metric namespace: each inference's record says in an `_aws` member which of its numbers are
            metrics, and CloudWatch makes them without metric filters (the embedded metric format).
        destination: `stdout` writes each record as a line of the standard output instead, which AWS Lambda
            takes to the function's own log group. Then only `service`, `prices` and `emf` matter.

    Raises:
        UsageError: No log group or region is known, a name is one AWS would refuse, or a word is unknown.
    """
    if destination not in get_args(Destination):
        raise UsageError(f"destination={destination!r}: expected one of {', '.join(get_args(Destination))}")
    check_namespace(emf)
    if destination == "stdout":
        from inferwatch.ship.lines import Lines

        name = given(service, os.environ, variables.SERVICE) or program_name()
        _use(Pipeline(Lines(), service=name, pricer=Pricer(prices), emf=emf))
        return
    target = resolve(
        os.environ,
        service=service,
        log_group=log_group,
        log_stream=log_stream,
        region=region,
        endpoint_url=endpoint_url,
    )
    if target.region is None:
        target = replace(target, region=profile_region())
    spool = default_spool(os.environ, target.service) if spool_dir is None else Path(spool_dir)
    policy = Policy(full, block_timeout_s, spool_max_bytes, durability)
    _use(
        _pipeline(
            target,
            spool,
            policy,
            linger_s=linger_s,
            compress=compress,
            tells=self_metrics,
            pricer=Pricer(prices),
            emf=emf,
        )
    )


def _use(pipeline: Pipeline) -> None:
    """From now on; the recorder before goes on with what it holds."""
    with DEFAULT.lock:
        if DEFAULT.recorder is not None:
            DEFAULT.retired = (*DEFAULT.retired, DEFAULT.recorder)
        DEFAULT.recorder = pipeline


def _pipeline(
    target: Target,
    spool: Path,
    policy: Policy,
    *,
    linger_s: float = 1.0,
    compress: bool | None = None,
    tells: bool = False,
    pricer: Pricer | None = None,
    emf: str | None = None,
) -> Pipeline:
    from inferwatch.ship.send import Transport
    from inferwatch.ship.shipper import Shipper

    transport = partial(Transport, compress=compress)
    shipper = Shipper(
        target, spool_dir=spool, policy=policy, linger_s=linger_s, transport=transport, tells=tells
    )
    return Pipeline(shipper, service=target.service, pricer=pricer, emf=emf)


def inference(
    operation: str,
    *,
    provider: str,
    model: str,
    task: str | None = None,
    api: str | None = None,
    stream: bool = False,
    endpoint_host: str | None = None,
    batch: bool = False,
    recorder: Recorder | None = None,
) -> Call:
    """Record one call by hand: leaving the `with` block writes its record, whatever happened inside.

    Works in coroutines too. An exception passes unchanged. Nothing here raises into the application.

    Args:
        operation: What is asked for: `chat`, `embeddings`, `rerank`, …
        provider: Who serves the model, e.g. `openai` or `aws.bedrock`.
        task: The inference task, for filters and dashboards.
        api: Which of the provider's APIs.
        stream: Whether the answer is streamed; `call.first_token()` says so too.
        endpoint_host: Where the model runs, when not at the provider's own host.
        batch: Whether the call is part of a batch, which costs less.
        recorder: Instead of the default one.
    """
    return capture.inference(
        recorder or default_recorder(),
        operation,
        provider=provider,
        model=model,
        task=task,
        api=api,
        stream=stream,
        endpoint_host=endpoint_host,
        batch=batch,
    )


@overload
def instrument(*, provider: str | None = None, recorder: Recorder | None = None) -> None: ...


@overload
def instrument(
    client: ClientT, *, provider: str | None = None, recorder: Recorder | None = None
) -> ClientT: ...


def instrument(
    client: object = _EVERYTHING, *, provider: str | None = None, recorder: Recorder | None = None
) -> object:
    """Record every call of a client, plain or streamed, and give back the same object; or of every client.

    Known are the clients of `openai` (chat completions, responses, embeddings, and `parse`, `stream` and raw
    responses of these), `anthropic` (messages), `boto3` (Amazon Bedrock: Converse, InvokeModel and their
    streams) and `google.genai` (generate_content, embed_content), sync and async, their subclasses and
    copies. Without a client: all of them, there already or still to be made, and of libraries that are
    imported later. Other calls of models are counted as skipped; other APIs are left untouched.
    Instrumenting twice changes nothing. `configure` may come before or after.

    Args:
        provider: Who serves the model, where the client's address does not say so.
        recorder: Instead of the default one.

    Raises:
        UsageError: The object is not a client we know.
    """
    ask = default_recorder if recorder is None else lambda: recorder
    if client is _EVERYTHING:
        capture.instrument_all(provider=provider, recorder=ask)
        return None
    return capture.instrument(client, provider=provider, recorder=ask)


@overload
def uninstrument() -> None: ...


@overload
def uninstrument(client: ClientT) -> ClientT: ...


def uninstrument(client: object = _EVERYTHING) -> object:
    """Undo `instrument`, of a client or of all; gives back the same object."""
    if client is _EVERYTHING:
        capture.uninstrument_all()
        return None
    return capture.uninstrument(client)


def flush(timeout_s: float = 5.0) -> Report:
    """Send what waits, for at most `timeout_s`, and say what was sent, waits, was dropped, rejected, and why.

    Blocks: not for an event loop. Never raises.
    """
    deadline_s = time.monotonic() + timeout_s
    return total_report(
        each.flush(max(0.0, deadline_s - time.monotonic()))
        for each in _recorders()
        if isinstance(each, Pipeline)
    )


def stats() -> Stats:
    """Counts since this process began."""
    recorders, stand_in = _recorders(), DEFAULT.stand_in
    shipped = total_stats(each.shipper.stats() for each in recorders if isinstance(each, Pipeline))
    tallies = [each.tally() for each in recorders]
    return Stats(
        **asdict(shipped),
        faults=sum(tally.faults for tally in tallies),
        skipped=sum(tally.skipped for tally in tallies),
        unrecorded=stand_in.lost if isinstance(stand_in, _StandIn) else 0,
    )


def _recorders() -> tuple[Recorder, ...]:
    """Every one that counts: first the one in use, which has the first claim to a flush's time."""
    with DEFAULT.lock:
        found = (DEFAULT.recorder, DEFAULT.stand_in, *reversed(DEFAULT.retired))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def default_recorder() -> Recorder:
    """The recorder that `configure` set, else one from the environment, else one that counts losses."""
    recorder = DEFAULT.recorder
    return _from_environment() if recorder is None else recorder


def _from_environment() -> Recorder:
    with DEFAULT.lock:
        if DEFAULT.recorder is not None:
            return DEFAULT.recorder
        if not isinstance(DEFAULT.stand_in, _StandIn):
            DEFAULT.stand_in = _StandIn()
        stand_in = DEFAULT.stand_in
        group = os.environ.get(variables.LOG_GROUP)
        if group and group != stand_in.tried_group and not DEFAULT.recordings:
            stand_in.tried_group = group
            try:
                target = resolve(os.environ)  # the region is left to the sender
                DEFAULT.recorder = _pipeline(target, default_spool(os.environ, target.service), Policy())
            except Exception as fault:  # noqa: BLE001 (a call of the application is on its way)
                stand_in.reason = f"nothing is recorded: {fault}"
            else:
                return DEFAULT.recorder
        return stand_in
