import { AUDITOR, awsError, effectivePolicy, Scene } from './scene';
import { assessOrganization, organizationsClient, verifyOrganization, type EvidenceMode, type Send } from '../../src/organization';
import { unlocked } from '../support/documents';
import { MANAGEMENT } from '../support/ids';

/*
 * Each read that can fail, with each error, for each kind of evidence and three sizes of organizations; for the largest, which takes longest, the
 * errors alternate. In each organization there are accounts that must never be opted out: a child policy opts in the accounts of one OU, and AWS lists
 * one account's effective policy as invalid.
 */

type Mode = EvidenceMode | 'monitor';
const MODES: Mode[] = ['computed', 'auto', 'effective', 'monitor'];

/** How many of the accounts that are opted out are reported so: all (`same`), `none`, or those for which no effective policy was read (`fewer`). */
type Outcome = 'same' | 'none' | 'fewer';

const READS: Record<string, { readonly list?: string; readonly outcomes: Record<Mode, Outcome>; readonly withoutPaths?: true }> = {
  // Without these, only the effective policy of an account shows its status.
  ListRoots: { list: 'Roots', outcomes: { computed: 'none', auto: 'same', effective: 'same', monitor: 'same' } },
  ListPolicies: { list: 'Policies', outcomes: { computed: 'none', auto: 'same', effective: 'same', monitor: 'same' } },
  ListTargetsForPolicy: { list: 'Targets', outcomes: { computed: 'none', auto: 'same', effective: 'same', monitor: 'same' } },
  DescribePolicy: { outcomes: { computed: 'none', auto: 'same', effective: 'same', monitor: 'same' } },
  ListPoliciesForTarget: { list: 'Policies', outcomes: { computed: 'none', auto: 'same', effective: 'same', monitor: 'same' } },
  ListAccountsForParent: { list: 'Accounts', outcomes: { computed: 'none', auto: 'same', effective: 'same', monitor: 'same' }, withoutPaths: true },
  ListAccountsWithInvalidEffectivePolicy: { list: 'Accounts', outcomes: { computed: 'none', auto: 'same', effective: 'same', monitor: 'same' } },
  // The paths of the accounts show the same.
  ListOrganizationalUnitsForParent: { list: 'OrganizationalUnits', outcomes: { computed: 'same', auto: 'same', effective: 'same', monitor: 'same' } },
  // The accounts for which AWS was asked are unknown.
  DescribeEffectivePolicy: { outcomes: { computed: 'same', auto: 'fewer', effective: 'none', monitor: 'fewer' } },
};

type Failure = (operation: string, input: any, pass: () => Promise<any>) => Promise<any>;
const throwing = (name: string, status = 400): Failure => async () => {
  throw Object.assign(awsError(name), { $metadata: { httpStatusCode: status } });
};
const ERRORS: Record<string, Failure> = {
  'denied': throwing('AccessDeniedException'),
  'throttled for good': throwing('TooManyRequestsException'),
  'answered with 500 for good': throwing('ServiceException', 500),
  'an unsupported operation': throwing('UnsupportedAPIEndpointException'),
  'answered without content': async () => ({}),
};

const OPERATIONS = [...Object.keys(READS), 'DescribeOrganization', 'ListAccounts'];
const UNPACED = Object.fromEntries(OPERATIONS.map((operation) => [operation, [1e6, 1e6] as const]));

/** Pauses take no time. */
function skippingClock() {
  let now = Date.UTC(2026, 0, 1);
  return { now: () => now, sleep: async (milliseconds: number) => { now += milliseconds; } };
}

/** An organization whose answers are computed once. */
class Recorded {
  public readonly truth = new Map<string, boolean>();
  private readonly answers = new Map<string, Promise<any>>();
  private readonly scene: Scene;
  private readonly invalid: string;

  public constructor(accounts: number, private readonly withoutPaths: boolean) {
    this.scene = new Scene({ accounts });
    const { zone } = this.scene;
    this.scene.policy('OptOut', unlocked({ default: 'optOut' }), zone.rootId);
    this.scene.policy('Lex', unlocked({ lex: 'optOut' }), zone.rootId);
    this.scene.policy('OptIn', unlocked({ default: 'optIn' }), zone.sandboxUnitId);
    const optedIn = this.scene.accountsIn(zone.sandboxUnitId);
    this.invalid = zone.logArchiveAccountId;
    for (const id of zone.accountIds) this.truth.set(id, !optedIn.includes(id) && id !== this.invalid);
  }

  public async answer(operation: string, input: any): Promise<any> {
    const key = JSON.stringify([operation, input]);
    const known = this.answers.get(key) ?? this.fresh(operation, input);
    this.answers.set(key, known);
    return known;
  }

