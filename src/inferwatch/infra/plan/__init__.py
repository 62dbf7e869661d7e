"""The plan: which resources watch an application's inferences, as plain data.

In:  a `Spec`, and the catalog.
Out: a `Plan`: resources, each behind those it needs, to the Pulumi component, `check`, `cost` and tests.

Nothing here imports Pulumi or speaks to AWS: `plan(spec)` is a function of its argument.

A `Resource` has a Pulumi `type` token, a `key` that never changes while its meaning does not, a `name`
(unique in the plan, made of the spec's name and the key: Pulumi's logical name), and `properties`, spelt as a
Pulumi program in Python spells them (`alarm_actions`, `metric_queries=[{"id": ..}]`). A property's value is
plain data in which some leaves are known only when the stack is made:

    Ref(key, attribute)   an output of another resource of the plan, e.g. Ref("topic/critical", "arn")
    Given(name)           what the deployment brings: `region`, `account_id`, `partition`, or a topic of the
                          caller's own, whose ARN is an output too
    Join(parts)           a text put together of such leaves
    Json(document)        the JSON text of a document that holds such leaves

`references(value)` names them; `fill(value, known)` puts them in and leaves plain data. So a component is

    for resource in plan.resources:
        properties = {}
        for name, value in resource.properties.items():
            leaves = references(value)
            known = [getattr(made[leaf.key], leaf.attribute) if isinstance(leaf, Ref) else given[leaf.name]
                     for leaf in leaves]                                                      # Outputs
            properties[name] = Output.all(*known).apply(lambda texts: fill(value, dict(zip(leaves, texts))))
        made[resource.key] = class_of(resource.type)(resource.name, **properties)

and on an engine that answers at once `known` is plain text. `plan.outputs` holds what a program exports,
values of the same kind. `plan.notes` says what is left out and why; `plan.size` what it costs in metrics and
alarms.
"""

from inferwatch.infra.plan.assembly import plan
from inferwatch.infra.plan.budget import Budget
from inferwatch.infra.plan.model import Model
from inferwatch.infra.plan.mute import Mute
from inferwatch.infra.plan.notify import Notify
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
