import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CfnCondition, Stack } from 'aws-cdk-lib';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { CliError } from '../errors';
import type { TemplateLibrary } from './library';
import { defineParameters, parameterGroups, unlessEmpty } from './parameters';
import type { AiServicesOptOut, OptOutPolicyDocument, OptOutScope } from '../../index';
import { CONTROL, isDocumentedService, parsePolicy } from '../../policy';

/** What is to be in the template. */
export interface TemplateContents {
  /** The policy, compact. */
  readonly content: string;
  /** Absent: the root. */
  readonly targetIds?: string[];
  /** What the parameter has where nobody changes it. */
  readonly policyName?: string;
  readonly monitor?: { readonly intervalMinutes?: number; readonly repair?: boolean };
  readonly configRule?: boolean;
}

/** A CloudFormation template as an object, sections in the order that people expect. */
export type TemplateObject = Record<string, any>;

const STACK = 'AiServicesOptOut';

/** Later versions of the CDK check templates and print what they find, such as that the default of a name is empty. Not yet in our types. */
const NO_REPORT = { builtinCloudFormationValidation: false };

const SECTIONS = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Conditions', 'Resources', 'Outputs'];

/**
 * Makes a template that goes anywhere: no assets, no bootstrapping, no Region, nothing of the machine it is made on. What depends on the
 * Region is under conditions.
 */
