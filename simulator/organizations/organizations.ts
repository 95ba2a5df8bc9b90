import { AwsError } from '../aws-error';
import type { AuthorizationRequest, Caller } from '../caller';
import type { Clock } from '../clock';
import { delegationVerdict, type DelegationVerdict } from './delegation-policy';
import { refusals } from './errors';
import { Faults } from './faults';
import { isObject, validate } from './input';
import { OPERATIONS } from './operations';
import type { Callers, Context, Operation } from './operations/operation';
import { addUnit } from './operations/tree';
import { DEFAULT_SETTINGS, type Settings } from './settings';
import { Organization, type FeatureSet } from './state/organization';
import type { EffectivePolicyError } from './state/published-policies';
import type { AccountState, Unit } from './state/tree';
import { TokenBuckets } from './token-buckets';
import type { Exchange } from '../http/exchange';
import { outcomeOf, suffer } from '../http/service-faults';

export type { Fault, FaultError, FaultOptions, FaultScope } from '../http/service-faults';
export { ConnectionDropped } from '../http/service-faults';
export type { Faults } from './faults';
export type { Rate } from './rates';
export type { Settings } from './settings';
export type { FeatureSet } from './state/organization';
export type { EffectivePolicyError } from './state/published-policies';
export type { AccountState } from './state/tree';

/** The management account when nothing else is said. */
export const DEFAULT_MANAGEMENT_ACCOUNT = '111122223333';

export interface OrganizationsOptions extends Partial<Settings> {
  readonly clock: Clock;
}

/** One call, as CloudTrail would keep it. */
export interface RecordedCall {
  /** When it arrived. */
  readonly time: number;
  readonly accountId: string;
  readonly callerArn: string;
  readonly operation: string;
  readonly input: object;

  /** `ok`, the error's code, or `pending` while there is no answer yet. */
  readonly outcome: string;
}

/** A call that the service has dealt with, whatever became of the answer. */
export interface AnsweredCall {
  /** When it arrived. */
  readonly time: number;
  readonly caller: Caller;
  readonly operation: string;
  readonly input: object;

  /** Absent when it failed. */
  readonly output?: object;
  readonly error?: AwsError;
}

/** An account that has come or gone, in the words of the service's own events. */
export interface MembershipChange {
  readonly time: number;
  readonly accountId: string;
  readonly method: 'Created' | 'Invited' | 'Left' | 'Removed';
}

/** What the service has found out about the effective policy of an account. */
export interface EffectivePolicyValidation {
  readonly time: number;
  readonly accountId: string;
  readonly policyType: string;
  readonly state: 'INVALID' | 'VALID';
}

/** Told what happens in an organization. */
export interface OrganizationsObserver {
  answered(call: AnsweredCall): void;
  membership(change: MembershipChange): void;
  effectivePolicyValidated(validation: EffectivePolicyValidation): void;
}

/** An account for a scene. */
export interface SceneAccount {
  readonly name: string;

  /** @default - the next free one */
  readonly id?: string;

  /** @default - made from the name */
  readonly email?: string;

  /** @default - the root */
  readonly parentId?: string;

  /** @default 'ACTIVE' */
  readonly state?: AccountState;
}

/** A policy for a scene. */
export interface ScenePolicy {
  readonly name: string;
  readonly content: string;

  /** @default '' */
  readonly description?: string;

  /** @default 'AISERVICES_OPT_OUT_POLICY' */
  readonly type?: string;

  /** @default - attached nowhere */
  readonly targetIds?: string[];
}

/**
 * A simulated AWS Organizations.
 *
 * Everything an AWS client could do goes through `call`: it records the call, lets faults strike, takes a token where calls are throttled, checks the
 * input, asks IAM, checks which account is calling, and only then runs the operation. The other methods set a scene and leave no trace among the
 * recorded calls.
 */
export class Organizations {
  public readonly clock: Clock;
  public readonly settings: Settings;
  public readonly faults: Faults;
  public readonly calls: RecordedCall[] = [];

  private readonly buckets = new TokenBuckets();
  private readonly observers = new Set<OrganizationsObserver>();
  private organization?: Organization;

  public constructor({ clock, ...settings }: OrganizationsOptions) {
    this.clock = clock;
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.faults = new Faults(clock);
  }

  /** Whether there is an organization. */
  public get inUse(): boolean {
    return this.organization !== undefined;
  }

