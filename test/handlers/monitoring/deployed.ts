import { App, Stack } from 'aws-cdk-lib';
import { ALICE, EVENT_PATH, MANAGEMENT, STACK } from './monitored';
import { SimulatedAws, type SimulatedAwsOptions } from '../../../simulator/cloudformation/simulated-aws';
import type { StackOutcome } from '../../../simulator/cloudformation/stack';
import type { TriggeredInvocation } from '../../../simulator/lambda/lambda-service';
import type { Organizations } from '../../../simulator/organizations/organizations';

/** A member account. */
export const MEMBER = '222233334444';

/** Where a stack is: no Region for a template that may go anywhere. */
export interface Place {
  readonly region?: string;

  /** @default 'AiOptOut' */
  readonly name?: string;
}

/** The template of any stack. */
export function synthesize(define: (stack: Stack) => void, { region, name = STACK }: Place = {}): any {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, name, region ? { env: { region } } : {});
  define(stack);
  return app.synth().getStackByName(name).template;
}

/** The account that stacks are deployed in, by what it is in the organization. */
export const ACCOUNTS: [string, Partial<SimulatedAwsOptions>][] = [
  ['the management account', {}],
  ['a delegated administrator account', { accountId: MEMBER }],
];

/**
 * A simulated organization of three accounts in which templates are deployed, in the management account or in Member, which is a delegated
 * administrator. Workload is in the OU Workloads, the others are in the root.
 */
export class Deployed {
  public static async start(options: Partial<SimulatedAwsOptions> = {}): Promise<Deployed> {
    const ids: Record<string, string> = {};
    const aws = await SimulatedAws.start({
      ...options,
      scene: (organizations) => {
        organizations.createOrganization().createAccount({ name: 'Member', id: MEMBER });
        organizations.delegateAdministrator(MEMBER);
        ids.workloads = organizations.createOrganizationalUnit('Workloads');
        ids.workload = organizations.createAccount({ name: 'Workload', parentId: ids.workloads });
        options.scene?.(organizations);
      },
    });
    return new Deployed(aws, ids, options.accountId ?? MANAGEMENT);
  }

  private constructor(public readonly aws: SimulatedAws, public readonly ids: Readonly<Record<string, string>>, public readonly accountId: string) {}

  public get organizations(): Organizations {
    return this.aws.organizations;
  }

  public get rootId(): string {
    return this.organizations.rootId;
  }

  /** Deploys a template, and waits until what that has set off is over. */
  public async create(template: object, stackName = STACK): Promise<StackOutcome> {
    const outcome = await this.aws.cloudFormation.createStack({ stackName, template });
    await this.pass(EVENT_PATH);
    return outcome;
  }

  public async update(template: object, stackName = STACK): Promise<StackOutcome> {
    const outcome = await this.aws.cloudFormation.updateStack({ stackName, template });
    await this.pass(EVENT_PATH);
    return outcome;
  }

  /** Time passes. */
  public async pass(milliseconds: number): Promise<void> {
    await this.aws.clock.sleep(milliseconds);
  }

  /** Somebody calls the organization, from the account of the stacks where nothing else is said. */
  public async act(operation: string, input: object, accountId = this.accountId): Promise<any> {
    return this.organizations.call(operation, input, { accountId, arn: ALICE.replace(MANAGEMENT, accountId) });
  }

  /** The physical ids of all resources of a type. */
  public resources(type: string, stackName = STACK): string[] {
    const { resources } = this.aws.cloudFormation.describeStack(stackName);
    return resources.filter((resource) => resource.type === type).map(({ physicalId }) => physicalId);
  }

  /** The physical id of the resource whose logical id begins so. */
  public resource(logicalId: string, stackName = STACK): string {
    const { resources } = this.aws.cloudFormation.describeStack(stackName);
    return resources.find((resource) => resource.logicalId.startsWith(logicalId))!.physicalId;
  }

  public functionArn(stackName = STACK): string {
    return `arn:aws:lambda:${this.aws.eventBridge.region}:${this.accountId}:function:${this.resource('AiServicesOptOutMonitoringFunction', stackName)}`;
  }

  /** Runs of the monitoring functions, in order. */
  public runs(stackName = STACK): TriggeredInvocation[] {
    return this.aws.cloudFormation.invocations.filter(({ functionName }) => functionName.startsWith(`${stackName}-AiServicesOptOutMonitoring`));
  }

  /** Why runs have failed. */
  public errors(stackName = STACK): string[] {
    return this.runs(stackName).flatMap(({ error }) => (error ? [`${error.errorType}: ${error.errorMessage}`] : []));
  }

  /** Values of a metric, in order. */
  public metric(name: string, StackName = STACK): number[] {
    return this.aws.cloudWatch.metric('AiServicesOptOut', name, { StackName }).map(({ value }) => value);
  }

  public alarm(logicalId: string, stackName = STACK): string {
    return this.aws.cloudWatch.alarm(this.resource(logicalId, stackName)).state;
  }

  /** What a function remembers. */
  public memory(stackName = STACK): any {
    return JSON.parse(this.aws.ssm.value(this.resource('MonitorState', stackName))!);
  }

  public async close(): Promise<void> {
    await this.aws.close();
  }
}

/** The properties of the monitoring function's role in a template. */
export function roleOf(template: any): any {
  return Object.entries<any>(template.Resources)
    .find(([logicalId, { Type }]) => Type === 'AWS::IAM::Role' && logicalId.startsWith('AiServicesOptOutMonitoring'))![1].Properties;
}

/** Names of the role's policies with the actions that each grants. */
export function grantsOf(template: any): [policy: string, action: string][] {
  return roleOf(template).Policies.flatMap(({ PolicyName, PolicyDocument: { Statement } }: any) => (
    Statement.flatMap(({ Action }: any) => Action).map((action: string) => [PolicyName, action])
  ));
}

/** The same template, without one action in one of the role's policies. */
export function withoutGrant(template: any, policy: string, action: string): any {
  const copy = structuredClone(template);
  for (const { PolicyName, PolicyDocument } of roleOf(copy).Policies) {
    if (PolicyName !== policy) continue;
    PolicyDocument.Statement = PolicyDocument.Statement
      .map((statement: any) => ({ ...statement, Action: [statement.Action].flat().filter((granted: string) => granted !== action) }))
      .filter(({ Action }: any) => Action.length > 0);
  }
  roleOf(copy).Policies = roleOf(copy).Policies.filter(({ PolicyDocument: { Statement } }: any) => Statement.length > 0);
  return copy;
}
