"""Amazon Bedrock by its model invocation log: no application is changed.

Bedrock writes one entry per request to a log group of yours, once model invocation logging is on (README.md).
The group is an ordinary resource here, so the monitoring watches it and never deletes it.
"""

import pulumi
import pulumi_aws as aws

from inferwatch.infra import LlmMonitoring, Model

config = pulumi.Config()
account = aws.get_caller_identity_output().account_id

invocations = aws.cloudwatch.LogGroup(
    "invocations",
    retention_in_days=config.get_int("retentionDays") or 30,
)

# What Bedrock needs to write there; only from this account, so that no other can make it write.
writer = aws.iam.Role(
    "bedrock-writer",
    assume_role_policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "bedrock.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": account}},
                }
            ],
        }
    ),
)
aws.iam.RolePolicy(
    "write-invocations",
    role=writer.name,
    policy=pulumi.Output.json_dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                    "Resource": pulumi.Output.concat(
                        invocations.arn, ":log-stream:aws/bedrock/modelinvocations"
                    ),
                }
            ],
        }
    ),
)

mon = LlmMonitoring(
    "bedrock",
    source="bedrock",
    adopt_log_group=invocations.name,
    models={
        "default": Model(latency_p99_ms={"warning": 20_000, "critical": 60_000}),
        "anthropic.claude-sonnet-4-5-20250929-v1:0": Model(throttle_rate={"warning": 0.005}),
    },
)

pulumi.export("log_group_name", mon.log_group_name)
pulumi.export("dashboard_url", mon.dashboard_url)
pulumi.export("writer_role", writer.arn)
