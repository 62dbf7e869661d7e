"""The Pulumi engine a program's SDK talks to: its ResourceMonitor and Engine services, in this process.

Methods have the services' own names and take (request, context); the SDK is given this object through
`pulumi.runtime.Settings(monitor=..., engine=...)`. Only what we carry out is advertised; the SDK itself
refuses the rest, and what it lets through is refused here by name.
Order: registrations arrive in a topological order and are carried out one at a time in that order.
"""

# ruff: noqa: N802, ARG002 - the services' own names and arguments
from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.diff import DEFAULTS_KEY
from inferwatch.deploy.endpoint import Edge, StepError, call_endpoint
from inferwatch.deploy.goal import Goal, make_urn, position, read_goal, refused_options, type_words
from inferwatch.deploy.ledger import Ledger
from inferwatch.deploy.lookups import LOOKUPS, Lookup
from inferwatch.deploy.references import STACK_REFERENCE
from inferwatch.deploy.result import Event
from inferwatch.deploy.state import Resource
from inferwatch.deploy.stepper import Stepper
from inferwatch.deploy.values import Properties, decode_struct, encode_struct, has_unknown, plain
from inferwatch.model.errors import InferwatchError

# Older SDKs have only what a provider answers.
_INVOKE_RESPONSE: Final[Any] = getattr(resource_pb2, "ResourceInvokeResponse", provider_pb2.InvokeResponse)
_FEATURES: Final = ("SECRETS", "DELETED_WITH")
# The same, as SDKs ask that do not know GetDeploymentInfo.
_FEATURE_IDS: Final = ("secrets", "deletedWith")
_SEVERITIES: Final = {
    engine_pb2.INFO: "info",
    engine_pb2.WARNING: "warning",
    engine_pb2.ERROR: "error",
}


# A sentence that begins with `FILE:LINE`.
_PLACED: Final = re.compile(r"\S+:\d+: ")


