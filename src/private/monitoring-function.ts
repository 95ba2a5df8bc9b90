import { Aws, Fn, Lazy, Stack, type CfnCondition } from 'aws-cdk-lib';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IAlias, IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import { OptOutError } from './errors';
import { defineFunction, requireSame, type OwnResources } from './inline-function';
import { allow, ARNS, OF_TYPE_IF_SAID, ONLY_OF_TYPE, SHORT_ARNS, type Statement } from './permissions';
import { isPlaceholder } from './placeholders';
import { OptOutPolicyDocument, OptOutSetting } from '../opt-out-policy-document';
import type { OptOutScope } from '../opt-out-scope';

/** The name below the stack, and so the logical ids, are frozen: changing it would replace the function in every consumer's stack. */
const ID = 'AiServicesOptOutMonitoring';

export const DEFAULT_SPOT_CHECKS = 25;

/** What the function needs for the monitor. */
export interface Monitoring {
  readonly scope: Construct;
  readonly spotChecks: number;
  /** Name of the parameter that keeps what the function remembers. */
  readonly stateParameter: string;
  readonly topic?: ITopic;
  /** Absent where no events come. */
  readonly events?: { readonly queueArn: string; readonly condition?: CfnCondition };
}

/** What accounts have to be opted out of: these services, or everything except those. */
export interface Required {
  readonly services?: string[];
  readonly except?: string[];
}

/** What accounts are when a policy with this document reaches them; nothing for everything. */
export function requiredBy(document: OptOutPolicyDocument): Required | undefined {
  const keys = (wanted: OptOutSetting) => document.namedServices.filter((service) => document.settingFor(service) === wanted).map(({ key }) => key);
  if (document.defaultSetting !== OptOutSetting.OPT_OUT) return { services: keys(OptOutSetting.OPT_OUT) };
  const except = keys(OptOutSetting.OPT_IN);
  return except.length > 0 ? { except } : undefined;
}

/** What the function needs to put a policy back. */
export interface Repair {
  readonly document: OptOutPolicyDocument;
  readonly policyArn: string;
  /** Name of the parameter that says what the policy has to be. */
  readonly declaredParameter: string;
  /** Stacks during whose operations nothing is repaired: the monitor's and the policy's. */
  readonly stackIds: string[];
}

/**
 * The function behind the monitor and the Config rules of a stack.
 *
 * Its environment and permissions are written down when the template is, so that it does not matter who came first.
 */
export class MonitoringFunction extends Construct {
  /** The one of this stack, made by the first who asks. */
  public static of(scope: Construct, own: OwnResources): MonitoringFunction {
    const stack = Stack.of(scope);
    const shared = stack.node.tryFindChild(ID) as MonitoringFunction | undefined ?? new MonitoringFunction(stack, own);
    requireSame(scope, own, shared.own, 'AiServicesOptOutMonitor or AiServicesOptOutConfigRule');
    return shared;
  }

  public readonly functionArn: string;
  public readonly functionName: string;
  public readonly logGroupName: string;
  private monitoring?: Monitoring;
  private repairing?: Repair;
  private services?: OptOutScope;
  private answersConfig = false;

  private constructor(stack: Stack, private readonly own: OwnResources) {
    super(stack, ID);
    const { resource, role, logGroupName, logStreams } = defineFunction(this, own, {
      description: 'Verifies that every account is opted out of AI service data use',
      handler: 'monitoring',
      // A large organization takes minutes, and a throttled one longer: as long as there can be.
      timeout: 900,
      memorySize: 512,
      environment: Lazy.any({ produce: () => ({ variables: this.variables() }) }),
      policies: (streams) => Lazy.any({ produce: () => this.policies(streams) }),
    });
    if (role) {
      const wildcards = ['*', ...Object.values(ARNS), ...(logStreams.includes('*') ? [logStreams] : [])];
      acknowledgeWildcards(role, wildcards, 'the list actions and config:PutEvaluations');
    }
    this.functionArn = resource.attrArn;
    this.functionName = resource.ref;
    this.logGroupName = logGroupName;
  }

  /** Takes on the monitor, which a stack has once: it watches the whole organization. */
  public monitor(monitoring: Monitoring): void {
    if (this.monitoring) {
      throw new OptOutError('MonitorDuplicate',
        `this stack has an AiServicesOptOutMonitor already, ${this.monitoring.scope.node.path}; it watches the whole organization, so one is enough: remove one`,
        monitoring.scope);
    }
    this.monitoring = monitoring;
  }

  /** Says what accounts have to be opted out of. Those who say nothing go along with those who do. */
  public require(scope: Construct, services: OptOutScope | undefined): void {
    if (!services) return;
    const [ours, theirs] = [services, this.services ?? services].map((scopeOf) => OptOutPolicyDocument.fromScope(scopeOf).toString());
    if (ours !== theirs && !isPlaceholder(`${ours} ${theirs}`)) {
      throw new OptOutError('SharedFunctionConflict', 'services differs from that of another AiServicesOptOutMonitor or AiServicesOptOutConfigRule in this stack; '
        + 'they share one function, so give all of them the same services, or only one of them', scope);
    }
    this.services = services;
  }

