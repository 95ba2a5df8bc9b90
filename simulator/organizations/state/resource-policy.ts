import type { DelegationDocument, DelegationStatement } from '../delegation-policy';

/** The organization's delegation policy, which the API calls a resource policy. */
export class ResourcePolicy {
  public readonly tags = new Map<string, string>();
  public content = '';
  public statements: readonly DelegationStatement[] = [];

  public constructor(public readonly id: string) {}

  public replace({ content, statements }: DelegationDocument): void {
    this.content = content;
    this.statements = statements;
  }
}