class Deployment:
    """One run of a program: a preview, which collects every failure, or for real, up to the first one.

    Args:
        ledger: Its `dry_run` decides which of the two it is.
        config: Pulumi config, by full key.
        secret_keys: Those whose values are secret.
        directory: Holds the program; what lies in it is the user's code.
        read_stack: Gives the properties of a reference to another stack.
    """

    def __init__(
        self,
        ledger: Ledger,
        edge: Edge,
        *,
        config: Mapping[str, str],
        secret_keys: frozenset[str],
        directory: Path,
        read_stack: Callable[[str], Properties],
    ) -> None:
        self._read_stack = read_stack
        self._ledger = ledger
        self._edge = edge
        self._stepper = Stepper(ledger, edge)
        self._config = config
        self._secret_keys = secret_keys
        self._directory = directory
        self._root = ""
        self._lock = threading.Lock()
        self.failures: list[str] = []

    # --- ResourceMonitor: what a program registers and looks up

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: object = None
    ) -> resource_pb2.RegisterResourceResponse:
        """Bring one resource to what the program asks."""
        with self._lock:
            self._go_on()
            try:
                goal = self._goal(request)
                resource = self._stepper.register(goal)
            except (StepError, InferwatchError) as failure:
                raised = self._fail(failure)
                if not self._ledger.dry_run or not request.supportsResultReporting:
                    raise raised from failure
                # Its outputs stay unknown, and the preview goes on to the next failure.
                urn = make_urn(
                    self._ledger.stack, self._ledger.project, request.parent, request.type, request.name
                )
                return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.FAIL)
        return _response(resource)

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: object = None
    ) -> empty_pb2.Empty:
        """Keep what a component, or the stack, exports."""
        with self._lock:
            self._stepper.register_outputs(request.urn, decode_struct(request.outputs))
        return empty_pb2.Empty()

    def ReadResource(
        self, request: resource_pb2.ReadResourceRequest, context: object = None
    ) -> resource_pb2.ReadResourceResponse:
        """Look up a resource the stack does not own."""
        with self._lock:
            self._go_on()
            if request.type == STACK_REFERENCE:
                return self._stack_reference(request)
            try:
                resource = self._stepper.read(self._read_goal(request), request.id)
            except (StepError, InferwatchError) as failure:
                raise self._fail(failure) from failure
        return resource_pb2.ReadResourceResponse(
            urn=resource.urn, properties=encode_struct(resource.outputs), id=resource.id
        )

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest, context: object = None) -> Any:
        """Call a lookup function."""
        where = position(request, self._directory)
        words = f"{where}: {type_words(request.tok)}".removeprefix(": ")
        with self._lock:
            self._go_on()
            try:
                lookup = LOOKUPS.get(request.tok)
                if lookup is None:
                    known = ", ".join(type_words(token) for token in LOOKUPS)
                    raise StepError(f"{words}: inferwatch does not support this function yet; it has {known}")
                provider = request.provider or self._ledger.default_provider(request.version)
                clients = self._ledger.clients(self._edge.clients, provider, words)
                arguments = decode_struct(request.args)
                if has_unknown(arguments):
                    raise StepError(f"{words}: an argument depends on something that could not be made")
                answer = _look_up(lookup, clients, plain(arguments), words)
            except (StepError, InferwatchError) as failure:
                raise self._fail(failure) from failure
        # The field is called `return`, a word of the language.
        return _INVOKE_RESPONSE(**{"return": encode_struct(answer)})

    # --- ResourceMonitor: what we are

    def GetDeploymentInfo(
        self, request: empty_pb2.Empty, context: object = None
    ) -> resource_pb2.DeploymentInfo:
        """Say what this deployment is and which features it carries out."""
        return resource_pb2.DeploymentInfo(
            project=self._ledger.project,
            stack=self._ledger.stack,
            config=dict(self._config),
            configSecretKeys=sorted(self._secret_keys),
            dryRun=self._ledger.dry_run,
            parallel=1,
            supportedFeatures=[
                resource_pb2.ResourceMonitorFeature.Value(f"RESOURCE_MONITOR_FEATURE_{name}")
                for name in _FEATURES
            ],
        )

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest, context: object = None
    ) -> resource_pb2.SupportsFeatureResponse:
        """Say whether a feature is carried out."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURE_IDS)

    def SignalAndWaitForShutdown(self, request: empty_pb2.Empty, context: object = None) -> empty_pb2.Empty:
        """Let the program end: hooks, which would need it alive, are not supported."""
        return empty_pb2.Empty()

    def Call(self, request: resource_pb2.ResourceCallRequest, context: object = None) -> Any:
        """Refuse a method of a remote component."""
        return self._refuse(f"the resource method {request.tok}")

    def ExistsResource(self, request: Any, context: object = None) -> Any:
        """Refuse to ask whether a resource exists."""
        return self._refuse("resource existence checks")

    def RegisterStackTransform(self, request: Any, context: object = None) -> Any:
        """Refuse transforms of the whole stack."""
        return self._refuse("stack transforms")

    def RegisterStackInvokeTransform(self, request: Any, context: object = None) -> Any:
        """Refuse transforms of function calls."""
        return self._refuse("invoke transforms")

    def RegisterResourceHook(self, request: Any, context: object = None) -> Any:
        """Refuse resource hooks."""
        return self._refuse("resource hooks")

    def RegisterErrorHook(self, request: Any, context: object = None) -> Any:
        """Refuse error hooks."""
        return self._refuse("error hooks")

    def RegisterPackage(self, request: Any, context: object = None) -> Any:
        """Refuse parameterized packages."""
        return self._refuse(f"parameterized packages ({request.name})")

    # --- Engine

    def Log(self, request: engine_pb2.LogRequest, context: object = None) -> empty_pb2.Empty:
        """Pass on what the program logs; an error it logs fails the deployment, as with the real CLI."""
        kind = _SEVERITIES.get(request.severity)
        if kind is not None:
            message = request.message.rstrip()
            if kind == "error":
                self.failures.append(message)
            else:
                self._edge.emit(Event(kind, message=message))
        return empty_pb2.Empty()

    def GetRootResource(
        self, request: engine_pb2.GetRootResourceRequest, context: object = None
    ) -> engine_pb2.GetRootResourceResponse:
        """The stack resource's URN."""
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(
        self, request: engine_pb2.SetRootResourceRequest, context: object = None
    ) -> engine_pb2.SetRootResourceResponse:
        """Remember the stack resource's URN."""
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def RequirePulumiVersion(self, request: Any, context: object = None) -> Any:
        """Refuse: there is no Pulumi CLI here whose version could be asked for."""
        return self._refuse("require_pulumi_version")

    def StartDebugging(self, request: Any, context: object = None) -> Any:
        """Refuse to attach a debugger."""
        return self._refuse("attaching a debugger to the program")

    # ---

    def _goal(self, request: resource_pb2.RegisterResourceRequest) -> Goal:
        goal = read_goal(
            request, stack=self._ledger.stack, project=self._ledger.project, directory=self._directory
        )
        if refused := refused_options(request):
            raise StepError(f"{goal.words}: inferwatch does not support {', '.join(refused)} yet")
        return goal

    def _read_goal(self, request: resource_pb2.ReadResourceRequest) -> Goal:
        return Goal(
            urn=make_urn(
                self._ledger.stack, self._ledger.project, request.parent, request.type, request.name
            ),
            type=request.type,
            name=request.name,
            custom=True,
            inputs={},
            parent=request.parent,
            provider=request.provider,
            version=request.version,
            dependencies=tuple(sorted(set(request.dependencies))),
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            position=position(request, self._directory),
        )

    def _stack_reference(
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """What another stack exported; this one keeps none of it."""
        goal = self._read_goal(request)
        try:
            properties = self._read_stack(request.id)
        except LookupError as unknown:
            raise self._fail(StepError(f"{goal.words}: {unknown}")) from unknown
        return resource_pb2.ReadResourceResponse(
            urn=goal.urn, properties=encode_struct(properties), id=request.id
        )

    def place_failure(self, failure: StepError, where: str) -> None:
        """Say where a failure was met, if that is only known now."""
        text = str(failure)
        if where and not _PLACED.match(text):
            self.failures = [f"{where}: {known}" if known == text else known for known in self.failures]

    def _go_on(self) -> None:
        """Begin nothing new once something failed for real."""
        if self.failures and not self._ledger.dry_run:
            raise StepError("stopped after the first failure")

    def _fail(self, failure: Exception) -> StepError:
        self.failures.append(str(failure))
        return failure if isinstance(failure, StepError) else StepError(str(failure))

    def _refuse(self, feature: str) -> Any:
        raise self._fail(StepError(f"inferwatch does not support {feature} yet"))


def _look_up(lookup: Lookup, clients: Clients, arguments: Properties, words: str) -> Properties:
    try:
        return call_endpoint(words, lambda: lookup(clients, arguments))
    except ValueError as error:
        raise StepError(f"{words}: {error}") from error


def _response(resource: Resource) -> resource_pb2.RegisterResourceResponse:
    outputs = {key: value for key, value in resource.outputs.items() if key != DEFAULTS_KEY}
    return resource_pb2.RegisterResourceResponse(
        urn=resource.urn, id=resource.id, object=encode_struct(outputs)
    )
