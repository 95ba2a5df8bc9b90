import { Aws, Duration, Lazy, Stack } from 'aws-cdk-lib';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge';
import { requireNoConflict, type OptOut } from './conflicting-opt-outs';
import { defineFunction, requireSame, type OwnResources } from './inline-function';
import { allow, ARNS, OF_TYPE_IF_SAID, ONLY_OF_TYPE, type Statement } from './permissions';

/** The name below the stack, and so the logical ids, are frozen: changing it would replace the function in every consumer's stack. */
const ID = 'AiServicesOptOutPolicyType';

/** Time the function has to answer after its work had to end. */
const TIME_TO_ANSWER = Duration.seconds(60);

/** What one use of the function brings along. */
export interface PolicyTypeUse extends OwnResources {
  readonly timeout: Duration;
}

/** The function behind every AiServicesOptOut of a stack. */
export class PolicyTypeFunction extends Construct {
  /** The one of this stack, made by the first who asks. */
  public static of(scope: Construct, use: PolicyTypeUse): PolicyTypeFunction {
    const stack = Stack.of(scope);
    const shared = stack.node.tryFindChild(ID) as PolicyTypeFunction | undefined ?? new PolicyTypeFunction(stack, use);
    shared.accept(scope, use);
    return shared;
  }

  public readonly functionArn: string;
  private readonly optOuts: OptOut[] = [];
  private timeout = 0;

  private constructor(stack: Stack, private readonly own: OwnResources) {
    super(stack, ID);
    const defined = defineFunction(this, own, {
      description: 'Enables the AI services opt-out policy type before the policy is attached',
      handler: 'policy-type',
      timeout: Lazy.number({ produce: () => this.timeout }),
      memorySize: 256,
      policies: policiesFor,
    });
    const resources = statementsFor(defined.logStreams).flatMap(({ resource }) => resource);
    if (defined.role) acknowledgeWildcards(defined.role, resources.filter((resource) => resource.includes('*')));
    this.functionArn = defined.resource.attrArn;
  }

  /** Checks an opt-out against the earlier ones and makes it wait for them: the organization takes one change at a time. */
  public add(optOut: OptOut): void {
    requireNoConflict(optOut);
    const previous = this.optOuts.at(-1);
    if (previous) optOut.policyType.node.addDependency(previous.policy);
    this.optOuts.push(optOut);
  }

  /** One function serves all, so its timeout is the longest asked for. */
  private accept(scope: Construct, use: PolicyTypeUse): void {
    this.timeout = Math.max(this.timeout, use.timeout.plus(TIME_TO_ANSWER).toSeconds());
    requireSame(scope, use, this.own, 'AiServicesOptOut');
  }
}

/** Exactly the calls that the function makes, on the narrowest resources that IAM allows for ids unknown before deployment. */
function statementsFor(logStreams: string): Statement[] {
  const { root, unit, account, policy } = ARNS;
  return [
    { action: 'organizations:EnablePolicyType', resource: [root], condition: ONLY_OF_TYPE },
    { action: ['organizations:DescribeOrganization', 'organizations:ListRoots'], resource: ['*'] },
    { action: 'organizations:ListPolicies', resource: ['*'], condition: OF_TYPE_IF_SAID },
    { action: 'organizations:ListPoliciesForTarget', resource: [root, unit, account], condition: OF_TYPE_IF_SAID },
    { action: 'organizations:ListParents', resource: [unit, account] },
    { action: 'organizations:DescribePolicy', resource: [policy], condition: OF_TYPE_IF_SAID },
    { action: ['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'], resource: [Aws.STACK_ID] },
    { action: ['logs:CreateLogStream', 'logs:PutLogEvents'], resource: [logStreams] },
  ];
}

function policiesFor(logStreams: string): CfnRole.PolicyProperty[] {
  return [{ policyName: 'PolicyType', policyDocument: { Version: '2012-10-17', Statement: statementsFor(logStreams).map(allow) } }];
}
