import { App, Duration, Stack } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { SimulatedAws, type SimulatedAwsOptions } from '../../../simulator/cloudformation/simulated-aws';
import type { Invocation } from '../../../simulator/lambda/lambda-function';
import type { Organizations, RecordedCall } from '../../../simulator/organizations/organizations';
import { AiServicesOptOut, AiServicesOptOutMonitor, type AiServicesOptOutMonitorProps, type AiServicesOptOutProps } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';
import { keyOf, SharedScenes } from '../../support/shared-scenes';
import { synthesizeOnce } from '../../support/templates';

export const STACK = 'AiOptOut';
export const MANAGEMENT = '111122223333';
export const ALICE = `arn:aws:iam::${MANAGEMENT}:user/alice`;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const INTERVAL = 6 * HOUR;

/** Long enough for an event to arrive, be gathered for a minute, and be looked into. */
export const EVENT_PATH = 4 * MINUTE;

export interface MonitoredOptions {
  /** @default true - an opt-out in the same stack */
  readonly optOut?: boolean;
  readonly optOutProps?: AiServicesOptOutProps;
  readonly repair?: boolean;

  /** @default 'us-east-1' */
  readonly region?: string;
  readonly monitorProps?: Partial<AiServicesOptOutMonitorProps>;

  /** The monitor's log group. */
  readonly logGroup?: (stack: Stack) => ILogGroup;

  /** What else the stack has. */
  readonly define?: (stack: Stack) => void;
}

/** The template of a stack with an opt-out, a topic and a monitor. */
export const templateOf = synthesizeOnce(synthesize);

function synthesize({ optOut = true, optOutProps, repair = false, region = 'us-east-1', monitorProps, logGroup, define }: MonitoredOptions = {}): any {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, STACK, { env: { region } });
  const optedOut = optOut ? new AiServicesOptOut(stack, 'OptOut', optOutProps) : undefined;
  new AiServicesOptOutMonitor(stack, 'Monitor', {
    interval: Duration.hours(6),
    notificationTopic: new Topic(stack, 'Changes'),
    repair: repair ? optedOut : undefined,
    logGroup: logGroup?.(stack),
    ...monitorProps,
  });
  define?.(stack);
  return app.synth().getStackByName(STACK).template;
}

/** A document as somebody would write it by hand. */
export function unlocked(settings: Record<string, 'optIn' | 'optOut'>): string {
  return JSON.stringify({ services: Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, { opt_out_policy: { '@@assign': setting } }])) });
}

/** From now on, accounts look as an SDK from before 2026-03-30 shows them: without paths, with a status instead of a state. */
export function withoutPaths(organizations: Organizations): void {
  const call = organizations.call.bind(organizations);
  organizations.call = async (...request) => {
    const output: any = await call(...request);
    if (!output.Accounts) return output;
    return { ...output, Accounts: output.Accounts.map(({ Paths, State, ...account }: any) => ({ ...account, Status: State })) };
  };
}

/**
 * A simulated organization of four accounts with a deployed monitor, for one test. Management and Dev are in the root, Playground and Tests in the OU
 * Sandbox; the OU Lab is empty.
 */
export class Monitored {
  /** Deploys the template and waits until what that has set off is over. Tests that deploy the same share the deployment. */
  public static async start(options: MonitoredOptions = {}, awsOptions: Partial<SimulatedAwsOptions> = {}): Promise<Monitored> {
    const template = templateOf(options);
    return scenes.take(keyOf([template, options.region, awsOptions]), async () => Monitored.deploy(template, options.region, awsOptions));
  }

  private static async deploy(template: object, region: string | undefined, awsOptions: Partial<SimulatedAwsOptions>): Promise<Monitored> {
    const ids: Record<string, string> = {};
    const aws = await SimulatedAws.start({
      region,
      scene: (organizations) => {
        organizations.createOrganization();
        ids.sandbox = organizations.createOrganizationalUnit('Sandbox');
        ids.lab = organizations.createOrganizationalUnit('Lab');
        ids.dev = organizations.createAccount({ name: 'Dev' });
        ids.playground = organizations.createAccount({ name: 'Playground', parentId: ids.sandbox });
        ids.tests = organizations.createAccount({ name: 'Tests', parentId: ids.sandbox });
      },
      ...awsOptions,
    });
    const monitored = new Monitored(aws, ids);
    const outcome = await aws.cloudFormation.createStack({ stackName: STACK, template });
    if (outcome.status !== 'CREATE_COMPLETE') throw new Error(`${outcome.status}: ${JSON.stringify(outcome.failures)}`);
    await monitored.pass(EVENT_PATH);
    return monitored;
  }

