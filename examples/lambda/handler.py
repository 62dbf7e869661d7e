"""A Lambda function whose inferences are lines of its own log group, and metrics without a metric filter."""

from typing import Any

import inferwatch

inferwatch.configure(destination="stdout", service="shop", emf="inferwatch/shop")


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    """Ask the model, and answer."""
    with inferwatch.inference("chat", provider="example", model="model-x") as call:
        text, used = answer(event["question"])
        call.usage(input_tokens=used["input"], output_tokens=used["output"])
        call.finish("stop")
    return {"statusCode": 200, "body": text}


def answer(question: str) -> tuple[str, dict[str, int]]:
    """In the place of your model."""
    return question.upper(), {"input": len(question.split()), "output": 1}
