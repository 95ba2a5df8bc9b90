import { Duration, Stack, Stage, Token } from 'aws-cdk-lib';
import { LogGroupClass, type CfnLogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import { check, supportedRegion, known, type Rule } from './rules';
import {
  ALARM_ACTION, DURATION, FREQUENCY, LOG_GROUP, NUMBER, OPT_OUT, requireTypes, ROLE, SCOPE, TEXT, TOPIC, type TypeOrList,
} from './types';
import type { AiServicesOptOut } from '../ai-services-opt-out';
import type { AiServicesOptOutConfigRuleProps } from '../monitoring/ai-services-opt-out-config-rule';
import type { AiServicesOptOutMonitorProps } from '../monitoring/ai-services-opt-out-monitor';
import type { UsageWidgetsOptions } from '../monitoring/usage-widgets';

const MONITOR_TYPES: Record<keyof AiServicesOptOutMonitorProps, TypeOrList> = {
  interval: DURATION,
  services: SCOPE,
  spotChecks: NUMBER,
  alarmActions: [ALARM_ACTION],
  notificationTopic: TOPIC,
  repair: OPT_OUT,
  logGroup: LOG_GROUP,
  role: ROLE,
};

const CONFIG_RULE_TYPES: Record<keyof AiServicesOptOutConfigRuleProps, TypeOrList> = {
  configRuleName: TEXT,
  description: TEXT,
  maximumExecutionFrequency: FREQUENCY,
  services: SCOPE,
  logGroup: LOG_GROUP,
  role: ROLE,
};

const USAGE_TYPES: Record<keyof UsageWidgetsOptions, TypeOrList> = { accountIds: [TEXT], region: TEXT };

const MAX_SPOT_CHECKS = 1000;
const MAX_RULE_NAME = 128;
const MAX_RULE_DESCRIPTION = 256;
/** Searches that CloudWatch makes for one graph. */
const MAX_LINES = 100;

/** Reports everything that is wrong with the monitor's props at once. */
export function validateMonitorProps(scope: IConstruct, props: AiServicesOptOutMonitorProps): void {
  requireTypes(props, MONITOR_TYPES, [], scope);
  const { interval, spotChecks, notificationTopic, repair, logGroup } = props;
  check(scope, [
    {
      broken: interval !== undefined && !isInterval(interval),
      message: () => 'interval must be 15 minutes to 1 day in whole minutes, '
        + `got ${interval!.isUnresolved() ? 'a token, which cannot set the period of an alarm' : interval!.toHumanString()}; `
        + 'give for example Duration.hours(6)',
    },
    {
      broken: spotChecks !== undefined && !(Number.isInteger(spotChecks) && spotChecks >= 0 && spotChecks <= MAX_SPOT_CHECKS),
      message: () => `spotChecks must be a whole number from 0 to ${MAX_SPOT_CHECKS}, `
        + `got ${Token.isUnresolved(spotChecks) ? 'a token; give a literal number' : `${spotChecks}; how many accounts AWS is asked about in each verification`}`,
    },
    ...(notificationTopic ? topicRules(scope, notificationTopic) : []),
    ...(repair ? repairRules(scope, repair) : []),
    ...(logGroup ? [metricsFrom(logGroup)] : []),
    supportedRegion(Stack.of(scope).region),
  ]);
}

/** Reports everything that is wrong with the rule's props at once. */
export function validateConfigRuleProps(scope: IConstruct, props: AiServicesOptOutConfigRuleProps): void {
  requireTypes(props, CONFIG_RULE_TYPES, [], scope);
  const { configRuleName, description } = props;
  check(scope, [
    {
      broken: known(configRuleName) && (configRuleName.trim().length === 0 || configRuleName.length > MAX_RULE_NAME),
      message: () => `configRuleName must have 1 to ${MAX_RULE_NAME} characters and not only spaces, got ${configRuleName!.length}; `
        + 'leave it out for a name that CloudFormation makes',
    },
    {
      broken: known(description) && description.length > MAX_RULE_DESCRIPTION,
      message: () => `description must have at most ${MAX_RULE_DESCRIPTION} characters, got ${description!.length}; shorten it`,
    },
    supportedRegion(Stack.of(scope).region),
  ]);
}

/** Reports everything that is wrong with the options of the graphs of use at once. */
export function validateUsageWidgetsOptions(scope: IConstruct, options: UsageWidgetsOptions): void {
  requireTypes(options, USAGE_TYPES, Object.keys(USAGE_TYPES), scope);
  const { accountIds, region } = options;
  const isToken = Token.isUnresolved(accountIds);
  const malformed = isToken ? [] : accountIds.filter((id) => known(id) && !/^\d{12}$/.test(id));
  const twice = isToken ? [] : accountIds.filter((id, index) => accountIds.indexOf(id) !== index);
  check(scope, [
    {
      broken: isToken,
      message: () => 'accountIds must be a list, got a token for the whole list; the graphs have a line for each account, so list the accounts',
    },
    {
      broken: !isToken && (accountIds.length === 0 || accountIds.length > MAX_LINES),
      message: () => `accountIds must name 1 to ${MAX_LINES} accounts, got ${accountIds.length}; a CloudWatch graph makes no more searches, so make the widgets for some accounts at a time`,
    },
    {
      broken: malformed.length > 0,
      message: () => `accountIds must be account ids (12 digits), got ${malformed.map((id) => JSON.stringify(id)).join(', ')}`,
    },
    {
      broken: twice.length > 0,
      message: () => `accountIds names ${[...new Set(twice)].join(', ')} more than once; name each account once`,
    },
    {
      broken: region.trim().length === 0,
      message: () => 'region must be the Region whose metrics are shown, got an empty text; give for example us-east-1',
    },
  ]);
}

function topicRules(scope: IConstruct, topic: ITopic): Rule[] {
  const { region } = Stack.of(scope);
  return [
    {
      broken: topic.fifo || (known(topic.topicArn) && topic.topicArn.endsWith('.fifo')),
      message: () => `notificationTopic must be a standard topic, got the FIFO topic ${topic.node.path}; `
        + 'neither e-mail nor SMS can subscribe to a FIFO topic, so make one without fifo',
    },
    {
      broken: known(topic.env.region) && known(region) && topic.env.region !== region,
      message: () => `notificationTopic must be in the stack's Region ${region}, got a topic in ${topic.env.region}; make one in ${region}`,
    },
  ];
}

/** CloudWatch Logs extracts the metrics of the function from a log group of class STANDARD only. The class of an imported log group is not known. */
function metricsFrom({ node }: ILogGroup): Rule {
  const { logGroupClass } = (node.defaultChild ?? {}) as Partial<CfnLogGroup>;
  return {
    broken: known(logGroupClass) && logGroupClass !== LogGroupClass.STANDARD,
    message: () => `logGroup must be of class STANDARD, got ${node.path} of class ${logGroupClass}; `
      + 'CloudWatch extracts no metrics from it, so give the monitor another log group, or none',
  };
}

function repairRules(scope: IConstruct, repair: AiServicesOptOut): Rule[] {
  const sameApp = repair.node.root === scope.node.root;
  const sameStage = Stage.of(repair) === Stage.of(scope);
  const [mine, its] = [Stack.of(scope).environment, Stack.of(repair).environment];
  const policy = repair.node.defaultChild;
  return [
    {
      broken: !sameApp,
      message: () => `repair must be an AiServicesOptOut of the same app, got ${repair.node.path} of another one; `
        + 'put the monitor into the app that has the opt-out',
    },
    {
      broken: sameApp && !sameStage,
      message: () => `repair must be an AiServicesOptOut of the same stage, got ${repair.node.path}; put the monitor into the stage that has the opt-out`,
    },
    {
      broken: sameApp && sameStage && mine !== its,
      message: () => `repair must be an AiServicesOptOut of the same account and Region, got ${repair.node.path} in ${its} for a monitor in ${mine}; `
        + 'give both stacks the same env',
    },
    {
      broken: !CfnPolicy.isCfnResource(policy) || (policy as CfnPolicy).targetIds === undefined || (policy as CfnPolicy).targetIds!.length === 0,
      message: () => `repair must be an AiServicesOptOut with targets, got ${repair.node.path}, whose policy is attached to nothing; give its policy targetIds`,
    },
  ];
}

function isInterval(interval: Duration): boolean {
  if (interval.isUnresolved()) return false;
  const minutes = interval.toMinutes({ integral: false });
  return Number.isInteger(minutes) && minutes >= 15 && minutes <= 24 * 60;
}
