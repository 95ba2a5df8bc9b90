import { AwsError } from '../aws-error';
import { type Caller } from '../caller';
import { Account } from './account';
import { comparable, makePlan } from './plan';
import { StackApi } from './stack-api';
import { StackOperation } from './stack-operation';
import { CloudWatch } from '../cloudwatch/cloudwatch';
import { ConfigService } from '../config/config';
import { CloudTrail, type EventDelays } from '../eventbridge/cloudtrail';
import { EventBus } from '../eventbridge/event-bus';
import { type SimulatedEndpoint } from '../http/server';
import { type ServiceFaults } from '../http/service-faults';
import { type EvaluatedRequest, type PolicyDocument, type RoleProperties } from '../iam';
import { uuidFrom } from '../lambda/identifiers';
import { LambdaService, type DeliveryOptions, type TriggeredInvocation } from '../lambda/lambda-service';
import { type ProcessOptions } from '../lambda/runtime-host';
import { type Organizations } from '../organizations/organizations';
import { type SimulatedClock } from '../simulated-clock';
import { Sns } from '../sns/sns';
import { Sqs } from '../sqs/sqs';
import { ParameterStore } from '../ssm/parameter-store';
import { CloudWatchAlarmProvider } from './providers/cloudwatch-alarm';
import { CloudWatchDashboardProvider } from './providers/cloudwatch-dashboard';
import { ConfigRuleProvider } from './providers/config-rule';
import { CustomResourceProvider } from './providers/custom-resource';
import { EventSourceMappingProvider } from './providers/event-source-mapping';
import { RuleProvider } from './providers/events-rule';
import { IamPolicyProvider, RoleProvider } from './providers/iam';
import { LambdaFunctionProvider } from './providers/lambda-function';
import { PermissionProvider } from './providers/lambda-permission';
import { LogGroupProvider } from './providers/log-group';
import { OrganizationsPolicyProvider } from './providers/organizations-policy';
import { KmsKeyProvider, MetadataProvider } from './providers/simple';
import { SnsSubscriptionProvider, SnsTopicPolicyProvider, SnsTopicProvider } from './providers/sns';
import { QueuePolicyProvider, QueueProvider } from './providers/sqs';
import { SsmParameterProvider } from './providers/ssm-parameter';
import { type ResourceProvider } from './resource-provider';
import { ResponseServer, type RecordedResponse } from './response-server';
import { administrator, Stack, type Plan, type StackEvent, type StackOutcome } from './stack';
import { parseTemplate, validationError } from './template';

/** The account that stacks are deployed in, and how quick things are there. */
export interface CloudFormationOptions extends DeliveryOptions, EventDelays {
  readonly clock: SimulatedClock;
  readonly organizations: Organizations;
  readonly endpoint: SimulatedEndpoint;

  /** What `endpoint.listen()` returned. */
  readonly endpointUrl: string;

  /** @default - the organization's management account */
  readonly accountId?: string;

  /** @default 'us-east-1' */
  readonly region?: string;

  /**
   * Who deploys. Its `authorize` is asked for everything that CloudFormation does.
   *
   * @default - an administrator of the account
   */
  readonly deployer?: Caller;

  /**
   * Simulated milliseconds until a new role may do what its policies say.
   *
   * @default 0
   */
  readonly iamDelayMs?: number;

  /**
   * Simulated milliseconds that creating, changing or deleting a resource takes.
   *
   * @default 1000
   */
  readonly resourceMs?: number;

  /**
   * Simulated milliseconds that a cold start takes.
   *
   * @default 200
   */
  readonly coldStartMs?: number;

  /**
   * Functions run in processes of their own, one for each invocation.
   *
   * @default - they run in threads, which are reused
   */
  readonly functionProcess?: ProcessOptions;

  /**
   * Whether AWS Config records the account's configuration: without that it takes no rules.
   *
   * @default true
   */
  readonly configurationRecorder?: boolean;

  /**
   * How many periods more than it evaluates an alarm looks back. AWS does not document the number.
   *
   * @default 2
   */
  readonly alarmExtraPeriods?: number;
}

/** A template and what comes with it. */
export interface StackInput {
  readonly stackName: string;

  /** JSON text or the object. */
  readonly template: string | object;
  readonly parameters?: Record<string, string>;
  readonly tags?: Record<string, string>;

