import { Timeline } from './timeline';

export type AccountState = 'PENDING_ACTIVATION' | 'ACTIVE' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED';

/** The root or an organizational unit. */
export interface Unit {
  readonly kind: 'ROOT' | 'ORGANIZATIONAL_UNIT';
  readonly id: string;
  name: string;
  readonly parent?: Unit;
  readonly units: Unit[];
  readonly accounts: Account[];
  readonly tags: Map<string, string>;
}

export interface Account {
  readonly kind: 'ACCOUNT';
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly joinedMethod: 'INVITED' | 'CREATED';
  readonly joinedAt: number;
  readonly tags: Map<string, string>;
  state: AccountState;
  parent: Unit;

  /** The parent as effective policies know it, which lags behind a move. */
  readonly publishedParent: Timeline<Unit>;
}

/** What a policy can be attached to. */
export type Target = Unit | Account;

/** The root, the organizational units and the accounts. */
export class Tree {
  public readonly root: Unit;

  /** In the order in which they joined. */
  public readonly accounts: Account[] = [];

  private readonly units = new Map<string, Unit>();
  private readonly byId = new Map<string, Account>();
  private readonly emails = new Set<string>();

  public constructor(rootId: string) {
    this.root = { kind: 'ROOT', id: rootId, name: 'Root', units: [], accounts: [], tags: new Map() };
    this.units.set(rootId, this.root);
  }

  public unit(id: string): Unit | undefined {
    return this.units.get(id);
  }

  public account(id: string): Account | undefined {
    return this.byId.get(id);
  }

  public target(id: string): Target | undefined {
    return this.units.get(id) ?? this.byId.get(id);
  }

  public addUnit(id: string, name: string, parent: Unit): Unit {
    const unit: Unit = { kind: 'ORGANIZATIONAL_UNIT', id, name, parent, units: [], accounts: [], tags: new Map() };
    parent.units.push(unit);
    this.units.set(id, unit);
    return unit;
  }

  public addAccount(properties: Omit<Account, 'kind' | 'tags' | 'publishedParent'>): Account {
    const account: Account = { kind: 'ACCOUNT', ...properties, tags: new Map(), publishedParent: new Timeline() };
    account.publishedParent.set(account.parent, account.joinedAt, account.joinedAt);
    account.parent.accounts.push(account);
    this.accounts.push(account);
    this.byId.set(account.id, account);
    this.emails.add(account.email);
    return account;
  }

  public move(account: Account, destination: Unit): void {
    without(account.parent.accounts, account);
    destination.accounts.push(account);
    account.parent = destination;
  }

  public removeAccount(account: Account): void {
    without(account.parent.accounts, account);
    without(this.accounts, account);
    this.byId.delete(account.id);
    this.emails.delete(account.email);
  }

  /** Only for a unit that is empty. */
  public removeUnit(unit: Unit): void {
    if (unit.parent) without(unit.parent.units, unit);
    this.units.delete(unit.id);
  }

  /** Whether an account of the organization has this address. Asking all of them each time would make 50,000 accounts slow to create. */
  public hasEmail(email: string): boolean {
    return this.emails.has(email);
  }
}

function without<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}

/** A unit and all above it, root first. */
export function lineage(unit: Unit): Unit[] {
  return unit.parent ? [...lineage(unit.parent), unit] : [unit];
}