  /** Lets the function change a policy. */
  public repair(repair: Repair): void {
    this.repairing = repair;
  }

  /** Takes on AWS Config rules. */
  public answerConfig(): void {
    this.answersConfig = true;
  }

  private variables(): Record<string, string | undefined> {
    const { spotChecks = DEFAULT_SPOT_CHECKS, stateParameter, topic } = this.monitoring ?? {};
    const document = this.services ? OptOutPolicyDocument.fromScope(this.services) : this.repairing?.document;
    const required = document && requiredBy(document);
    return {
      STACK_NAME: Aws.STACK_NAME,
      SPOT_CHECKS: `${spotChecks}`,
      REQUIRED: required && JSON.stringify(required),
      STATE_PARAMETER: stateParameter,
      TOPIC_ARN: topic?.topicArn,
      DECLARED_PARAMETER: this.repairing?.declaredParameter,
      STACK_IDS: this.repairing && Fn.join(',', this.repairing.stackIds),
    };
  }

  private policies(logStreams: string): CfnRole.PolicyProperty[] {
    const policy = (policyName: string, Statement: object[]) => ({ policyName, policyDocument: { Version: '2012-10-17', Statement } });
    const { monitoring, repairing, answersConfig } = this;
    return [
      policy('Verification', verificationStatements(logStreams).map(allow)),
      ...(monitoring ? [policy('Monitor', monitorStatements(monitoring))] : []),
      ...(repairing ? [policy('Repair', repairStatements(repairing).map(allow))] : []),
      ...(answersConfig ? [policy('ConfigRule', [allow({ action: 'config:PutEvaluations', resource: ['*'] })])] : []),
    ];
  }
}

/**
 * Exactly the reads that a verification makes, on the narrowest resources that IAM allows for ids unknown before deployment.
 *
 * Few statements, because the template has to stay small. They allow no more than many would: of the resources IAM looks only at the kinds
 * that an action has, and a condition that may be absent does not touch actions that do not know it.
 */
function verificationStatements(logStreams: string): Statement[] {
  const { root, unit, account, policy } = SHORT_ARNS;
  return [
    {
      action: [
        'organizations:ListAccounts', 'organizations:ListAccountsWithInvalidEffectivePolicy', 'organizations:ListPolicies', 'organizations:ListRoots',
      ],
      resource: ['*'],
      condition: OF_TYPE_IF_SAID,
    },
    {
      action: [
        'organizations:DescribeEffectivePolicy', 'organizations:DescribePolicy', 'organizations:ListAccountsForParent',
        'organizations:ListOrganizationalUnitsForParent', 'organizations:ListPoliciesForTarget', 'organizations:ListTargetsForPolicy',
      ],
      resource: [root, unit, account, policy],
      condition: OF_TYPE_IF_SAID,
    },
    { action: ['logs:CreateLogStream', 'logs:PutLogEvents'], resource: [logStreams] },
  ];
}

function monitorStatements({ stateParameter, topic, events }: Monitoring): object[] {
  const statements: object[] = [{ action: ['ssm:GetParameter', 'ssm:PutParameter'], resource: [parameterArn(stateParameter)] }].map(allow);
  if (topic) statements.push(allow({ action: 'sns:Publish', resource: [topic.topicArn] }));
  if (topic?.masterKey) statements.push(allow(keyStatement(topic.masterKey)));
  if (events) {
    const receive = allow({ action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], resource: [events.queueArn] });
    statements.push(events.condition ? Fn.conditionIf(events.condition.logicalId, receive, Aws.NO_VALUE) : receive);
  }
  return statements;
}

/**
 * What SNS requires of a publisher to an encrypted topic. A statement whose resource is the ARN of an alias grants nothing, so the statement for an
 * alias is about the keys that have it. The CDK's own grants on an imported alias depend on a feature flag.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
 */
function keyStatement(key: IKey & Partial<IAlias>): Statement {
  const action = ['kms:Decrypt', 'kms:GenerateDataKey'];
  const alias = key.aliasName ?? /alias\/.*$/.exec(key.keyArn)?.[0];
  if (alias === undefined) return { action, resource: [key.keyArn] };
  const keys = `${key.keyArn.slice(0, key.keyArn.lastIndexOf(':'))}:key/*`;
  return { action, resource: [keys], condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias } } };
}

function repairStatements({ policyArn, declaredParameter, stackIds }: Repair): Statement[] {
  const { root, unit, account } = SHORT_ARNS;
  return [
    { action: 'organizations:EnablePolicyType', resource: [root], condition: ONLY_OF_TYPE },
    { action: 'organizations:AttachPolicy', resource: [policyArn, root, unit, account], condition: ONLY_OF_TYPE },
    { action: 'organizations:UpdatePolicy', resource: [policyArn], condition: ONLY_OF_TYPE },
    { action: 'ssm:GetParameter', resource: [parameterArn(declaredParameter)] },
    { action: 'cloudformation:DescribeStacks', resource: stackIds },
  ];
}

/** The names that CloudFormation gives have no slash in front. */
function parameterArn(name: string): string {
  return Fn.sub('arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/') + name;
}
