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

export interface AccountProperties {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly joinedMethod: 'INVITED' | 'CREATED';
  readonly joinedAt: number;
  readonly state: AccountState;
  readonly parent: Unit;
}

/** There may be 50,000, so what most of them never have is made when it is needed. */
export class Account {
  public readonly kind = 'ACCOUNT';
  public readonly id: string;
  public readonly name: string;
  public readonly email: string;
  public readonly joinedMethod: 'INVITED' | 'CREATED';
  public readonly joinedAt: number;
  public state: AccountState;

  private place: Unit;
  private places?: Timeline<Unit>;
  private labels?: Map<string, string>;

  public constructor(properties: AccountProperties) {
    this.id = properties.id;
    this.name = properties.name;
    this.email = properties.email;
    this.joinedMethod = properties.joinedMethod;
    this.joinedAt = properties.joinedAt;
    this.state = properties.state;
    this.place = properties.parent;
  }

  public get parent(): Unit {
    return this.place;
  }

  public get tags(): Map<string, string> {
    this.labels ??= new Map();
    return this.labels;
  }

  /** The parent as effective policies know it, which lags behind a move, and since when. */
  public publishedParent(now: number): { readonly value: Unit; readonly since: number } {
    return this.places?.at(now) ?? { value: this.place, since: this.joinedAt };
  }

  /** Moves at `now`; effective policies follow at `since`. */
  public moveTo(parent: Unit, now: number, since: number): void {
    if (!this.places) {
      this.places = new Timeline();
      this.places.set(this.place, this.joinedAt, this.joinedAt);
    }
    this.places.set(parent, now, since);
    this.place = parent;
  }
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

  /** Organizational units, the root not counted. */
  public get unitCount(): number {
    return this.units.size - 1;
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

  public addAccount(properties: AccountProperties): Account {
    const account = new Account(properties);
    account.parent.accounts.push(account);
    this.accounts.push(account);
    this.byId.set(account.id, account);
    this.emails.add(account.email);
    return account;
  }

  /** Moves an account at `now`; effective policies follow at `since`. */
  public move(account: Account, destination: Unit, now: number, since: number): void {
    without(account.parent.accounts, account);
    destination.accounts.push(account);
    account.moveTo(destination, now, since);
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
