import { AwsError } from '../../simulator/aws-error';
import type { Caller } from '../../simulator/caller';
import { controlTower, type LandingZone } from '../../simulator/organizations/landing-zone';
import type { Organizations, OrganizationsOptions, RecordedCall } from '../../simulator/organizations/organizations';
import { SimulatedClock } from '../../simulator/simulated-clock';
import { organizationsClient, verifyOrganization, type OrganizationsClient, type OrganizationsClientOptions, type Send, type VerifyOptions } from '../../src/organization';
import { CONTROL, POLICY_TYPE, type PolicyDocument, type Setting } from '../../src/policy';

export const MANAGEMENT = '111122223333';
export const AUDITOR = `arn:aws:iam::${MANAGEMENT}:role/Auditor`;

const NONE = { [CONTROL]: ['@@none'] };

/** AWS's own document: opt out of everything, locked at all three levels. */
export const FULL_LOCK: PolicyDocument = {
  services: { ...NONE, default: { ...NONE, opt_out_policy: { ...NONE, '@@assign': 'optOut' } } },
} as PolicyDocument;

/** Locked at `default` and its value, so that entries for single services can be added below. */
export const OPEN_SERVICES: PolicyDocument = {
  services: { default: { ...NONE, opt_out_policy: { ...NONE, '@@assign': 'optOut' } } },
} as PolicyDocument;

/** Locked below `services` only: nothing that is set is guarded, but entries cannot be added. */
export const ONLY_SERVICES_LOCKED: PolicyDocument = { services: { ...NONE, default: { opt_out_policy: { '@@assign': 'optOut' } } } } as PolicyDocument;

/** A document as somebody would write it by hand. */
export function unlocked(settings: Record<string, Setting>): PolicyDocument {
  return { services: Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, { opt_out_policy: { '@@assign': setting } }])) } as PolicyDocument;
}

/** What a test does to a call on its way: throws instead of it, or replaces its answer. Undefined lets it pass. */
export type Intercept = (operation: string, input: any) => Promise<object | undefined> | object | undefined;

export interface SceneOptions extends Partial<Omit<OrganizationsOptions, 'clock'>> {
  readonly accounts?: number;

  /** @default true */
  readonly enabled?: boolean;
}

/** A landing zone with the policy type enabled, on a simulated clock. */
export class Scene {
  public readonly clock = new SimulatedClock();
  public readonly zone: LandingZone;
  public intercept: Intercept;

  public constructor({ accounts = 6, enabled = true, ...settings }: SceneOptions = {}) {
    this.intercept = () => undefined;
    this.zone = controlTower({ clock: this.clock, accounts, ...settings });
    if (enabled) this.organizations.enablePolicyType(POLICY_TYPE);
  }

  public get organizations(): Organizations {
    return this.zone.organizations;
  }

  /** Has a policy that is in effect. */
  public policy(name: string, document: PolicyDocument, ...targetIds: string[]): string {
    return this.organizations.addPolicy({ name, content: JSON.stringify(document), targetIds });
  }

  public send(caller: Caller = { accountId: MANAGEMENT, arn: AUDITOR }): Send {
    return async (operation, input) => {
      try {
        return await this.intercept(operation, input) ?? await this.organizations.call(operation, input, caller);
      } catch (error) {
        if (error instanceof AwsError) Object.assign(error, { $metadata: { httpStatusCode: error.status } });
        throw error;
      }
    };
  }

  public client(options: OrganizationsClientOptions = {}, caller?: Caller): OrganizationsClient {
    return organizationsClient(this.send(caller), { clock: this.clock, random: () => 1, ...options });
  }

  public async verify(options: Partial<VerifyOptions> = {}, client = this.client()) {
    return verifyOrganization(client, { askedBy: { arn: AUDITOR, accountId: MANAGEMENT }, seed: 1, ...options });
  }

  /** Somebody else at work, as the console would do it. */
  public async administrator(operation: string, input: object): Promise<any> {
    return this.organizations.call(operation, input, { accountId: MANAGEMENT, arn: 'arn:aws:iam::111122223333:user/Somebody' });
  }

  /** The calls of the auditor. */
  public calls(operation?: string): RecordedCall[] {
    return this.organizations.calls.filter((call) => call.callerArn === AUDITOR && (!operation || call.operation === operation));
  }

  public accountsIn(parentId: string): string[] {
    const { accountIds } = this.zone;
    return accountIds.filter((id) => this.parentOf(id) === parentId);
  }

  public close(): void {
    this.clock.stop();
  }

  private parentOf(accountId: string): string {
    return (this.organizations as any).organization.tree.account(accountId).parent.id;
  }
}

export function awsError(name: string, message = `simulated ${name}`): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
}

/** The accounts of a verification by verdict. */
export function byVerdict({ accounts }: { accounts: { id: string; verdict: string }[] }): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const { id, verdict } of accounts) result[verdict] = [...result[verdict] ?? [], id];
  return result;
}
