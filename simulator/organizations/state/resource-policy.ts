/** One statement of a resource policy, read as far as the simulator understands it. */
export interface ResourceStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly accountIds: readonly string[];

  /** Patterns without the service prefix, for example `List*`. */
  readonly operations: readonly string[];
}

/**
 * The organization's delegation policy.
 *
 * Accounts and actions are looked at; resources and conditions are not, and a role or user as principal stands for its whole account. So the
 * simulator allows at least what AWS would.
 */
export class ResourcePolicy {
  public readonly tags = new Map<string, string>();

  public constructor(public readonly id: string, public content: string, public statements: readonly ResourceStatement[]) {}

  public allows(accountId: string, operation: string): boolean {
    const concerned = this.statements.filter(({ accountIds, operations }) => (
      accountIds.includes(accountId) && operations.some((pattern) => matches(pattern, operation))
    ));
    return concerned.length > 0 && concerned.every(({ effect }) => effect === 'Allow');
  }
}

/** Whether an operation's name fits a pattern with `*` and `?`, upper and lower case alike, as IAM does it. */
export function matches(pattern: string, operation: string): boolean {
  const expression = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(operation);
}
