"""SNS: the topics and subscriptions an alarm notifies."""

from __future__ import annotations

import json
from typing import Final

import orjson

from inferwatch.engine.engine import Engine
from inferwatch.engine.notify.retries import HTTP
from inferwatch.engine.notify.topic import PENDING, Subscription, Topic
from inferwatch.engine.notify.topicpolicy import check_policy
from inferwatch.engine.notify.topics import check_raw
from inferwatch.model.errors import AwsError, Unsupported, invalid_parameter
from inferwatch.wire.operations.operation import Operation, Params
from inferwatch.wire.operations.paging import page
from inferwatch.wire.operations.tags import describe_tags, tags_of, untag

_PAGE = 100
_PENDING_ANSWER = "pending confirmation"
_DELIVERY_POLICY: Final = json.dumps(
    {
        "http": {
            "defaultHealthyRetryPolicy": {
                "minDelayTarget": HTTP.min_delay_s,
                "maxDelayTarget": HTTP.max_delay_s,
                "numRetries": HTTP.backoff,
                "numMaxDelayRetries": HTTP.post_backoff,
                "numNoDelayRetries": 0,
                "numMinDelayRetries": HTTP.pre_backoff,
                "backoffFunction": "linear",
            },
            "disableSubscriptionOverrides": False,
            "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
        }
    },
    separators=(",", ":"),
)
"""As recorded of a new topic."""


def _bad_token() -> AwsError:
    return invalid_parameter("Invalid parameter: NextToken")


def _create_topic(engine: Engine, params: Params) -> Params:
    attributes = params.get("Attributes", {})
    _only_known(attributes)
    topic = engine.topics.create(params["Name"], attributes.get("DisplayName", ""), tags_of(params))
    topic.policy = attributes.get("Policy", topic.policy)
    return {"TopicArn": topic.arn}


def _set_topic_attributes(engine: Engine, params: Params) -> Params:
    name, value = params["AttributeName"], params.get("AttributeValue", "")
    _only_known({name: value})
    topic = engine.topics.get(params["TopicArn"])
    if name == "DisplayName":
        topic.display_name = value
    elif name == "Policy":
        topic.policy = value
    return {}


def _only_known(attributes: dict[str, str]) -> None:
    for name, value in attributes.items():
        if name == "Policy":
            check_policy(value)
        elif name != "DisplayName" and value not in ("", "false"):
            raise Unsupported(f"the topic attribute {name}", code="InvalidParameterException")


def _get_topic_attributes(engine: Engine, params: Params) -> Params:
    topic = engine.topics.get(params["TopicArn"])
    confirmed = sum(subscription.confirmed for subscription in topic.subscriptions.values())
    return {
        "Attributes": {
            "TopicArn": topic.arn,
            "Owner": engine.realm.account_id,
            "DisplayName": topic.display_name,
            "Policy": topic.policy or _default_policy(engine, topic),
            "SubscriptionsConfirmed": str(confirmed),
            "SubscriptionsPending": str(len(topic.subscriptions) - confirmed),
            "SubscriptionsDeleted": str(topic.deleted_subscriptions),
            "EffectiveDeliveryPolicy": _DELIVERY_POLICY,
        }
    }


def _default_policy(engine: Engine, topic: Topic) -> str:
    """The default policy: the owner may do everything. Source: SNS Developer Guide, "Default policy"."""
    actions = "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe "
    actions += "ListSubscriptionsByTopic Publish"
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{action}" for action in actions.split()],
                    "Resource": topic.arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": engine.realm.account_id}},
                }
            ],
        },
        separators=(",", ":"),
    )


def _delete_topic(engine: Engine, params: Params) -> Params:
    engine.topics.delete(params["TopicArn"])
    return {}


def _list_topics(engine: Engine, params: Params) -> Params:
    shown, token = page(
        engine.topics.all(), lambda topic: topic.arn, params.get("NextToken"), _PAGE, _bad_token
    )
    return {"Topics": [{"TopicArn": topic.arn} for topic in shown], "NextToken": token}


def _list_tags(engine: Engine, params: Params) -> Params:
    return describe_tags(engine.topics.get(params["ResourceArn"]).tags)


def _tag(engine: Engine, params: Params) -> Params:
    engine.topics.get(params["ResourceArn"]).tags |= tags_of(params)
    return {}


def _untag(engine: Engine, params: Params) -> Params:
    untag(engine.topics.get(params["ResourceArn"]).tags, params)
    return {}


def _subscribe(engine: Engine, params: Params) -> Params:
    attributes = params.get("Attributes", {})
    for name in attributes:
        if name != "RawMessageDelivery":
            raise Unsupported(f"the subscription attribute {name}", code="InvalidParameterException")
    subscription = engine.topics.subscribe(
        params["TopicArn"],
        params["Protocol"],
        params.get("Endpoint", ""),
        raw=attributes.get("RawMessageDelivery") == "true",
        now_ms=engine.now_ms,
    )
    shows_arn = subscription.confirmed or params.get("ReturnSubscriptionArn", False)
    return {"SubscriptionArn": subscription.arn if shows_arn else _PENDING_ANSWER}


