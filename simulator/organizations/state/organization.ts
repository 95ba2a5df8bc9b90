import { Delegations } from './delegations';
import { Ids } from './ids';
import { Policies, type Policy } from './policies';
import { PolicyTypes } from './policy-types';
import { PublishedPolicies } from './published-policies';
import { lineage, Tree, type Account, type Target, type Unit } from './tree';

export type FeatureSet = 'ALL' | 'CONSOLIDATED_BILLING';

const POLICY_ID_LETTERS = 10;

/** One request to create an account. */
export interface AccountRequest {
  readonly id: string;
  readonly accountName: string;
  readonly requestedAt: number;
  readonly accountId?: string;
  readonly failureReason?: 'EMAIL_ALREADY_EXISTS';
}

/** An account to be. Without an id it gets one, without a parent it is put into the root. */
export type NewAccount = Pick<Account, 'name' | 'email' | 'joinedAt'> & Partial<Pick<Account, 'id' | 'joinedMethod' | 'state' | 'parent'>>;

/** Everything that is true about an organization. Holds no rules: those are with the operations. */
export class Organization {
  public readonly id = 'o-a1b2c3d4e5';
  public readonly tree = new Tree('r-a1b2');
  public readonly policies = new Policies();
  public readonly policyTypes = new PolicyTypes();
  public readonly published = new PublishedPolicies(this.policies);
  public readonly accountRequests = new Map<string, AccountRequest>();

  public readonly delegations = new Delegations();

  /** Accounts on their way from PENDING_CLOSURE to CLOSED, and when they get there. */
  private readonly closings = new Map<Account, number>();
  private readonly ids = new Ids();

  public constructor(public readonly managementAccountId: string, public featureSet: FeatureSet) {}

  /** Organizations ARNs carry the management account's id, whosever resource it is. */
  public arn(kind: string, ...path: string[]): string {
    return `arn:aws:organizations::${this.managementAccountId}:${[kind, this.id, ...path].join('/')}`;
  }

  public arnOf(target: Target): string {
    return this.arnOfId(target.id);
  }

  /** The ARN that an id of a root, OU or account has, whether that exists or not. */
  public arnOfId(id: string): string {
    if (id.startsWith('r-')) return this.arn('root', id);
    return this.arn(id.startsWith('ou-') ? 'ou' : 'account', id);
  }

  public policyArn({ type, id }: Pick<Policy, 'type' | 'id'>): string {
    return this.arn('policy', type.toLowerCase(), id);
  }

  /** For example `o-a1b2c3d4e5/r-a1b2/ou-a1b2-9f3k2m1x/111122223333/`. */
  public pathOf(target: Target): string {
    const units = target.kind === 'ACCOUNT' ? [...lineage(target.parent), target] : lineage(target);
    return [this.id, ...units.map(({ id }) => id)].join('/') + '/';
  }

  public resourcePolicyArn(id: string): string {
    return this.arn('resourcepolicy', id);
  }

  public addAccount(properties: NewAccount): Account {
    return this.tree.addAccount({
      id: properties.id ?? this.unusedAccountId(),
      name: properties.name,
      email: properties.email,
      joinedMethod: properties.joinedMethod ?? 'CREATED',
      joinedAt: properties.joinedAt,
      state: properties.state ?? 'ACTIVE',
      parent: properties.parent ?? this.tree.root,
    });
  }

  /** Takes an account out, with its attachments and delegations. */
  public removeAccount(account: Account): void {
    this.policies.detachAll(account);
    this.published.forget(account);
    this.delegations.forget(account.id);
    this.closings.delete(account);
    this.tree.removeAccount(account);
  }

  /** Takes an empty unit out, with its attachments. */
  public removeUnit(unit: Unit): void {
    this.policies.detachAll(unit);
    this.published.forget(unit);
    this.tree.removeUnit(unit);
  }

  public close(account: Account, closedAt: number): void {
    account.state = 'PENDING_CLOSURE';
    this.closings.set(account, closedAt);
  }

  /** Lets everything happen that was due by now. */
  public settle(now: number): void {
    for (const [account, closedAt] of this.closings) {
      if (closedAt > now) continue;
      account.state = 'CLOSED';
      this.closings.delete(account);
    }
  }

  public nextUnitId(): string {
    return this.ids.letters(`ou-${this.tree.root.id.slice(2)}-`, 8);
  }

  public nextPolicyId(): string {
    return this.ids.letters('p-', POLICY_ID_LETTERS);
  }

  /** The id that the next policy will have: IAM is asked about a policy before there is one. */
  public peekPolicyId(): string {
    return this.ids.peekLetters('p-', POLICY_ID_LETTERS);
  }

  public nextResourcePolicyId(): string {
    return this.ids.letters('rp-', POLICY_ID_LETTERS);
  }

  /** As with policies: IAM is asked before there is one. */
  public peekResourcePolicyId(): string {
    return this.ids.peekLetters('rp-', POLICY_ID_LETTERS);
  }

  public nextAccountRequestId(): string {
    return this.ids.letters('car-', 12);
  }

  private unusedAccountId(): string {
    const id = this.ids.account();
    return this.tree.account(id) ? this.unusedAccountId() : id;
  }
}
