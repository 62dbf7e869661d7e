"""What a writer of records may do, as an IAM policy document.

Source: CloudWatch Logs User Guide, "CloudWatch Logs permissions reference"; Service Authorization Reference,
"Resource types defined by Amazon CloudWatch Logs".
"""

from __future__ import annotations

from collections.abc import Mapping

from inferwatch.infra.plan.logs import group_name
from inferwatch.infra.plan.spec import Spec
from inferwatch.infra.plan.values import ACCOUNT_ID, PARTITION, REGION, Value, join


def writer_policy(spec: Spec) -> Mapping[str, Value]:
    """Make streams in the log group, and write to them; nothing else."""
    group = join("arn:", PARTITION, ":logs:", REGION, ":", ACCOUNT_ID, ":log-group:", group_name(spec))
    statement: dict[str, Value] = {
        "Sid": "WriteInferences",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": [join(group, ":*")],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