  /** @default - everything is acknowledged */
  readonly capabilities?: string[];
}

/** A stack as it is now. */
export interface StackDescription {
  readonly stackId: string;
  readonly stackName: string;
  readonly status: string;
  readonly reason?: string;
  readonly outputs: Record<string, string>;
  readonly tags: Record<string, string>;
  readonly resources: ResourceDescription[];
}

/** A resource of a stack. */
export interface ResourceDescription {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly attributes: Record<string, unknown>;
}

const UPDATABLE = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

/**
 * Deploys synthesized templates in a simulated account: real inline code, real requests, simulated time.
 *
 * An operation resolves when the stack has reached a terminal status; a failed deployment is an outcome, not an error. Errors are what CloudFormation
 * itself would refuse before it starts (`AwsError`), and a simulation that can not go on.
 *
 * Simulated time also passes for whoever else waits on the clock, so that something can be done meanwhile:
 *
 *     const deployment = cloudFormation.createStack({ stackName, template });
 *     await clock.sleep(30_000);
 *     await organizations.call('DisablePolicyType', …);
 *     const outcome = await deployment;
 */
export class CloudFormation {
  /** How events reach functions; may be changed at any time. */
  public readonly delivery: DeliveryOptions;

  /** The event bus of the account and Region. */
  public readonly eventBridge: EventBus;

  /** The queues of the account and Region. */
  public readonly sqs: Sqs;

  public readonly ssm: ParameterStore;
  public readonly sns: Sns;
  public readonly cloudWatch: CloudWatch;
  public readonly config: ConfigService;

  /** The functions of the account and Region. */
  public readonly lambda: LambdaService;

  /** The operations that functions call about their stack. */
  public readonly api: StackApi;

  private readonly account: Account;
  private readonly responseServer: ResponseServer;
  private readonly stacks: Stack[] = [];
  private readonly providers: ResourceProvider[] = [
    new CustomResourceProvider(),
    new LogGroupProvider(),
    new RoleProvider(),
    new IamPolicyProvider(),
    new LambdaFunctionProvider(),
    new PermissionProvider(),
    new EventSourceMappingProvider(),
    new RuleProvider(),
    new QueueProvider(),
    new QueuePolicyProvider(),
    new OrganizationsPolicyProvider(),
    new MetadataProvider(),
    new KmsKeyProvider(),
    new SsmParameterProvider(),
    new SnsTopicProvider(),
    new SnsTopicPolicyProvider(),
    new SnsSubscriptionProvider(),
    new ConfigRuleProvider(),
    new CloudWatchAlarmProvider(),
    new CloudWatchDashboardProvider(),
  ];

  private readonly unwatch: () => void;
  private readonly cloudTrail: CloudTrail;
  private reportBroken?: (error: Error) => void;
  private readonly broken: Promise<never>;

