// As mission.py, with the AWS SDK for JavaScript v3; run in the folder that has its packages.
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const logsSdk = require("@aws-sdk/client-cloudwatch-logs");
const metricsSdk = require("@aws-sdk/client-cloudwatch");
const logs = new logsSdk.CloudWatchLogs({});
const cloudwatch = new metricsSdk.CloudWatch({});

const group = "/mission/app";
const stream = "worker-1";
const messages = ['{"status":"ok"}', '{"status":"error","model":"é"}', '{"status":"error"}'];
const pattern = '{ $.status = "error" }';

async function code(asked) {
  try {
    await asked;
  } catch (refused) {
    return refused.name;
  }
  return "no error";
}

async function write(nowMs) {
  await logs.createLogGroup({ logGroupName: group });
  await logs.createLogStream({ logGroupName: group, logStreamName: stream });
  await logs.putMetricFilter({
    logGroupName: group,
    filterName: "errors",
    filterPattern: pattern,
    metricTransformations: [{ metricNamespace: "Mission", metricName: "Errors", metricValue: "1" }],
  });
  await cloudwatch.putMetricAlarm({
    AlarmName: "errors",
    Namespace: "Mission",
    MetricName: "Errors",
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "ignore",
  });
  await logs.putLogEvents({
    logGroupName: group,
    logStreamName: stream,
    logEvents: messages.map((message) => ({ timestamp: nowMs, message })),
  });
  return null;
}

async function read(nowMs) {
  const found = await cloudwatch.getMetricData({
    StartTime: new Date(nowMs - 600_000),
    EndTime: new Date(nowMs + 600_000),
    MetricDataQueries: [
      {
        Id: "errors",
        MetricStat: { Metric: { Namespace: "Mission", MetricName: "Errors" }, Period: 60, Stat: "Sum" },
      },
    ],
  });
  const events = await logs.getLogEvents({ logGroupName: group, logStreamName: stream, startFromHead: true });
  const matched = await logs.filterLogEvents({ logGroupName: group, filterPattern: pattern });
  const alarms = await cloudwatch.describeAlarms({ AlarmNames: ["errors"] });
  const filters = [];
  for await (const page of logsSdk.paginateDescribeMetricFilters({ client: logs }, { logGroupName: group })) {
    filters.push(...page.metricFilters.map((each) => each.filterName));
  }
  return {
    messages: events.events.map((event) => event.message),
    matched: matched.events.length,
    filters,
    state: alarms.MetricAlarms[0].StateValue,
    sum: found.MetricDataResults[0].Values.reduce((one, other) => one + other, 0),
    twice: await code(logs.createLogGroup({ logGroupName: group })),
    missing: await code(cloudwatch.getDashboard({ DashboardName: "none" })),
    invalid: await code(
      cloudwatch.setAlarmState({ AlarmName: "errors", StateValue: "BAD", StateReason: "r" }),
    ),
  };
}

const [stage, now] = process.argv.slice(2);
console.log(JSON.stringify(await { write, read }[stage](Number(now))));
