import type { Target } from './tree';

export interface Policy {
  readonly id: string;
  readonly type: string;
  name: string;
  description: string;
  content: string;
  readonly tags: Map<string, string>;

  /** What it is attached to, in the order in which that happened. A list, so that a page of it costs no more than the page. */
  readonly targets: Target[];
}

/** The policies of an organization and what they are attached to. */
export class Policies {
  private readonly byId = new Map<string, Policy>();
  private readonly byType = new Map<string, Policy[]>();
  private readonly attachments = new Map<Target, Policy[]>();

  public find(id: string): Policy | undefined {
    return this.byId.get(id);
  }

  /** In the order in which they were created. */
  public ofType(type: string): readonly Policy[] {
    return this.byType.get(type) ?? [];
  }

  /** Names are unique per type, not over all types. */
  public named(type: string, name: string): Policy | undefined {
    return this.ofType(type).find((policy) => policy.name === name);
  }

  /** The policies of a type on a target itself, in the order in which they were attached. */
  public on(target: Target, type: string): Policy[] {
    return (this.attachments.get(target) ?? []).filter((policy) => policy.type === type);
  }

  public add(properties: Omit<Policy, 'tags' | 'targets'>): Policy {
    const policy: Policy = { ...properties, tags: new Map(), targets: [] };
    this.byId.set(policy.id, policy);
    this.byType.set(policy.type, [...this.ofType(policy.type), policy]);
    return policy;
  }

  public remove(policy: Policy): void {
    this.byId.delete(policy.id);
    this.byType.set(policy.type, this.ofType(policy.type).filter((other) => other !== policy));
  }

  public attach(policy: Policy, target: Target): void {
    const attached = this.attachments.get(target) ?? [];
    this.attachments.set(target, [...attached, policy]);
    policy.targets.push(target);
  }

  public detach(policy: Policy, target: Target): void {
    this.attachments.set(target, (this.attachments.get(target) ?? []).filter((other) => other !== policy));
    policy.targets.splice(policy.targets.indexOf(target), 1);
  }

  public isAttached(policy: Policy, target: Target): boolean {
    return this.attachments.get(target)?.includes(policy) ?? false;
  }

  /** Takes everything off a target that is about to vanish. */
  public detachAll(target: Target): void {
    for (const policy of this.attachments.get(target) ?? []) this.detach(policy, target);
    this.attachments.delete(target);
  }
}
