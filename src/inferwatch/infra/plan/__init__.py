"""The plan: which resources watch an application's inferences, as plain data.

In:  a `Spec`, and the catalog.
Out: a `Plan`: resources, each behind those it needs, to the Pulumi component, `check`, `cost` and tests.

Nothing here imports Pulumi or speaks to AWS: `plan(spec)` is a function of its argument.

A `Resource` has a Pulumi `type` token, a `key` that never changes while its meaning does not, a `name`
(unique in the plan, made of the spec's name and the key: Pulumi's logical name), and `properties`, spelt as a
Pulumi program in Python spells them (`alarm_actions`, `metric_queries=[{"id": ..}]`). A property's value is
plain data in which some leaves are known only when the stack is made:

    Ref(key, attribute)   an output of another resource of the plan, e.g. Ref("topic/critical", "arn")
    Given(name)           what the deployment brings: `region`, `account_id`, `partition`, `console_domain`;
                          what the caller has as an output too: a topic's ARN, a webhook's URL, a log group
    Join(parts)           a text put together of such leaves
    Json(document)        the JSON text of a document that holds such leaves

`references(value)` names them; `fill(value, known)` puts them in and leaves plain data. `infra/leaves.py`
makes Pulumi's Outputs of them. `plan.outputs` holds what a program exports, values of the same kind.
`plan.warnings` says who is told of nothing; `plan.notes` what is left out and why; `plan.size` what it costs
in metrics and alarms.
"""

from inferwatch.infra.plan.assembly import plan
from inferwatch.infra.plan.budget import Budget
from inferwatch.infra.plan.model import Model
from inferwatch.infra.plan.mute import Mute
from inferwatch.infra.plan.notify import GivenWebhook, Notify
from inferwatch.infra.plan.printer import print_plan
from inferwatch.infra.plan.resource import Plan, Resource, Size
from inferwatch.infra.plan.slo import Slo
from inferwatch.infra.plan.spec import Alarm, Anomaly, Spec
from inferwatch.infra.plan.values import Given, Join, Json, Ref, Value, fill, references

__all__ = [
    "Alarm",
    "Anomaly",
    "Budget",
    "Given",
    "GivenWebhook",
    "Join",
    "Json",
    "Model",
    "Mute",
    "Notify",
    "Plan",
    "Ref",
    "Resource",
    "Size",
    "Slo",
    "Spec",
    "Value",
    "fill",
    "plan",
    "print_plan",
    "references",
]