  public constructor(options: CloudFormationOptions) {
    const { clock, organizations, endpoint, region = 'us-east-1', iamDelayMs = 0, resourceMs = 1000, coldStartMs } = options;
    const accountId = options.accountId ?? organizations.managementAccountId;
    this.broken = new Promise((_, reject) => { this.reportBroken = reject; });
    const onBroken = (error: Error) => this.reportBroken?.(error);
    // Only operations that are under way care.
    this.broken.catch(() => {});
    this.unwatch = clock.watch(endpoint);
    this.delivery = { duplicateDeliveries: options.duplicateDeliveries ?? [] };
    this.responseServer = new ResponseServer(clock);
    this.ssm = new ParameterStore({ clock, accountId, region });
    this.sns = new Sns({ clock, accountId, region });
    this.cloudWatch = new CloudWatch({
      clock,
      accountId,
      region,
      extraPeriods: options.alarmExtraPeriods,
      publish: (TopicArn, Subject, Message) => this.sns.publishAs('cloudwatch.amazonaws.com', { TopicArn, Subject, Message }),
    });
    this.lambda = new LambdaService({
      clock,
      region,
      coldStartMs,
      process: options.functionProcess,
      endpointUrl: options.endpointUrl,
      registerCaller: (accessKeyId, caller) => endpoint.registerCaller(accessKeyId, caller),
      onLogs: (invocation, logGroupName) => {
        if (this.account.extractsMetrics(logGroupName)) this.cloudWatch.ingest(invocation);
      },
    }, this.delivery, onBroken);
    this.config = new ConfigService({
      clock, accountId, region, functions: this.lambda, configurationRecorder: options.configurationRecorder, onBroken,
    });
    for (const service of [this.ssm, this.sns, this.config]) service.serve(endpoint);
    this.sqs = new Sqs(clock, accountId, region, (name) => this.account.arn('sqs', name));
    this.eventBridge = new EventBus({ clock, accountId, region, lambda: this.lambda, sqs: this.sqs, onBroken });
    this.cloudTrail = new CloudTrail(organizations, this.eventBridge, options.cloudTrailDelayMs ?? 10_000);
    this.account = new Account({
      clock,
      organizations,
      accountId,
      region,
      iamDelayMs,
      resourceMs,
      lambda: this.lambda,
      eventBridge: this.eventBridge,
      sqs: this.sqs,
      onBroken,
      responses: this.responseServer,
      ssm: this.ssm,
      sns: this.sns,
      cloudWatch: this.cloudWatch,
      config: this.config,
      deployer: { ...options.deployer ?? administrator(accountId), invokedBy: 'cloudformation.amazonaws.com' },
    });
    this.api = new StackApi(clock, (nameOrId) => this.find(nameOrId));
    this.api.serve(endpoint);
  }

  /** Every event of every stack, in order. */
  public get events(): StackEvent[] {
    return this.stacks.flatMap((stack) => stack.events).sort((left, right) => left.time - right.time);
  }

  /** Every invocation of a function, running ones included. */
  public get invocations(): TriggeredInvocation[] {
    return this.lambda.invocations;
  }

  /** Those that a rule or a queue set off, found by its ARN or the name at the end of it. */
  public invocationsBy(trigger: string): TriggeredInvocation[] {
    return this.invocations.filter(({ trigger: { arn } = { arn: '' } }) => arn === trigger || arn.split(/[:/]/).at(-1) === trigger);
  }

  /** Every PUT to a response URL. */
  public get responses(): RecordedResponse[] {
    return this.responseServer.responses;
  }

  /** What goes wrong with the PUTs. */
  public get responseFaults(): ServiceFaults {
    return this.responseServer.faults;
  }

  /** Every call that a function made and that IAM decided on. */
  public get evaluatedRequests(): EvaluatedRequest[] {
    return this.account.evaluatedRequests;
  }

  /** Adds a family of resource types. */
  public addProvider(provider: ResourceProvider): void {
    this.providers.push(provider);
  }

  /** Makes a role known that functions name by its ARN and that no stack declares. */
  public registerRole(arn: string, policies: RoleProperties | PolicyDocument | PolicyDocument[]): void {
    this.account.registerRole(arn, policies);
  }

  /** Creates a stack. */
  public async createStack(input: StackInput): Promise<StackOutcome> {
    const existing = this.find(input.stackName);
    if (existing && existing.status !== 'DELETE_COMPLETE') throw new AwsError('AlreadyExistsException', `Stack [${input.stackName}] already exists`);
    const id = this.account.arn('cloudformation', `stack/${input.stackName}/${uuidFrom('stack', input.stackName, String(this.stacks.length))}`);
    const plan = this.planOf(input, {}, id);
    const stack = new Stack(input.stackName, id, this.account.aws.clock.now(), plan);
    this.stacks.push(stack);
    return this.run(async () => this.operation(stack).create());
  }

