import { type Account } from './account';
import { type ResourceDefinition } from './template';

/** The stack that a resource belongs to. */
export interface StackIdentity {
  readonly name: string;

  /** The stack's ARN. */
  readonly id: string;
  readonly tags: Record<string, string>;
}

/** What a provider is told about the resource it works on. */
export interface ResourceContext {
  readonly account: Account;
  readonly stack: StackIdentity;
  readonly logicalId: string;
  readonly type: string;

  /** Aborted when another resource's failure makes CloudFormation stop waiting for this one. */
  readonly cancelled: AbortSignal;

  /** To be called as soon as something exists: a create that fails later is then cleaned up. */
  readonly created: (physicalId: string) => void;
}

/** A physical resource. */
export interface PhysicalResource {
  /** What `Ref` returns. */
  readonly physicalId: string;

  /** What `Fn::GetAtt` returns. */
  readonly attributes: Record<string, unknown>;
}

/** A change of an existing resource. */
export interface ResourceUpdate {
  readonly physicalId: string;
  readonly properties: any;
  readonly previous: any;

  /** Attributes so far, for providers whose update changes none. */
  readonly attributes: Record<string, unknown>;

  /** The stack's tags at the time of the last change. */
  readonly previousTags: Record<string, string>;
}

/** Makes one family of resource types. All errors fail the resource, with their message as the reason. */
export interface ResourceProvider {
  /** Types, or a prefix that ends in `*`. */
  readonly types: string[];

  /** Stack-level tags belong to the resource: it is updated when they change. */
  readonly taggable?: boolean;

  /** What the template says about a resource that the simulation can not do. Called before anything is created. */
  problems?(logicalId: string, definition: ResourceDefinition): string[];

  create(context: ResourceContext, properties: any): Promise<PhysicalResource>;

  /** Changes the resource in place, or answers `replace` without touching it. */
  update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'>;

  delete(context: ResourceContext, physicalId: string, properties: any): Promise<void>;
}

/** The message of a failed resource handler, in the words that CloudFormation shows. */
export class HandlerError extends Error {
  public constructor(message: string, public readonly handlerErrorCode: string) {
    super(`Resource handler returned message: "${message}" (HandlerErrorCode: ${handlerErrorCode})`);
    this.name = 'HandlerError';
  }
}
