import { isDeepStrictEqual } from 'node:util';
import { type Account } from './account';
import { reversed, walk, type DependencyGraph } from './dependency-graph';
import { resolve, type Scope } from './intrinsics';
import { importsOf, outputsOf, scopeOf } from './plan';
import { type PhysicalResource, type ResourceContext, type ResourceProvider } from './resource-provider';
import { type Plan, type Stack, type StackEvent, type StackOutcome, type StackResource } from './stack';
import { type ResourceDefinition } from './template';
import { uuidFrom } from '../lambda/identifiers';

const STACK_TYPE = 'AWS::CloudFormation::Stack';

/** Simulated milliseconds until the event bus knows a stack's new status. */
const STATUS_EVENT_DELAY_MS = 1000;

/** What an operation works with. */
export interface OperationEnvironment {
  readonly account: Account;
  readonly providerFor: (type: string) => ResourceProvider;
  readonly pseudo: (stack: Stack) => Record<string, unknown>;

  /** Every stack of the account and Region that has not been deleted, this one included. */
  readonly stacks: () => readonly Stack[];
}

/** A physical resource that is to be deleted when everything else has succeeded. */
interface Leftover {
  readonly resource: StackResource;
  readonly policy: string;
}

/**
 * One create, update or delete of a stack, with its rollback.
 *
 * Lifecycle of a create: resources in dependency order, in parallel where nothing forbids it; the first failure cancels what is in progress, and
 * the rollback deletes what exists, in reverse order.
 *
 * Lifecycle of an update: resources in dependency order of the new template, each only when its resolved properties differ from the previous ones; then
 * the clean-up deletes what was replaced or removed. After a failure the rollback brings what was touched back to the previous properties, and
 * the clean-up deletes what was created.
 */
export class StackOperation {
  private readonly firstEvent: number;
  private readonly cancellation = new AbortController();
  private readonly failed: string[] = [];
  private readonly leftovers: Leftover[] = [];

  /** Resources as they were before the operation. */
  private readonly before: ReadonlyMap<string, StackResource>;

  /** Resources that an update touched, also in vain. */
  private readonly touched = new Set<string>();

  /** Those among them that can not be changed in place: the old one is as it was. */
  private readonly replaced = new Set<string>();

  /** Why the operation fails although every resource is fine. */
  private problem?: string;

  public constructor(private readonly environment: OperationEnvironment, private readonly stack: Stack) {
    this.firstEvent = stack.events.length;
    this.before = new Map(stack.resources);
  }

  public async create(): Promise<StackOutcome> {
    this.stackEvent('CREATE_IN_PROGRESS');
    this.findImports();
    await walk(this.stack.plan.graph, async (logicalId) => this.bringIntoBeing(logicalId));
    if (this.succeeded()) return this.end('CREATE_COMPLETE');
    const reason = this.problem ?? `The following resource(s) failed to create: [${this.failed.join(', ')}].`;
    this.stackEvent('ROLLBACK_IN_PROGRESS', `${reason} Rollback requested by user.`);
    const stuck = await this.remove(this.stack.plan.graph, [...this.stack.resources.values()], (resource) => onRollback(resource.definition));
    return stuck.length === 0
      ? this.end('ROLLBACK_COMPLETE', reason)
      : this.end('ROLLBACK_FAILED', `The following resource(s) failed to delete: [${stuck.join(', ')}].`);
  }

  public async update(next: Plan): Promise<StackOutcome> {
    const previous = this.stack.plan;
    this.stack.plan = next;
    this.stackEvent('UPDATE_IN_PROGRESS');
    this.findImports();
    await walk(next.graph, async (logicalId) => {
      if (this.before.has(logicalId)) await this.bringUpToDate(logicalId);
      else await this.bringIntoBeing(logicalId);
    });
    if (!this.succeeded()) return this.rollBackUpdate(previous);
    this.stackEvent('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    for (const [logicalId, resource] of this.before) {
      if (!next.resources.has(logicalId)) this.leftovers.push({ resource, policy: onDelete(resource.definition) });
    }
    await this.cleanUp(previous.graph);
    return this.end('UPDATE_COMPLETE');
  }

  public async delete(): Promise<StackOutcome> {
    const used = Object.keys(this.stack.exports).find((name) => this.importersOf(name).length > 0);
    // Nothing is touched: the stack keeps its status.
    if (used !== undefined) return this.end(this.stack.status, `Delete canceled. Cannot delete export ${used} as it is in use by ${this.importersOf(used).join(' and ')}.`);
    this.stackEvent('DELETE_IN_PROGRESS');
    const stuck = await this.remove(this.stack.plan.graph, [...this.stack.resources.values()], (resource) => onDelete(resource.definition));
    if (stuck.length === 0) this.stack.exports = {};
    return stuck.length === 0
      ? this.end('DELETE_COMPLETE')
      : this.end('DELETE_FAILED', `The following resource(s) failed to delete: [${stuck.join(', ')}].`);
  }

