import { type Caller } from '../caller';
import { HandlerError, type ResourceContext } from './resource-provider';
import { type ResponseServer } from './response-server';
import { type CloudWatch } from '../cloudwatch/cloudwatch';
import { type ConfigService } from '../config/config';
import { type EventBus } from '../eventbridge/event-bus';
import { authorizerFor, managedPolicies, type EvaluatedRequest, type PolicyDocument, type RoleProperties } from '../iam';
import { type EventSourceMapping } from '../lambda/event-source-mapping';
import { suffixFrom } from '../lambda/identifiers';
import { type LambdaService } from '../lambda/lambda-service';
import { type Organizations } from '../organizations/organizations';
import { type SimulatedClock } from '../simulated-clock';
import { type Sns } from '../sns/sns';
import { type Sqs } from '../sqs/sqs';
import { type ParameterStore } from '../ssm/parameter-store';

/** A role that functions can run with. */
export interface Role {
  readonly arn: string;
  readonly name: string;

  /** Policy documents by name. They may change: they are read at every call. */
  readonly policies: Map<string, PolicyDocument>;
  managedPolicyArns: string[];

  /** Absent for a role from outside the stack: it is taken as it is. */
  trustPolicy?: PolicyDocument;

  /** Simulated time from which on the role may do what its policies say. */
  readonly effectiveAt: number;
}

/** What an account consists of. */
export interface AccountOptions {
  readonly clock: SimulatedClock;
  readonly organizations: Organizations;
  readonly lambda: LambdaService;
  readonly eventBridge: EventBus;
  readonly sqs: Sqs;
  readonly responses: ResponseServer;
  readonly ssm: ParameterStore;
  readonly sns: Sns;
  readonly cloudWatch: CloudWatch;
  readonly config: ConfigService;
  readonly deployer: Caller;
  readonly accountId: string;
  readonly region: string;
  readonly iamDelayMs: number;
  readonly resourceMs: number;

  /** Told when the simulation itself breaks. */
  readonly onBroken: (error: Error) => void;
}

/** A log group of the account. */
export interface LogGroup {
  readonly retentionInDays?: number;
  readonly logGroupClass?: string;
}

/** The account that stacks are deployed in: what the resource providers create and look up. */
export class Account {
  /** Every call of a function and of the deploying role that was evaluated. */
  public readonly evaluatedRequests: EvaluatedRequest[] = [];
  public readonly logGroups = new Map<string, LogGroup>();

  /** By ARN. */
  public readonly roles = new Map<string, Role>();

  /** By UUID. */
  public readonly eventSourceMappings = new Map<string, EventSourceMapping>();

  public readonly partition = 'aws';

  public constructor(public readonly aws: AccountOptions) {}

  /** CloudWatch Logs extracts embedded metrics from log groups of class STANDARD only. */
  public extractsMetrics(logGroupName: string): boolean {
    return (this.logGroups.get(logGroupName)?.logGroupClass ?? 'STANDARD') === 'STANDARD';
  }

  /** An ARN in this account. */
  public arn(service: string, resource: string, region = this.aws.region): string {
    return `arn:${this.partition}:${service}:${region}:${this.aws.accountId}:${resource}`;
  }

  /** ARN of a function that is named in one of the ways that Lambda takes: its name, `123456789012:function:name`, its ARN. */
  public functionArn(name: string): string {
    return this.arn('lambda', `function:${name.split(':').at(-1)}`);
  }

  /** A name as CloudFormation generates it: the same for the same resource of the same stack, another one for every replacement. */
  public generatedName(context: ResourceContext, maximum: number): string {
    const suffix = suffixFrom(12, context.stack.id, context.logicalId, String(this.aws.clock.now()));
    return `${`${context.stack.name}-${context.logicalId}`.slice(0, maximum - 13)}-${suffix}`;
  }

  /** Asks whether the deploying role may do something. */
  public async ask(action: string, resource: string, conditions: Record<string, string | string[]> = {}): Promise<void> {
    const { authorize, arn } = this.aws.deployer;
    if (!authorize || await authorize({ action, resources: [resource], context: conditions })) return;
    throw new HandlerError(
      `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
      'AccessDenied',
    );
  }

  /** What any change takes in simulated time. */
  public async takeTime(): Promise<void> {
    await this.aws.clock.sleep(this.aws.resourceMs);
  }

  /** Makes a role of the outside world known. */
  public registerRole(arn: string, policies: RoleProperties | PolicyDocument | PolicyDocument[]): void {
    const isRole = !Array.isArray(policies) && !('Statement' in policies);
    const documents = isRole ? (policies.Policies ?? []).map((policy) => policy.PolicyDocument) : [policies].flat();
    this.roles.set(arn, {
      arn,
      name: arn.split('/').at(-1)!,
      policies: new Map(documents.map((document, index) => [`Policy${index + 1}`, document])),
      managedPolicyArns: isRole ? policies.ManagedPolicyArns ?? [] : [],
      effectiveAt: this.aws.clock.now(),
    });
  }

  /** Who a function of that name is. */
  public sessionOf(role: Role, sessionName: string): Caller {
    const { accountId, clock } = this.aws;
    const arn = `arn:${this.partition}:sts::${accountId}:assumed-role/${role.name}/${sessionName}`;
    return {
      accountId,
      arn,
      authorize: async (request) => authorizerFor([...role.policies.values(), ...managedPolicies(role.managedPolicyArns)], {
        accountId,
        principal: arn,
        record: this.evaluatedRequests,
        inEffect: () => clock.now() >= role.effectiveAt,
        busy: async (work) => clock.busy(work),
      })(request),
    };
  }
}