  private async fresh(operation: string, input: any): Promise<any> {
    // AWS keeps an older policy in effect for this account, from before anything opted it out.
    if (operation === 'ListAccountsWithInvalidEffectivePolicy') return { Accounts: [{ Id: this.invalid }] };
    if (operation === 'DescribeEffectivePolicy' && input.TargetId === this.invalid) return effectivePolicy({});
    const output = await this.scene.administrator(operation, input);
    if (!this.withoutPaths || operation !== 'ListAccounts') return output;
    return { ...output, Accounts: output.Accounts.map(({ Paths, ...account }: any) => account) };
  }

  public close(): void {
    this.scene.close();
  }
}

const organizations = new Map<string, Recorded>();
function recorded(accounts: number, withoutPaths = false): Recorded {
  const key = `${accounts} ${withoutPaths}`;
  const known = organizations.get(key) ?? new Recorded(accounts, withoutPaths);
  organizations.set(key, known);
  return known;
}
afterAll(() => organizations.forEach((organization) => organization.close()));

async function statuses(mode: Mode, organization: Recorded, failing: string | undefined, failure: Failure): Promise<Map<string, string>> {
  const send: Send = async (operation, input) => {
    const pass = async () => organization.answer(operation, input);
    return operation === failing ? failure(operation, input, pass) : pass();
  };
  const client = organizationsClient(send, { clock: skippingClock(), rates: UNPACED });
  if (mode !== 'monitor' && organization.truth.size < 1000) {
    const { accounts } = await verifyOrganization(client, { askedBy: { arn: AUDITOR, accountId: MANAGEMENT }, evidence: mode, seed: 1 });
    return new Map(accounts.map(({ id, status }) => [id, status]));
  }
  const budget = mode === 'monitor' ? { queryAllUpTo: 0, from: '', spotChecks: 25, deadline: new AbortController().signal } : { evidence: mode };
  const { assessments } = await assessOrganization(client, { ...budget, accountId: MANAGEMENT });
  return new Map(assessments.map(({ account, status }) => [account.id, status]));
}

function optedOutIn(found: Map<string, string>): string[] {
  return [...found].filter(([, status]) => status === 'optedOut').map(([id]) => id);
}

describe.each([6, 600, 3000])('in an organization of %d accounts', (accounts) => {
  const errors = Object.keys(ERRORS);
  const cases = Object.keys(READS).flatMap((operation, index) => (
    (accounts < 3000 ? errors : [errors[index % errors.length]]).map((error) => [operation, error] as const)
  ));

  test.each(cases)('%s %s leaves unknown what depends on it, and nothing more', async (operation, error) => {
    const { outcomes, withoutPaths } = READS[operation];
    const organization = recorded(accounts, withoutPaths);
    const truly = [...organization.truth].filter(([, is]) => is).map(([id]) => id);
    for (const mode of MODES) {
      const found = await statuses(mode, organization, operation, ERRORS[error]);
      const optedOut = optedOutIn(found);
      expect({ mode, wrong: optedOut.filter((id) => !truly.includes(id)) }).toEqual({ mode, wrong: [] });
      const outcome = outcomes[mode] === 'fewer' && accounts <= 25 ? 'none' : outcomes[mode];
      if (outcome === 'fewer') expect(truly.length - optedOut.length).toBeGreaterThan(0);
      else expect({ mode, optedOut: optedOut.length }).toEqual({ mode, optedOut: outcome === 'same' ? truly.length : 0 });
      // What is known to be bad stays known.
      expect([...found.values()].filter((status) => status === 'notOptedOut').length + [...found.values()].filter((status) => status === 'unknown').length)
        .toBe(accounts - optedOut.length);
    }
  });

  test.each(Object.entries(READS).flatMap(([operation, { list }]) => (list && accounts < 3000 ? [[operation, list] as const] : [])).concat([['ListAccounts', 'Accounts']]))(
    '%s with an empty first page says the same', async (operation, list) => {
      const organization = recorded(accounts, READS[operation]?.withoutPaths);
      const truly = [...organization.truth].filter(([, is]) => is).map(([id]) => id);
      for (const mode of MODES) {
        const found = await statuses(mode, organization, operation, async (_, input, pass) => {
          if (!input.NextToken) return { [list]: [], NextToken: 'after-empty' };
          return input.NextToken === 'after-empty' ? organization.answer(operation, { ...input, NextToken: undefined }) : pass();
        });
        expect({ mode, optedOut: optedOutIn(found).sort() }).toEqual({ mode, optedOut: [...truly].sort() });
      }
    },
  );

  test.each(Object.keys(ERRORS))('ListAccounts %s: there is no result, or none but the caller\'s own', async (error) => {
    for (const mode of MODES) {
      const found = await statuses(mode, recorded(accounts), 'ListAccounts', ERRORS[error]).catch((failure: Error) => failure);
      if (found instanceof Error) expect(found.name).toMatch(/^(OrganizationsError|UnsupportedAPIEndpointException|MalformedAnswer)$/);
      else expect([...found.keys()]).toEqual([MANAGEMENT]);
    }
  });
});