  public get managementAccountId(): string {
    return this.organization?.managementAccountId ?? DEFAULT_MANAGEMENT_ACCOUNT;
  }

  public get organizationId(): string {
    return this.scene.id;
  }

  public get rootId(): string {
    return this.scene.tree.root.id;
  }

  /** Account ids in the order in which they joined. */
  public get accountIds(): string[] {
    return this.scene.tree.accounts.map(({ id }) => id);
  }

  /**
   * Calls an operation as an AWS client would, and answers what an SDK would: timestamps are Dates.
   *
   * @throws AwsError for every refusal of the service, ConnectionDropped where a fault wants it
   */
  public async call(operation: string, input: object, caller: Caller, exchange: Exchange = { held: 0 }): Promise<object> {
    const record: Mutable<RecordedCall> = {
      time: this.clock.now(),
      accountId: caller.accountId,
      callerArn: caller.arn,
      operation,
      input: structuredClone(input),
      outcome: 'pending',
    };
    this.calls.push(record);
    const strikes = this.faults.next(operation);
    try {
      const output = await this.observed(record, input, caller, async () => suffer(strikes, 'before', exchange, this.clock));
      await suffer(strikes, 'after', exchange, this.clock);
      record.outcome = outcomeOf(exchange);
      return output;
    } catch (error) {
      record.outcome = error instanceof AwsError ? error.code : (error as Error).name;
      throw error;
    }
  }

  /** Tells somebody everything that happens from now on; the returned function ends that. */
  public observe(observer: OrganizationsObserver): () => void {
    this.observers.add(observer);
    return () => { this.observers.delete(observer); };
  }

  /** Lets the service report that an effective policy has become invalid or valid again. Nothing else changes. */
  public emitEffectivePolicyValidation(validation: Omit<EffectivePolicyValidation, 'time'>): void {
    this.observers.forEach((observer) => observer.effectivePolicyValidated({ ...validation, time: this.clock.now() }));
  }

  /** Starts an organization that has a root and the management account. */
  public createOrganization(options: { managementAccountId?: string; featureSet?: FeatureSet } = {}): this {
    this.found(options.managementAccountId ?? DEFAULT_MANAGEMENT_ACCOUNT, options.featureSet ?? 'ALL');
    return this;
  }

  /**
   * Adds an organizational unit and returns its id.
   *
   * @throws AwsError as CreateOrganizationalUnit does, for a unit too deep or too many
   */
  public createOrganizationalUnit(name: string, parentId?: string): string {
    return addUnit(this.scene, name, this.unitFor(parentId)).id;
  }

  /** Adds an account and answers its id. */
  public createAccount({ name, id, email, parentId, state }: SceneAccount): string {
    if (id && this.scene.tree.account(id)) throw new Error(`account ${id} is already in the simulated organization`);
    const account = this.scene.addAccount({
      id,
      name,
      email: email ?? emailFor(name),
      parent: this.unitFor(parentId),
      state,
      joinedAt: this.clock.now(),
    });
    this.observers.forEach((observer) => observer.membership({ time: this.clock.now(), accountId: account.id, method: 'Invited' }));
    return account.id;
  }

  public setAccountState(accountId: string, state: AccountState): void {
    this.memberWith(accountId).state = state;
  }

  /**
   * Lets a member account act in matters of policies, as a resource policy that allows everything would.
   *
   * As with AWS, only one that is registered for a service shows up in ListDelegatedAdministrators: delegation by resource policy does not.
   */
  public delegateAdministrator(accountId: string, servicePrincipal?: string): void {
    this.memberWith(accountId);
    this.scene.delegations.delegates.add(accountId);
    if (servicePrincipal) this.scene.delegations.register(accountId, servicePrincipal, this.clock.now());
  }

  /**
   * Makes the effective policy of an account invalid: it keeps what it had, and the errors are listed. Without errors it is valid again.
   *
   * Nothing is known to make an AI services opt-out invalid, so a scene has to say it.
   */
  public setInvalidEffectivePolicy(accountId: string, errors: readonly EffectivePolicyError[], type = 'AISERVICES_OPT_OUT_POLICY'): void {
    this.scene.published.setErrors(type, this.memberWith(accountId), errors, this.clock.now(), this.settings);
  }

