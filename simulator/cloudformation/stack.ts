import { type Caller } from '../caller';
import { type DependencyGraph } from './dependency-graph';
import { type ParameterValue } from './parameters';
import { type StackIdentity } from './resource-provider';
import { type ResourceDefinition, type Template } from './template';

/** One line of a stack's history. */
export interface StackEvent {
  /** Simulated time. */
  readonly time: number;

  /** The stack's own name for events of the stack. */
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

/** How an operation ended. */
export interface StackOutcome {
  readonly status: string;

  /** Why it failed; absent when it did not. */
  readonly reason?: string;

  /** What happened in this operation. */
  readonly events: StackEvent[];

  /** What failed, first things first: the resources' events with a status that ends in `_FAILED`. */
  readonly failures: StackEvent[];
}

/** A resource that exists. */
export interface StackResource {
  readonly logicalId: string;
  readonly definition: ResourceDefinition;
  readonly physicalId: string;
  readonly attributes: Record<string, unknown>;

  /** As resolved when it was created or last updated: what the next update is compared with. */
  readonly properties: any;

  /** The stack's tags at that time. */
  readonly tags: Record<string, string>;
}

/** A template with its parameters and tags: what a stack shall be. */
export interface Plan {
  readonly template: Template;
  readonly givenParameters: Record<string, string>;
  readonly parameters: Record<string, ParameterValue>;
  readonly conditions: Record<string, boolean>;

  /** Resources whose condition is true. */
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  readonly graph: DependencyGraph;
  readonly tags: Record<string, string>;
}

/** A stack. */
export class Stack implements StackIdentity {
  public status = 'REVIEW_IN_PROGRESS';
  public reason?: string;
  public readonly events: StackEvent[] = [];
  public readonly resources = new Map<string, StackResource>();
  public outputs: Record<string, string> = {};

  /** What other stacks of the account and Region may import, by export name. */
  public exports: Readonly<Record<string, string>> = {};

  /** What the stack is now or is becoming. */
  public plan: Plan;

  public constructor(public readonly name: string, public readonly id: string, public readonly createdAt: number, plan: Plan) {
    this.plan = plan;
  }

  public get tags(): Record<string, string> {
    return this.plan.tags;
  }

  public get inProgress(): boolean {
    return this.status.endsWith('_IN_PROGRESS');
  }
}

/** Who deploys when nobody else is named: an administrator of the account. */
export function administrator(accountId: string): Caller {
  return { accountId, arn: `arn:aws:sts::${accountId}:assumed-role/Administrator/deployment` };
}
