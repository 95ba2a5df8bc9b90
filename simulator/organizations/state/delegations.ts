import type { ResourcePolicy } from './resource-policy';

/**
 * Which member accounts may act for the organization. There are three ways:
 *
 * - registered as the delegated administrator of a service: every List and Describe operation, no changes;
 * - made a delegate by the scene: everything, as a resource policy that allows it all would;
 * - named by the resource policy: what it allows.
 *
 * A `Deny` of the resource policy takes precedence over all three (recorded).
 */
export class Delegations {
  public resourcePolicy?: ResourcePolicy;

  /** Those by the scene. */
  public readonly delegates = new Set<string>();

  /** Accounts in the order of their registration; for each its services, and since when. */
  private readonly registrations = new Map<string, Map<string, number>>();

  /** Whether an account may call an operation without the resource policy. */
  public allow(accountId: string, operation: string): boolean {
    return this.delegates.has(accountId) || (this.registrations.has(accountId) && /^(List|Describe)/.test(operation));
  }

  /** Service principals that an account is registered for, and since when. */
  public servicesOf(accountId: string): ReadonlyMap<string, number> {
    return this.registrations.get(accountId) ?? new Map();
  }

  /** Accounts that are registered, for any service or for one. */
  public registered(servicePrincipal?: string): string[] {
    const registered = [...this.registrations];
    return registered.flatMap(([accountId, services]) => servicePrincipal === undefined || services.has(servicePrincipal) ? [accountId] : []);
  }

  public register(accountId: string, servicePrincipal: string, since: number): void {
    const services = this.registrations.get(accountId) ?? new Map<string, number>();
    this.registrations.set(accountId, services);
    if (!services.has(servicePrincipal)) services.set(servicePrincipal, since);
  }

  public deregister(accountId: string, servicePrincipal: string): void {
    const services = this.registrations.get(accountId);
    services?.delete(servicePrincipal);
    if (services?.size === 0) this.registrations.delete(accountId);
  }

  /** An account has left. What the resource policy says about it stays, as in AWS. */
  public forget(accountId: string): void {
    this.delegates.delete(accountId);
    this.registrations.delete(accountId);
  }
}
