"""aws.sns.TopicSubscription.

Source: terraform-provider-aws `internal/service/sns/topic_subscription.go`; API reference, "Subscribe".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Final

from inferwatch.deploy.clients import Clients
from inferwatch.deploy.resources.handler import Handler, Kind, Live, PassingOver, Problem, Property
from inferwatch.deploy.values import Properties
from inferwatch.model.address import without_password

_PROTOCOLS: Final = (
    "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs",
)  # fmt: skip
_MAIL: Final = ("email", "email-json")
_CONFIRMED_LATER: Final = (*_MAIL, "http", "https")


class TopicSubscription(Handler):
    """An endpoint told of everything published to a topic.

    Differs: the real provider waits for an http(s) endpoint that confirms by itself (`endpointAutoConfirms`,
    `confirmationTimeoutInMinutes`); here nobody waits, and an application may start after its subscription.
    """

    token = "aws:sns/topicSubscription:TopicSubscription"
    words = "SNS subscription"
    computed = ("arn", "ownerId", "pendingConfirmation", "confirmationWasAuthenticated")
    properties: ClassVar = {
        "endpoint": Property(Kind.STRING, required=True, forces_new=True),
        "protocol": Property(Kind.STRING, required=True, forces_new=True),
        "topic": Property(Kind.STRING, required=True, forces_new=True),
        "rawMessageDelivery": Property(Kind.BOOLEAN, default=False),
        "region": Property(Kind.STRING, forces_new=True),
        "confirmationTimeoutInMinutes": Property(Kind.INTEGER, default=1),
        "endpointAutoConfirms": Property(Kind.BOOLEAN, default=False),
    }

    def validate(self, inputs: Properties) -> Iterator[Problem]:
        protocol, endpoint = inputs["protocol"], inputs["endpoint"]
        if isinstance(protocol, str) and protocol not in _PROTOCOLS:
            yield Problem("protocol", f"expected one of {', '.join(_PROTOCOLS)}; got {protocol!r}")
        if (
            protocol in ("http", "https")
            and isinstance(endpoint, str)
            and not endpoint.startswith(f"{protocol}://")
        ):
            yield Problem(
                "endpoint",
                f"expected a URL that begins with {protocol}://, got {without_password(repr(endpoint))}",
            )

    def create(self, clients: Clients, inputs: Properties) -> Live:
        attributes = {"RawMessageDelivery": "true"} if inputs.get("rawMessageDelivery") else {}
        arn = clients.sns(inputs.get("region")).subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            ReturnSubscriptionArn=True,
            **({"Attributes": attributes} if attributes else {}),
        )["SubscriptionArn"]
        return self._live(clients, arn, inputs, pending=inputs["protocol"] in _CONFIRMED_LATER)

    def notice(self, outputs: Properties) -> str:
        if outputs["protocol"] not in _MAIL or not outputs["pendingConfirmation"]:
            return ""
        return (
            "it hears nothing until the link in the mail it was sent is followed, as on AWS; "
            "the console shows that mail among its deliveries"
        )

    def read(self, clients: Clients, id: str, state: Properties) -> Live | None:
        sns = clients.sns(state.get("region"))
        with PassingOver("NotFound"):
            attributes = sns.get_subscription_attributes(SubscriptionArn=id)["Attributes"]
            endpoint = attributes["Endpoint"]
            known = state.get("endpoint")
            if isinstance(known, str) and without_password(known) == endpoint:
                endpoint = known  # its password is never told
            found = {
                "endpoint": endpoint,
                "protocol": attributes["Protocol"],
                "topic": attributes["TopicArn"],
                "rawMessageDelivery": attributes.get("RawMessageDelivery") == "true",
            }
            pending = attributes.get("PendingConfirmation") == "true"
            return self._live(clients, id, state | found, pending=pending)
        return None

    def update(self, clients: Clients, id: str, inputs: Properties, old: Properties) -> Live:
        if inputs.get("rawMessageDelivery") != old.get("rawMessageDelivery"):
            clients.sns(inputs.get("region")).set_subscription_attributes(
                SubscriptionArn=id,
                AttributeName="RawMessageDelivery",
                AttributeValue="true" if inputs.get("rawMessageDelivery") else "false",
            )
        live = self.read(clients, id, inputs)
        if live is None:
            raise LookupError(f"SNS subscription {id!r} is gone")
        return live

    def delete(self, clients: Clients, id: str, state: Properties) -> None:
        with PassingOver("NotFound"):
            clients.sns(state.get("region")).unsubscribe(SubscriptionArn=id)

    def recover(self, clients: Clients, inputs: Properties) -> Live | None:
        # Subscribe answers with the ARN of the same subscription, made before or now.
        return self.create(clients, inputs)

    def _live(self, clients: Clients, arn: str, inputs: Properties, *, pending: bool) -> Live:
        kept = {key: inputs[key] for key in self.properties if key in inputs}
        return Live(
            arn,
            {
                **kept,
                "arn": arn,
                "ownerId": arn.split(":")[4],
                "region": inputs.get("region") or clients.region,
                "pendingConfirmation": pending,
                "confirmationWasAuthenticated": False,
            },
        )