  /** Has a policy type enabled for long enough that nothing is pending any more. */
  public enablePolicyType(type: string): void {
    const now = this.clock.now();
    this.scene.policyTypes.switch(type, true, now);
    this.scene.published.publishAll(type, this.scene.tree.root, now, now);
  }

  /** Has a policy that is already effective where it is attached, and answers its id. The content is not checked. */
  public addPolicy({ name, content, description = '', type = 'AISERVICES_OPT_OUT_POLICY', targetIds = [] }: ScenePolicy): string {
    const { policies, published, tree } = this.scene;
    const now = this.clock.now();
    const policy = policies.add({ id: this.scene.nextPolicyId(), type, name, description, content });
    for (const id of targetIds) {
      const target = tree.target(id);
      if (!target) throw new Error(`there is no ${id} in the simulated organization`);
      policies.attach(policy, target);
      published.publish(type, target, now, now);
    }
    return policy.id;
  }

  /** Back to an account without organization, calls or faults, and with full buckets. Settings stay. */
  public reset(): void {
    this.organization = undefined;
    this.buckets.clear();
    this.faults.clear();
    this.calls.length = 0;
  }

  private get scene(): Organization {
    if (!this.organization) throw new Error('there is no simulated organization: createOrganization comes first');
    return this.organization;
  }