def _confirm_subscription(engine: Engine, params: Params) -> Params:
    return {"SubscriptionArn": engine.topics.confirm(params["TopicArn"], params["Token"]).arn}


def _unsubscribe(engine: Engine, params: Params) -> Params:
    engine.topics.unsubscribe(params["SubscriptionArn"])
    return {}


def _get_subscription_attributes(engine: Engine, params: Params) -> Params:
    subscription = engine.topics.subscription(params["SubscriptionArn"])
    return {
        "Attributes": {
            "SubscriptionArn": subscription.arn,
            "TopicArn": subscription.topic_arn,
            "Protocol": subscription.protocol,
            "Endpoint": subscription.shown_endpoint,
            "Owner": engine.realm.account_id,
            "PendingConfirmation": _flag(not subscription.confirmed),
            "ConfirmationWasAuthenticated": "false",
            "RawMessageDelivery": _flag(subscription.raw),
        }
    }


def _set_subscription_attributes(engine: Engine, params: Params) -> Params:
    name, is_raw = params["AttributeName"], params.get("AttributeValue") == "true"
    if name != "RawMessageDelivery":
        raise Unsupported(f"the subscription attribute {name}", code="InvalidParameterException")
    subscription = engine.topics.subscription(params["SubscriptionArn"])
    if is_raw:
        check_raw(subscription.protocol)
    subscription.raw = is_raw
    return {}


def _list_subscriptions(engine: Engine, params: Params) -> Params:
    found = [item for topic in engine.topics.all() for item in topic.subscriptions.values()]
    return _subscriptions(engine, found, params)


def _list_subscriptions_by_topic(engine: Engine, params: Params) -> Params:
    found = list(engine.topics.get(params["TopicArn"]).subscriptions.values())
    return _subscriptions(engine, found, params)


def _subscriptions(engine: Engine, found: list[Subscription], params: Params) -> Params:
    found.sort(key=lambda item: item.arn)
    shown, token = page(found, lambda item: item.arn, params.get("NextToken"), _PAGE, _bad_token)
    return {
        "Subscriptions": [
            {
                "SubscriptionArn": item.arn if item.confirmed else PENDING,
                "Owner": engine.realm.account_id,
                "Protocol": item.protocol,
                "Endpoint": item.shown_endpoint,
                "TopicArn": item.topic_arn,
            }
            for item in shown
        ],
        "NextToken": token,
    }


def _publish(engine: Engine, params: Params) -> Params:
    if "TopicArn" not in params:
        raise invalid_parameter("Invalid parameter: TopicArn")
    texts = _texts(params["Message"], params.get("MessageStructure"))
    message_id = engine.topics.publish(params["TopicArn"], params.get("Subject"), texts, engine.now_ms)
    return {"MessageId": message_id}


def _texts(message: str, structure: str | None) -> dict[str, str]:
    """By protocol. Source: SNS API reference, "Publish"; the texts of refusals: its users' postings."""
    if structure is None:
        return {"default": message}
    if structure != "json":
        raise invalid_parameter("Invalid parameter: MessageStructure")
    try:
        texts = orjson.loads(message)
    except ValueError:
        texts = None
    if not isinstance(texts, dict):
        raise invalid_parameter("Invalid parameter: Message Structure - JSON message body failed to parse")
    said = {protocol: text for protocol, text in texts.items() if isinstance(text, str)}
    if "default" not in said:
        raise invalid_parameter(
            "Invalid parameter: Message Structure - No default entry in JSON message body"
        )
    return said


def _flag(value: bool) -> str:
    return "true" if value else "false"


OPERATIONS: Final = {
    "CreateTopic": Operation(_create_topic, "Name Attributes Tags", is_kept=True),
    "SetTopicAttributes": Operation(
        _set_topic_attributes, "TopicArn AttributeName AttributeValue", is_kept=True
    ),
    "GetTopicAttributes": Operation(_get_topic_attributes, "TopicArn"),
    "DeleteTopic": Operation(_delete_topic, "TopicArn", is_kept=True),
    "ListTopics": Operation(_list_topics, "NextToken"),
    "ListTagsForResource": Operation(_list_tags, "ResourceArn"),
    "TagResource": Operation(_tag, "ResourceArn Tags", is_kept=True),
    "UntagResource": Operation(_untag, "ResourceArn TagKeys", is_kept=True),
    "Subscribe": Operation(
        _subscribe, "TopicArn Protocol Endpoint Attributes ReturnSubscriptionArn", is_kept=True
    ),
    "ConfirmSubscription": Operation(_confirm_subscription, "TopicArn Token", is_kept=True),
    "Unsubscribe": Operation(_unsubscribe, "SubscriptionArn", is_kept=True),
    "GetSubscriptionAttributes": Operation(_get_subscription_attributes, "SubscriptionArn"),
    "SetSubscriptionAttributes": Operation(
        _set_subscription_attributes, "SubscriptionArn AttributeName AttributeValue", is_kept=True
    ),
    "ListSubscriptions": Operation(_list_subscriptions, "NextToken"),
    "ListSubscriptionsByTopic": Operation(_list_subscriptions_by_topic, "TopicArn NextToken"),
    "Publish": Operation(_publish, "TopicArn Subject Message MessageStructure", is_kept=True),
}