export function synthesizeTemplate(contents: TemplateContents, library: TemplateLibrary): TemplateObject {
  const outdir = mkdtempSync(join(tmpdir(), 'ai-opt-out-'));
  try {
    const app = new library.cdk.App({
      outdir,
      autoSynth: false,
      analyticsReporting: false,
      treeMetadata: false,
      // Stronger than what an environment variable of the CDK might say.
      postCliContext: { 'aws:cdk:enable-path-metadata': false },
      ...NO_REPORT,
    });
    const stack = new library.cdk.Stack(app, STACK, {
      synthesizer: new library.cdk.BootstraplessSynthesizer(),
      description: descriptionOf(contents),
    });
    stack.templateOptions.templateFormatVersion = '2010-09-09';
    define(stack, contents, library);
    const { template } = app.synth().getStackByName(STACK) as { template: TemplateObject };
    return Object.fromEntries(SECTIONS.filter((section) => section in template).map((section) => [section, template[section]]));
  } catch (error) {
    // The library's words; where in its tree that happened helps nobody here.
    if (error instanceof Error && error.name === 'OptOutError') throw new CliError(error.message.replace(/\n {2}at \S+$/, ''), { cause: error });
    throw error;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export function descriptionOf({ monitor, configRule }: Pick<TemplateContents, 'monitor' | 'configRule'>): string {
  const parts = [
    'Opts the organization out of AI services\' use of its content: enables the AI services opt-out policy type, creates a policy and attaches it.',
    monitor && 'Verifies regularly that every account is opted out, and says when that changes; '
      + `${monitor.repair ? 'what somebody undoes it puts back' : 'it changes nothing'}.`,
    configRule && 'Tells AWS Config whether every account is opted out.',
    'Deploy it once, in the management account or a delegated administrator account, in '
      + `${monitor ? 'us-east-1 (elsewhere the monitor only has its schedule)' : 'any commercial Region'}.`,
  ];
  return parts.filter(Boolean).join(' ');
}

function define(stack: Stack, { content, targetIds, policyName, monitor, configRule }: TemplateContents, library: TemplateLibrary): void {
  const { cdk, own } = library;
  const parameters = defineParameters(stack, parameterGroups({ policyName, monitor: monitor !== undefined }), library);
  // The options were checked before: what is undocumented here was allowed there.
  const undocumented = Object.keys(parsePolicy(content).services ?? {}).filter((key) => key !== CONTROL && !isDocumentedService(key));
  const document = own.OptOutPolicyDocument.fromJson(content, { allowServices: undocumented.map((key) => own.AiService.of(key)) });

  const optOut = new own.AiServicesOptOut(stack, 'OptOut', { document, targetIds });
  const hasName = unlessEmpty(stack, 'HasPolicyName', [parameters.PolicyName!], library);
  // The construct makes the unique name; a parameter may replace it.
  const policy = optOut.node.defaultChild as CfnPolicy;
  policy.name = cdk.Fn.conditionIf(hasName.logicalId, parameters.PolicyName!.valueAsString, optOut.policyName).toString();

  const services = monitor || configRule ? scopeOf(document, library) : undefined;
  if (monitor) {
    const hasTopic = unlessEmpty(stack, 'HasNotificationTopic', [parameters.NotificationTopicArn!], library);
    const hasKey = unlessEmpty(stack, 'HasNotificationTopicKey', [parameters.NotificationTopicArn!, parameters.NotificationTopicKeyArn!], library);
    const ifThere = (condition: CfnCondition, name: string) =>
      cdk.Fn.conditionIf(condition.logicalId, parameters[name]!.valueAsString, cdk.Aws.NO_VALUE).toString();
    const topic = cdk.aws_sns.Topic.fromTopicAttributes(stack, 'Topic', {
      topicArn: ifThere(hasTopic, 'NotificationTopicArn'),
      keyArn: ifThere(hasKey, 'NotificationTopicKeyArn'),
    });
    addMonitor(stack, { optOut, services, topic, ...monitor }, library);
    restrict(stack, [
      { service: 'sns', condition: hasTopic, resource: parameters.NotificationTopicArn!.valueAsString },
      { service: 'kms', condition: hasKey, resource: parameters.NotificationTopicKeyArn!.valueAsString },
    ], library);
  }
  if (configRule) new own.AiServicesOptOutConfigRule(stack, 'Rule', { services });

  new cdk.CfnOutput(stack, 'PolicyId', { value: optOut.policyId, description: 'Id of the policy' });
}

/** What accounts have to be opted out of, as the policy has it; nothing for everything. */
function scopeOf(document: OptOutPolicyDocument, { own: { OptOutScope: scope, OptOutSetting: setting } }: TemplateLibrary): OptOutScope | undefined {
  const named = (wanted: 'optOut' | 'optIn') => document.namedServices.filter((service) => document.settingFor(service) === wanted);
  if (document.defaultSetting !== setting.OPT_OUT) return scope.services(named('optOut'));
  const optIn = named('optIn');
  return optIn.length > 0 ? scope.allServices({ optIn }) : undefined;
}

interface MonitorContents {
  readonly optOut: AiServicesOptOut;
  readonly services?: OptOutScope;
  readonly topic: ITopic;
  readonly intervalMinutes?: number;
  readonly repair?: boolean;
}

function addMonitor(stack: Stack, { optOut, services, topic, intervalMinutes, repair }: MonitorContents, { cdk, own }: TemplateLibrary): void {
  const monitor = new own.AiServicesOptOutMonitor(stack, 'Monitor', {
    interval: intervalMinutes === undefined ? undefined : cdk.Duration.minutes(intervalMinutes),
    services,
    notificationTopic: topic,
    repair: repair ? optOut : undefined,
  });
  // Everything else the function tells by itself. That it does not run it cannot tell.
  monitor.verificationAgeAlarm.addAlarmAction({ bind: () => ({ alarmActionArn: topic.topicArn }) });
}

interface Restriction {
  readonly service: string;
  readonly condition: CfnCondition;
  readonly resource: string;
}

/** Puts what the function may do with a resource under the condition that there is one: without it IAM would refuse the statement. */
function restrict(stack: Stack, restrictions: Restriction[], { cdk }: TemplateLibrary): void {
  const role = stack.node.findChild('AiServicesOptOutMonitoring').node.findChild('Role') as CfnRole;
  const { policies } = role;
  const restricted = (statement: { readonly Action?: string | string[] }) => {
    const [action = ''] = [statement.Action ?? []].flat();
    const restriction = restrictions.find(({ service }) => action.startsWith(`${service}:`));
    if (!restriction) return statement;
    return cdk.Fn.conditionIf(restriction.condition.logicalId, { ...statement, Resource: restriction.resource }, cdk.Aws.NO_VALUE);
  };
  role.policies = cdk.Lazy.any({
    produce: () => (stack.resolve(policies) as CfnRole.PolicyProperty[]).map(({ policyName, policyDocument }) => ({
      policyName, policyDocument: { ...policyDocument, Statement: policyDocument.Statement.map(restricted) },
    })),
  });
}