  private async perform(name: string, input: object, caller: Caller): Promise<object> {
    const operation = OPERATIONS.get(name);
    if (!operation) throw refusals.unknownOperation();
    this.throttle(name, caller);
    if (!isObject(input)) throw refusals.serialization('the input has to be an object');
    const present = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null));
    validate(present, operation.input);
    const callers = typeof operation.callers === 'function' ? operation.callers(present, caller) : operation.callers;
    this.checkMembership(callers, caller);
    await this.askIam(name, operation, present, caller);
    this.checkAccount(name, operation, callers, present, caller);
    // The context is made anew: asking IAM may have taken a while.
    return operation.run(present, this.contextOf(name, caller));
  }

  /** Performs a call and tells what became of it. Calls that are no operation of the service, and lost connections, are told to nobody. */
  private async observed(record: RecordedCall, input: object, caller: Caller, delayed: () => Promise<void>): Promise<object> {
    const { time, operation } = record;
    const call = { time, caller, operation, input: record.input };
    const method = this.observers.size > 0 ? MEMBERSHIP_CHANGES.get(operation) : undefined;
    let before: ReadonlySet<string> | undefined;
    let output: object;
    try {
      await delayed();
      before = method && this.members;
      output = await this.perform(operation, input, caller);
    } catch (error) {
      if (error instanceof AwsError && OPERATIONS.has(operation)) this.observers.forEach((observer) => observer.answered({ ...call, error }));
      throw error;
    }
    this.observers.forEach((observer) => observer.answered({ ...call, output }));
    if (method) this.tellMembership(method, before!);
    return output;
  }

  private tellMembership(method: MembershipChange['method'], before: ReadonlySet<string>): void {
    const after = this.members;
    const changed = [...after].filter((id) => !before.has(id)).concat([...before].filter((id) => !after.has(id)));
    for (const accountId of changed) this.observers.forEach((observer) => observer.membership({ time: this.clock.now(), accountId, method }));
  }

  private get members(): Set<string> {
    return new Set(this.organization?.tree.accounts.map(({ id }) => id));
  }

  /** Whoever may not make a call has used up a token all the same. An account outside does not touch the organization's buckets. */
  private throttle(operation: string, { accountId }: Caller): void {
    if (!this.settings.throttling) return;
    const organizationId = this.organization?.tree.account(accountId) && this.organization.id;
    this.buckets.take(operation, accountId, organizationId, this.settings.undocumentedRate, this.clock.now());
  }

  private checkMembership(callers: Callers, { accountId }: Caller): void {
    const member = this.organization?.tree.account(accountId) !== undefined;
    if (callers !== 'outsiders' && !member) throw refusals.notInUse();
    // Not quite AWS's reason for an account outside, but there is only room for one organization here.
    if (callers === 'outsiders' && this.organization) throw refusals.alreadyInOrganization();
  }

  /** As recorded: the delegation policy does not restrict the management account, and a Deny in it reaches every other account. */
  private checkAccount(name: string, operation: Operation, callers: Callers, input: object, caller: Caller): void {
    if (callers === 'outsiders' || caller.accountId === this.managementAccountId) return;
    const verdict = this.delegationVerdict(name, operation, input, caller);
    const allowed = callers === 'anyone'
      || (callers === 'administrators' && (verdict === 'allowed' || this.scene.delegations.allow(caller.accountId, name)));
    if (verdict === 'denied' || !allowed) throw refusals.accessDenied();
  }

  /** What the delegation policy says about a call: a Deny of any part denies it, and all parts have to be allowed. */
  private delegationVerdict(name: string, operation: Operation, input: object, caller: Caller): DelegationVerdict {
    const statements = this.scene.delegations.resourcePolicy?.statements;
    if (!statements) return undefined;
    const { accountId } = caller;
    const principal = {
      'aws:PrincipalArn': principalArn(caller.arn),
      'aws:PrincipalAccount': accountId,
      'aws:PrincipalOrgID': this.organizationId,
      'aws:ResourceAccount': this.managementAccountId,
    };
    try {
      const verdicts = this.questions(name, operation, input, caller).flatMap(({ action, resources, context }) => (
        resources.map((resource) => delegationVerdict(statements, { accountId, action, resource, context: { ...context, ...principal } }))
      ));
      if (verdicts.includes('denied')) return 'denied';
      return verdicts.every((verdict) => verdict === 'allowed') ? 'allowed' : undefined;
    } catch (error) {
      // As recorded: a delegate that calls DescribePolicy for a policy that does not exist is denied.
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  }

  private questions(name: string, operation: Operation, input: object, caller: Caller): AuthorizationRequest[] {
    return (operation.asks?.(input, this.contextOf(name, caller)) ?? [{}]).map(({ action = name, resources = ['*'], context = {} }) => (
      { action: `organizations:${action}`, resources, context }
    ));
  }

  private async askIam(name: string, operation: Operation, input: object, caller: Caller): Promise<void> {
    if (!caller.authorize) return;
    for (const { action, resources, context } of this.questions(name, operation, input, caller)) {
      if (await caller.authorize({ action, resources, context })) continue;
      throw refusals.notAuthorized(caller.arn, action, await refusedAmong(resources, (resource) => (
        caller.authorize!({ action, resources: [resource], context })
      )));
    }
  }

  private contextOf(operation: string, caller: Caller): Context {
    const now = this.clock.now();
    this.organization?.settle(now);
    return {
      operation,
      caller,
      settings: this.settings,
      now,
      // Only CreateOrganization runs without one, and does not look.
      organization: this.organization as Organization,
      found: (managementAccountId, featureSet) => this.found(managementAccountId, featureSet),
    };
  }

  private found(managementAccountId: string, featureSet: FeatureSet): Organization {
    const organization = new Organization(managementAccountId, featureSet);
    organization.addAccount({
      id: managementAccountId,
      name: 'Management',
      email: emailFor('Management'),
      joinedMethod: 'INVITED',
      joinedAt: this.clock.now(),
    });
    this.organization = organization;
    return organization;
  }

  private unitFor(parentId?: string): Unit {
    const { root } = this.scene.tree;
    const unit = parentId === undefined ? root : this.scene.tree.unit(parentId);
    if (!unit) throw new Error(`there is no ${parentId} in the simulated organization`);
    return unit;
  }

  private memberWith(accountId: string) {
    const account = this.scene.tree.account(accountId);
    if (!account) throw new Error(`there is no account ${accountId} in the simulated organization`);
    return account;
  }
}

/** Operations after which an account has come or gone. */
const MEMBERSHIP_CHANGES = new Map<string, MembershipChange['method']>([
  ['CreateAccount', 'Created'],
  ['RemoveAccountFromOrganization', 'Removed'],
  ['LeaveOrganization', 'Left'],
]);

/** IAM compares `aws:PrincipalArn` with the role, not with its session. */
function principalArn(arn: string): string {
  return arn.replace(/^(arn:[^:]*):sts::(\d{12}):assumed-role\/([^/]+)\/.*$/, '$1:iam::$2:role/$3');
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** AWS names one resource in its refusal: the first that is not allowed by itself. */
async function refusedAmong(resources: string[], isAllowed: (resource: string) => Promise<boolean>): Promise<string> {
  if (resources.length > 1) {
    for (const resource of resources) {
      if (!await isAllowed(resource)) return resource;
    }
  }
  return resources[0];
}

function emailFor(name: string): string {
  return `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}@example.com`;
}