  private async rollBackUpdate(previous: Plan): Promise<StackOutcome> {
    const reason = this.problem ?? `The following resource(s) failed to create or update: [${this.failed.join(', ')}].`;
    this.stackEvent('UPDATE_ROLLBACK_IN_PROGRESS', reason);
    const created = [...this.stack.resources.values()].filter(({ logicalId }) => !this.before.has(logicalId));
    const newGraph = this.stack.plan.graph;
    this.stack.plan = previous;
    // What was replaced stays: the new ones are what has to go now.
    this.leftovers.length = 0;
    const stuck: string[] = [];
    await walk(previous.graph, async (logicalId) => {
      if (this.touched.has(logicalId) && !await this.takeBack(logicalId)) stuck.push(logicalId);
    });
    if (stuck.length > 0) return this.end('UPDATE_ROLLBACK_FAILED', `The following resource(s) failed to update: [${stuck.join(', ')}].`);
    this.stackEvent('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    this.leftovers.push(...created.map((resource) => ({ resource, policy: onRollback(resource.definition) })));
    await this.cleanUp(newGraph);
    return this.end('UPDATE_ROLLBACK_COMPLETE', reason);
  }

  /** Creates a resource that the stack does not have yet. */
  private async bringIntoBeing(logicalId: string): Promise<void> {
    if (this.failing) return;
    const definition = this.stack.plan.resources.get(logicalId)!;
    this.resourceEvent(logicalId, definition, 'CREATE_IN_PROGRESS');
    let properties: any = {};
    const context = this.contextFor(logicalId, definition, (physicalId) => {
      this.keep(logicalId, definition, properties, { physicalId, attributes: {} });
    });
    await this.attempt(logicalId, definition, 'CREATE', async () => {
      properties = this.resolved(definition);
      this.keep(logicalId, definition, properties, await this.providerFor(definition).create(context, properties));
    });
  }

  private async bringUpToDate(logicalId: string): Promise<void> {
    if (this.failing) return;
    const old = this.before.get(logicalId)!;
    const definition = this.stack.plan.resources.get(logicalId)!;
    const provider = this.providerFor(definition);
    await this.attempt(logicalId, definition, 'UPDATE', async () => {
      const properties = this.resolved(definition);
      const sameTags = !provider.taggable || isDeepStrictEqual(old.tags, this.stack.tags);
      if (isDeepStrictEqual(properties, old.properties) && sameTags) {
        this.stack.resources.set(logicalId, { ...old, definition, tags: this.stack.tags });
        return false;
      }
      this.touched.add(logicalId);
      this.resourceEvent(logicalId, definition, 'UPDATE_IN_PROGRESS');
      // Whatever comes of it: this is what the resource was asked to be, and what a rollback takes back.
      this.stack.resources.set(logicalId, { ...old, definition, properties, tags: this.stack.tags });
      await this.change(definition, old, properties, definition.UpdateReplacePolicy ?? 'Delete');
      return true;
    });
  }

  /** Gives a touched resource its previous properties again. */
  private async takeBack(logicalId: string): Promise<boolean> {
    const old = this.before.get(logicalId)!;
    const current = this.stack.resources.get(logicalId)!;
    const { definition } = old;
    this.resourceEvent(logicalId, definition, 'UPDATE_IN_PROGRESS');
    try {
      if (this.replaced.has(logicalId)) {
        this.stack.resources.set(logicalId, old);
        if (current.physicalId !== old.physicalId) this.leftovers.push({ resource: current, policy: 'Delete' });
      } else {
        await this.change(definition, current, old.properties, 'Delete', new AbortController().signal);
      }
      this.resourceEvent(logicalId, definition, 'UPDATE_COMPLETE');
      return true;
    } catch (error) {
      this.resourceEvent(logicalId, definition, 'UPDATE_FAILED', (error as Error).message);
      return false;
    }
  }

  /** Updates in place or by replacement; the replaced one is left for the clean-up. */
  private async change(definition: ResourceDefinition, from: StackResource, properties: any, policy: string, cancelled?: AbortSignal): Promise<void> {
    const { logicalId, physicalId, attributes } = from;
    const provider = this.providerFor(definition);
    const context = this.contextFor(logicalId, definition, (newId) => {
      this.keep(logicalId, definition, properties, { physicalId: newId, attributes: {} });
    }, cancelled);
    let result = await provider.update(context, { physicalId, properties, previous: from.properties, attributes, previousTags: from.tags });
    if (result === 'replace') {
      this.replaced.add(logicalId);
      this.resourceEvent(logicalId, definition, 'UPDATE_IN_PROGRESS', 'Requested update requires the creation of a new physical resource; hence creating one.');
      result = await provider.create(context, properties);
    }
    this.keep(logicalId, definition, properties, result);
    if (result.physicalId !== physicalId) this.leftovers.push({ resource: from, policy });
  }

  /** Does something to a resource and writes its events; the first failure ends everybody else's waiting. */
  private async attempt(logicalId: string, definition: ResourceDefinition, verb: 'CREATE' | 'UPDATE', work: () => Promise<boolean | void>): Promise<void> {
    try {
      const changed = await work();
      if (this.cancellation.signal.aborted) throw new Error('cancelled');
      if (changed !== false) this.resourceEvent(logicalId, definition, `${verb}_COMPLETE`);
    } catch (error) {
      const cancelled = this.cancellation.signal.aborted;
      const reason = cancelled ? `Resource ${verb === 'CREATE' ? 'creation' : 'update'} cancelled` : (error as Error).message;
      this.failed.push(logicalId);
      this.resourceEvent(logicalId, definition, `${verb}_FAILED`, reason);
      this.cancellation.abort();
    }
  }

  private async cleanUp(graph: DependencyGraph): Promise<void> {
    // A failure here leaves something behind, but the stack is what it should be.
    const policies = new Map(this.leftovers.map(({ resource, policy }) => [resource, policy]));
    await this.remove(graph, [...policies.keys()], (resource) => policies.get(resource)!);
  }

  /** Deletes in reverse order of dependency, and answers what could not be deleted. */
  private async remove(graph: DependencyGraph, resources: StackResource[], policyOf: (resource: StackResource) => string): Promise<string[]> {
    const stuck = new Set<string>();
    const kept = new Set<string>();
    const known = new Map([...graph].map(([id, needed]) => [id, [...needed]]));
    for (const { logicalId } of resources) known.set(logicalId, known.get(logicalId) ?? []);
    await walk(reversed(known), async (logicalId) => {
      for (const resource of resources.filter((candidate) => candidate.logicalId === logicalId)) {
        // Whatever a resource depends on has to outlive it, also when it can not be deleted.
        const needed = [...kept].some((other) => known.get(other)!.includes(logicalId));
        const removed = !needed && await this.removeOne(resource, policyOf(resource));
        if (!removed) kept.add(logicalId);
        if (!removed && !needed) stuck.add(logicalId);
      }
    });
    return [...stuck];
  }

  private async removeOne(resource: StackResource, policy: string): Promise<boolean> {
    const { logicalId, definition, physicalId, properties } = resource;
    const forget = () => {
      if (this.stack.resources.get(logicalId)?.physicalId === physicalId) this.stack.resources.delete(logicalId);
    };
    if (policy !== 'Delete') {
      this.resourceEvent(logicalId, definition, 'DELETE_SKIPPED', undefined, physicalId);
      forget();
      return true;
    }
    this.resourceEvent(logicalId, definition, 'DELETE_IN_PROGRESS', undefined, physicalId);
    try {
      const context = this.contextFor(logicalId, definition, () => {}, new AbortController().signal);
      await this.providerFor(definition).delete(context, physicalId, properties);
    } catch (error) {
      this.resourceEvent(logicalId, definition, 'DELETE_FAILED', (error as Error).message, physicalId);
      return false;
    }
    this.resourceEvent(logicalId, definition, 'DELETE_COMPLETE', undefined, physicalId);
    forget();
    return true;
  }

  /** Whether it is known already that the operation fails: what has not begun does not begin any more. */
  private get failing(): boolean {
    return this.failed.length > 0 || this.problem !== undefined;
  }

  private succeeded(): boolean {
    if (this.failing) return false;
    const definitions = outputsOf(this.stack.plan);
    try {
      const outputs = Object.fromEntries(definitions.map(([name, { Value }]) => [name, String(resolve(Value, this.scope()))]));
      const exported = definitions.filter(([, { Export }]) => Export !== undefined);
      const exports = Object.fromEntries(exported.map(([name, { Export }]) => [String(resolve(Export!.Name, this.scope())), outputs[name]]));
      this.problem = this.problemWith(exports);
      if (this.problem === undefined) Object.assign(this.stack, { outputs, exports });
    } catch (error) {
      this.problem = (error as Error).message;
    }
    return this.problem === undefined;
  }

  /** An import that nobody exports fails the stack before anything else happens. */
  private findImports(): void {
    const missing = importsOf(this.stack.plan, this.environment.pseudo(this.stack)).find((name) => this.exported(name) === undefined);
    if (missing !== undefined) this.problem = `No export named ${missing} found.`;
  }

  /** Why the stack may not export this instead of what it has exported so far. */
  private problemWith(exports: Record<string, string>): string | undefined {
    for (const name of Object.keys(exports)) {
      const other = this.environment.stacks().find((stack) => stack !== this.stack && name in stack.exports);
      if (other) return `Export with name ${name} is already exported by stack ${other.name}.`;
    }
    for (const [name, value] of Object.entries(this.stack.exports)) {
      const importers = exports[name] === value ? [] : this.importersOf(name);
      if (importers.length > 0) return `Export ${name} cannot be ${name in exports ? 'updated' : 'deleted'} as it is in use by ${importers.join(' and ')}`;
    }
    return undefined;
  }

  private importersOf(name: string): string[] {
    const { stacks, pseudo } = this.environment;
    return stacks().filter((stack) => stack !== this.stack && stack.resources.size > 0 && importsOf(stack.plan, pseudo(stack)).includes(name))
      .map((stack) => stack.name);
  }

  private exported(name: string): string | undefined {
    return this.environment.stacks().find((stack) => name in stack.exports)?.exports[name];
  }

  private resolved(definition: ResourceDefinition): any {
    return resolve(definition.Properties ?? {}, this.scope());
  }

  private scope(): Scope {
    const { template, parameters, conditions } = this.stack.plan;
    return scopeOf(template, parameters, conditions, this.environment.pseudo(this.stack), {
      ref: (name) => this.stack.resources.get(name)?.physicalId,
      attribute: (logicalId, name) => this.attribute(logicalId, name),
      imported: (name) => {
        const value = this.exported(name);
        if (value === undefined) throw new Error(`No export named ${name} found.`);
        return value;
      },
    });
  }

  private attribute(logicalId: string, name: string): unknown {
    const resource = this.stack.resources.get(logicalId);
    const value = name.split('.').reduce((found: any, part) => found?.[part], resource?.attributes) ?? resource?.attributes[name];
    if (value !== undefined) return value;
    throw new Error(resource && isCustom(resource.definition)
      ? `CustomResource attribute error: Vendor response doesn't contain ${name} attribute in object ${this.stack.id}|${logicalId}`
      : `Requested attribute ${name} does not exist in schema for ${resource?.definition.Type ?? logicalId}`);
  }

  private keep(logicalId: string, definition: ResourceDefinition, properties: any, { physicalId, attributes }: PhysicalResource): void {
    this.stack.resources.set(logicalId, { logicalId, definition, physicalId, attributes, properties, tags: this.stack.tags });
  }

  private contextFor(
    logicalId: string,
    definition: ResourceDefinition,
    created: (physicalId: string) => void,
    cancelled: AbortSignal = this.cancellation.signal,
  ): ResourceContext {
    return { account: this.environment.account, stack: this.stack, logicalId, type: definition.Type, cancelled, created };
  }

  private providerFor(definition: ResourceDefinition): ResourceProvider {
    return this.environment.providerFor(definition.Type);
  }

  private end(status: string, reason?: string): StackOutcome {
    this.stackEvent(status, reason);
    const events = this.stack.events.slice(this.firstEvent);
    return { status, reason, events, failures: events.filter((event) => event.status.endsWith('_FAILED') && event.type !== STACK_TYPE) };
  }

  private stackEvent(status: string, reason?: string): void {
    this.stack.status = status;
    this.stack.reason = reason;
    this.event({ logicalId: this.stack.name, physicalId: this.stack.id, type: STACK_TYPE, status, reason });
    this.announce(status, reason);
  }

  private announce(status: string, reason = ''): void {
    this.environment.account.aws.eventBridge.put({
      source: 'aws.cloudformation',
      detailType: 'CloudFormation Stack Status Change',
      resources: [this.stack.id],
      detail: {
        'stack-id': this.stack.id,
        'status-details': { 'status': status, 'status-reason': reason },
        'client-request-token': uuidFrom('stack-operation', this.stack.id, String(this.firstEvent)),
      },
    }, STATUS_EVENT_DELAY_MS);
  }

  private resourceEvent(logicalId: string, { Type }: ResourceDefinition, status: string, reason?: string, physicalId?: string): void {
    this.event({ logicalId, physicalId: physicalId ?? this.stack.resources.get(logicalId)?.physicalId, type: Type, status, reason });
  }

  private event(event: Omit<StackEvent, 'time'>): void {
    this.stack.events.push({ time: this.environment.account.aws.clock.now(), ...event });
  }
}

function isCustom({ Type }: ResourceDefinition): boolean {
  return Type.startsWith('Custom::') || Type === 'AWS::CloudFormation::CustomResource';
}

function onDelete({ DeletionPolicy }: ResourceDefinition): string {
  return DeletionPolicy === 'RetainExceptOnCreate' ? 'Retain' : DeletionPolicy ?? 'Delete';
}

/** When the operation that created the resource is rolled back. */
function onRollback({ DeletionPolicy }: ResourceDefinition): string {
  return DeletionPolicy === 'Retain' ? 'Retain' : 'Delete';
}
