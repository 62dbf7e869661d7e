"""Amazon Bedrock's model invocation log.

Source: Amazon Bedrock User Guide, "Monitor model invocation using CloudWatch Logs"; shapes of Converse's and
InvokeModel's answers in the service model.
Differs: AWS's guide does not list `errorCode`; it is read as published third-party schemas have it.
"""

from __future__ import annotations

from typing import Final

from inferwatch.catalog.readings import MILLISECONDS, Absent, Filter, Source

_INVOCATION: Final = '$.schemaType = "ModelInvocationLog"'
_NOT_STREAMED: Final = "Answers of Converse and of Anthropic's models only, and not streamed ones."
_CLIENT: Final = Absent("the log is the service's: what its caller saw is not in it")


def _stopped(*reasons: str, **more: str) -> Filter:
    conditions = [f'$.output.outputBodyJson.stopReason = "{reason}"' for reason in reasons]
    conditions += [f'$.output.outputBodyJson.{field} = "{reason}"' for field, reason in more.items()]
    return Filter(" || ".join(conditions), note=_NOT_STREAMED)


def _tokens(selector: str) -> Filter:
    return Filter(f"{selector} >= 0", selector)


BEDROCK: Final = Source(
    "bedrock",
    "Amazon Bedrock's model invocation log.",
    "$.modelId",
    {
        "requests": Filter(_INVOCATION),
        "ended": Filter(_INVOCATION),
        "failed": Filter(f'{_INVOCATION} && $.errorCode = * && $.errorCode != "ThrottlingException"'),
        "timeouts": Filter('$.errorCode = "ModelTimeoutException"'),
        "cut": Filter('$.errorCode = "ModelStreamErrorException"'),
        "throttled": Filter('$.errorCode = "ThrottlingException"'),
        "blocked": _stopped("guardrail_intervened"),
        "cancelled": _CLIENT,
        "abandoned": _CLIENT,
        "length": _stopped("max_tokens", stop_reason="max_tokens"),
        "filtered": _stopped("content_filtered", "guardrail_intervened", stop_reason="refusal"),
        "retried": Absent("each request is an entry of its own"),
        "throttles": Absent("each request is an entry of its own: see throttled"),
        "duration": Filter(
            "$.output.outputBodyJson.metrics.latencyMs >= 0",
            "$.output.outputBodyJson.metrics.latencyMs",
            MILLISECONDS,
            note="Converse only, not streamed: other answers hold no latency. AWS/Bedrock's "
            "InvocationLatency has them all.",
        ),
        "ttft": Absent("not in the log; AWS/Bedrock's TimeToFirstToken has it"),
        "tpot": Absent("not in the log"),
        "input": Absent("the log counts cached tokens apart: see uncached_input_tokens, cache_read_tokens"),
        "uncached": _tokens("$.input.inputTokenCount"),
        "output": _tokens("$.output.outputTokenCount"),
        "cache_read": _tokens("$.input.cacheReadInputTokenCount"),
        "cache_write": _tokens("$.input.cacheWriteInputTokenCount"),
        "reasoning": Absent("not in the log"),
        "cost": Absent("not in the log"),
        "unpriced": Absent("not in the log"),
        "dropped": Absent("AWS/Bedrock's ModelInvocationLogsCloudWatchDeliveryFailure counts them"),
    },
    {
        "inference": 'schemaType = "ModelInvocationLog"',
        "model": "modelId",
        "duration_ms": "output.outputBodyJson.metrics.latencyMs",
        "input_tokens": "input.inputTokenCount",
        "output_tokens": "output.outputTokenCount",
        "error": "errorCode",
        "failed": "ispresent(errorCode)",
        "throttled": 'errorCode = "ThrottlingException"',
        "id": "requestId",
    },
)