  /** Updates a stack. Parameters that are not given keep their values, and so do tags when none are given. */
  public async updateStack(input: StackInput): Promise<StackOutcome> {
    const stack = this.existing(input.stackName);
    if (!UPDATABLE.includes(stack.status)) throw validationError(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
    const next = this.planOf({ ...input, tags: input.tags ?? stack.tags }, stack.plan.givenParameters, stack.id);
    const pseudo = this.pseudo(stack.name, stack.id);
    if (comparable(next, pseudo) === comparable(stack.plan, pseudo)) throw validationError('No updates are to be performed.');
    const retyped = [...next.resources].filter(([id, { Type }]) => stack.resources.has(id) && stack.resources.get(id)!.definition.Type !== Type);
    if (retyped.length > 0) {
      throw validationError('Update of resource type is not permitted. '
        + `The new template modifies resource type of the following resources: [${retyped.map(([id]) => id).join(', ')}]`);
    }
    return this.run(async () => this.operation(stack).update(next));
  }

  /** Deletes a stack; what its template retains stays. */
  public async deleteStack(stackName: string): Promise<StackOutcome> {
    const stack = this.existing(stackName);
    if (stack.inProgress) throw validationError(`Stack [${stackName}] can not be deleted while in status ${stack.status}`);
    return this.run(async () => this.operation(stack).delete());
  }

  /** What stacks export, by export name. */
  public get exports(): Record<string, string> {
    return Object.assign({}, ...this.stacks.map((stack) => stack.exports));
  }

  /** A stack by its name or ARN; a deleted one by its ARN only. */
  public describeStack(nameOrId: string): StackDescription {
    const stack = this.existing(nameOrId);
    return {
      stackId: stack.id,
      stackName: stack.name,
      status: stack.status,
      reason: stack.reason,
      outputs: stack.outputs,
      tags: stack.tags,
      resources: [...stack.resources.values()].map(({ logicalId, definition: { Type: type }, physicalId, attributes }) => (
        { logicalId, type, physicalId, attributes }
      )),
    };
  }

  /** Runs a deployed function with an event, as its tests or another service would. */
  public async invokeFunction(functionArn: string, event: unknown): Promise<TriggeredInvocation> {
    return this.run(async () => this.lambda.invoke(functionArn, event));
  }

  /** Starts the server that custom resources respond to. Otherwise the first custom resource does. */
  public async listen(): Promise<void> {
    await this.responseServer.listen();
  }

  /** Ends whatever still runs and frees the ports. */
  public async close(): Promise<void> {
    this.cloudTrail.close();
    this.eventBridge.close();
    for (const mapping of this.account.eventSourceMappings.values()) mapping.close();
    this.lambda.close();
    this.unwatch();
    await this.responseServer.close();
  }

  private async run<T>(operation: () => Promise<T>): Promise<T> {
    return Promise.race([operation(), this.broken]);
  }

  private operation(stack: Stack): StackOperation {
    return new StackOperation({
      account: this.account,
      providerFor: (type) => this.providerFor(type)!,
      pseudo: ({ name, id }) => this.pseudo(name, id),
      stacks: () => this.stacks.filter(({ status }) => status !== 'DELETE_COMPLETE'),
    }, stack);
  }

  private planOf(input: StackInput, previousParameters: Record<string, string>, stackId: string): Plan {
    const { stackName, template, parameters, tags, capabilities } = input;
    const parsed = parseTemplate(template);
    const kept = Object.fromEntries(Object.entries(previousParameters).filter(([name]) => name in (parsed.Parameters ?? {})));
    return makePlan({
      template: parsed,
      parameters: { ...kept, ...parameters },
      tags: tags ?? {},
      capabilities,
      pseudo: this.pseudo(stackName, stackId),
      ssm: (name) => this.ssm.value(name),
      providerFor: (type) => this.providerFor(type),
    });
  }

  private pseudo(stackName: string, stackId: string): Record<string, unknown> {
    const { accountId, region } = this.account.aws;
    return {
      'AWS::AccountId': accountId,
      'AWS::NotificationARNs': [],
      'AWS::Partition': this.account.partition,
      'AWS::Region': region,
      'AWS::StackId': stackId,
      'AWS::StackName': stackName,
      'AWS::URLSuffix': 'amazonaws.com',
    };
  }

  private providerFor(type: string): ResourceProvider | undefined {
    return this.providers.find(({ types }) => types.some((known) => (known.endsWith('*') ? type.startsWith(known.slice(0, -1)) : type === known)));
  }

  private find(nameOrId: string): Stack | undefined {
    return this.stacks.find((stack) => stack.id === nameOrId)
      ?? this.stacks.find((stack) => stack.name === nameOrId && stack.status !== 'DELETE_COMPLETE');
  }

  private existing(nameOrId: string): Stack {
    const stack = this.find(nameOrId);
    if (!stack) throw validationError(`Stack with id ${nameOrId} does not exist`);
    return stack;
  }
}