  private constructor(public readonly aws: SimulatedAws, public readonly ids: Readonly<Record<string, string>>) {}

  public get organizations(): Organizations {
    return this.aws.organizations;
  }

  public get rootId(): string {
    return this.organizations.rootId;
  }

  /** The id of our policy. */
  public get policyId(): string {
    return this.resource('AWS::Organizations::Policy');
  }

  /** Time passes. */
  public async pass(milliseconds: number): Promise<void> {
    await this.aws.clock.sleep(milliseconds);
  }

  /** Somebody calls the organization. */
  public async act(operation: string, input: object, arn = ALICE): Promise<any> {
    return this.organizations.call(operation, input, { accountId: MANAGEMENT, arn });
  }

  /** Makes a policy of somebody else. */
  public async otherPolicy(name: string, content: string): Promise<string> {
    return (await this.act('CreatePolicy', { Name: name, Description: '', Type: POLICY_TYPE, Content: content })).Policy.PolicySummary.Id;
  }

  public async update(options: MonitoredOptions) {
    return this.aws.cloudFormation.updateStack({ stackName: STACK, template: templateOf(options) });
  }

  /** The physical id of the only resource of a type. */
  public resource(type: string): string {
    return this.aws.cloudFormation.describeStack(STACK).resources.find((resource) => resource.type === type)!.physicalId;
  }

  /** Runs of the monitoring function, in order. */
  public runs(): Invocation[] {
    return this.aws.cloudFormation.invocations.filter(({ functionName }) => functionName.includes('Monitoring'));
  }

  /** The messages that people got, in order. */
  public messages(): { subject: string; message: string; time: number }[] {
    return this.aws.sns.messages.filter(({ topicName }) => topicName.includes('Changes')).map(({ subject, message, time }) => ({ subject: subject!, message, time }));
  }

  /** The last value of a metric. */
  public metric(name: string): number | undefined {
    return this.aws.cloudWatch.metric('AiServicesOptOut', name, { StackName: STACK }).at(-1)?.value;
  }

  /** The states of the alarms. */
  public alarms(): Record<string, string> {
    const alarms = this.aws.cloudFormation.describeStack(STACK).resources.filter(({ type }) => type === 'AWS::CloudWatch::Alarm');
    return Object.fromEntries(alarms.map(({ logicalId, physicalId }) => [
      /Monitor(\w+)Alarm/.exec(logicalId)![1], this.aws.cloudWatch.alarm(physicalId).state,
    ]));
  }

  /** Calls to the organization that the monitoring function made. */
  public calls(operation?: string): RecordedCall[] {
    return this.organizations.calls.filter((call) => call.callerArn.includes('Monitoring') && (!operation || call.operation === operation));
  }

  /** What the function changed in the organization. */
  public changes(): string[] {
    return this.calls().map((call) => call.operation).filter((operation) => !/^(List|Describe)/.test(operation));
  }

  /** What the function remembers. */
  public memory(): any {
    const { physicalId } = this.aws.cloudFormation.describeStack(STACK).resources.find(({ logicalId }) => logicalId.startsWith('MonitorState'))!;
    return JSON.parse(this.aws.ssm.value(physicalId)!);
  }

  /** Ids of the accounts that are opted out of everything, by AWS's own answers once all changes have come through. */
  public async optedOut(): Promise<string[]> {
    await this.pass(MINUTE);
    const result: string[] = [];
    for (const id of this.organizations.accountIds) {
      const content = await this.act('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId: id })
        .then(({ EffectivePolicy }) => JSON.parse(EffectivePolicy.PolicyContent), () => ({}));
      const services = Object.entries<any>(content.services ?? {});
      if (services.some(([key]) => key === 'default') && services.every(([, entry]) => entry.opt_out_policy === 'optOut')) result.push(id);
    }
    return result;
  }

  public async close(): Promise<void> {
    await scenes.giveBack(this);
  }
}

const scenes = new SharedScenes<Monitored>();
