import { readFileSync } from 'fs';
import { join } from 'path';
import { Aws, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnRole, type IRole } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import { requireAgreement, type OptOut } from './agreement';
import { OptOutError } from './errors';
import { POLICY_TYPE } from '../policy';

/** The name below the stack, and so the logical ids, are frozen: changing it would replace the function in every consumer's stack. */
const ID = 'AiServicesOptOutPolicyType';

/** Time the function has to answer after its work had to end. */
const TIME_TO_ANSWER = Duration.seconds(60);

/** What one use of the function brings along. */
export interface PolicyTypeUse {
  readonly timeout: Duration;
  readonly logGroup?: ILogGroup;
  readonly role?: IRole;
}

/**
 * The function behind every AiServicesOptOut of a stack.
 *
 * L1 resources, so that no feature flag of the consumer's app can change the template.
 */
export class PolicyTypeFunction extends Construct {
  /** The one of this stack, made by the first who asks. */
  public static of(scope: Construct, use: PolicyTypeUse): PolicyTypeFunction {
    const stack = Stack.of(scope);
    const shared = stack.node.tryFindChild(ID) as PolicyTypeFunction | undefined ?? new PolicyTypeFunction(stack, use);
    shared.accept(scope, use);
    return shared;
  }

  public readonly functionArn: string;
  private readonly logGroup?: ILogGroup;
  private readonly role?: IRole;
  private readonly optOuts: OptOut[] = [];
  private timeout = 0;

  private constructor(stack: Stack, { logGroup, role }: PolicyTypeUse) {
    super(stack, ID);
    this.logGroup = logGroup;
    this.role = role;

    const ownLogGroup = logGroup ? undefined : new CfnLogGroup(this, 'LogGroup', { retentionInDays: 30 });
    ownLogGroup?.applyRemovalPolicy(RemovalPolicy.DESTROY);
    // Both end in ":*" when they are resolved, which stands for the streams.
    const logStreams = logGroup?.logGroupArn ?? ownLogGroup!.attrArn;

    const resource = new CfnFunction(this, 'Function', {
      description: 'Enables the AI services opt-out policy type before the policy is attached',
      runtime: 'nodejs24.x',
      handler: 'index.handler',
      code: { zipFile: readFileSync(join(__dirname, '..', '..', 'assets', 'handlers', 'policy-type', 'index.js'), 'utf8').trimEnd() },
      role: role?.roleArn ?? this.createRole(logStreams).attrArn,
      timeout: Lazy.number({ produce: () => this.timeout }),
      memorySize: 256,
      loggingConfig: { logGroup: logGroup?.logGroupName ?? ownLogGroup!.ref },
    });
    if (role) resource.node.addDependency(role);
    this.functionArn = resource.attrArn;
  }

  /** Checks an opt-out against the earlier ones and makes it wait for them: the organization takes one change at a time. */
  public add(optOut: OptOut): void {
    for (const earlier of this.optOuts) requireAgreement(earlier, optOut);
    const previous = this.optOuts.at(-1);
    if (previous) optOut.policyType.node.addDependency(previous.policy);
    this.optOuts.push(optOut);
  }

  /** One function serves all, so its timeout is the longest asked for, and they must agree on what there can only be one of. */
  private accept(scope: Construct, { timeout, logGroup, role }: PolicyTypeUse): void {
    this.timeout = Math.max(this.timeout, timeout.plus(TIME_TO_ANSWER).toSeconds());
    const resolve = (value: string | undefined) => JSON.stringify(Stack.of(this).resolve(value));
    const same = (a: string | undefined, b: string | undefined) => resolve(a) === resolve(b);
    if (!same(this.role?.roleArn, role?.roleArn)) throw mustAgree('role', scope);
    if (!same(this.logGroup?.logGroupArn, logGroup?.logGroupArn)) throw mustAgree('logGroup', scope);
  }

  /** Exactly the calls that the function makes, on the narrowest resources that IAM allows for ids unknown before deployment. */
  private createRole(logStreams: string): CfnRole {
    // The account in these ARNs is the management account, which a delegated administrator's stack does not know.
    const arn = (path: string) => `arn:${Aws.PARTITION}:organizations::*:${path}`;
    const root = arn('root/o-*/r-*');
    const below = [arn('ou/o-*/ou-*'), arn('account/o-*/*')];
    const ofType = { 'organizations:PolicyType': POLICY_TYPE };
    const statements = [
      { action: 'organizations:EnablePolicyType', resource: [root], condition: { StringEquals: ofType } },
      { action: ['organizations:DescribeOrganization', 'organizations:ListRoots'], resource: ['*'] },
      { action: 'organizations:ListPolicies', resource: ['*'], condition: { StringEqualsIfExists: ofType } },
      { action: 'organizations:ListPoliciesForTarget', resource: [root, ...below], condition: { StringEqualsIfExists: ofType } },
      { action: 'organizations:ListParents', resource: below },
      {
        action: 'organizations:DescribePolicy',
        resource: [arn('policy/o-*/aiservices_opt_out_policy/p-*')],
        condition: { StringEqualsIfExists: ofType },
      },
      { action: 'cloudformation:DescribeStacks', resource: [Aws.STACK_ID] },
      { action: ['logs:CreateLogStream', 'logs:PutLogEvents'], resource: [logStreams] },
    ];
    const role = new CfnRole(this, 'Role', {
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
      policies: [{
        policyName: 'PolicyType',
        policyDocument: {
          Version: '2012-10-17',
          Statement: statements.map(({ action, resource, condition }) => ({
            Effect: 'Allow',
            Action: action,
            Resource: resource.length === 1 ? resource[0] : resource,
            Condition: condition,
          })),
        },
      }],
    });
    acknowledgeWildcards(role, statements.flatMap(({ resource }) => resource).filter((resource) => resource.includes('*')));
    return role;
  }
}

function mustAgree(prop: string, scope: Construct): OptOutError {
  return new OptOutError('SharedFunctionConflict',
    `${prop} differs from that of another AiServicesOptOut in this stack; they share one function, so give all of them the same ${prop}, or none`, scope);
}
