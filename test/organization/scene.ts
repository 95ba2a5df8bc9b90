import { AwsError } from '../../simulator/aws-error';
import type { Caller } from '../../simulator/caller';
import type { LandingZone } from '../../simulator/organizations/landing-zone';
import type { Organizations, RecordedCall } from '../../simulator/organizations/organizations';
import { SimulatedClock } from '../../simulator/simulated-clock';
import { organizationsClient, verifyOrganization, type OrganizationsClient, type OrganizationsClientOptions, type Send, type VerifyOptions } from '../../src/organization';
import type { PolicyDocument } from '../../src/policy';
import { FULL_LOCK } from '../support/documents';
import { MANAGEMENT } from '../support/ids';
import { addPolicy, landingZone, type SceneOptions as LandingZoneOptions } from '../support/scenes';

export const AUDITOR = `arn:aws:iam::${MANAGEMENT}:role/Auditor`;

/** What a test does to a call on its way: throws instead of it, or replaces its answer. Undefined lets it pass. */
export type Intercept = (operation: string, input: any) => Promise<object | undefined> | object | undefined;

export type SceneOptions = Partial<Omit<LandingZoneOptions, 'clock'>>;

/** A landing zone with the policy type enabled, on a simulated clock. */
export class Scene {
  public readonly clock = new SimulatedClock();
  public readonly zone: LandingZone;
  public intercept: Intercept;

  public constructor(options: SceneOptions = {}) {
    this.intercept = () => undefined;
    this.zone = landingZone({ clock: this.clock, accounts: 6, ...options });
  }

  public get organizations(): Organizations {
    return this.zone.organizations;
  }

  /** Adds a policy that is in effect at once, and returns its id. */
  public policy(name: string, document: PolicyDocument, ...targetIds: string[]): string {
    return addPolicy(this.zone, name, document, ...targetIds);
  }

  /** Replaces the results of an operation: an error is thrown, an object returned, and anything else lets the call pass. */
  public on(operation: string, reply: (input: any) => unknown): void {
    const { intercept } = this;
    this.intercept = async (name, input) => {
      const result = name === operation ? await reply(input) : undefined;
      if (result instanceof Error) throw result;
      return result ? result : intercept(name, input);
    };
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

/** The scene of the running test. */
export let scene: Scene;

/** Starts the scene of the running test. */
export function start(options?: SceneOptions): Scene {
  scene = new Scene(options);
  return scene;
}

/** Starts a scene with AWS's own document on the root. */
export function startOptedOut(options?: SceneOptions): Scene {
  start(options).policy('OptOut', FULL_LOCK, scene.zone.rootId);
  return scene;
}

afterEach(() => scene?.close());

/** A response of DescribeEffectivePolicy. */
export function effectivePolicy(document: object) {
  return { EffectivePolicy: { PolicyContent: JSON.stringify(document) } };
}

export function awsError(name: string, message = `simulated ${name}`): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
}

/** The accounts of a verification by status. */
export function byStatus({ accounts }: { accounts: { id: string; status: string }[] }): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const { id, status } of accounts) result[status] = [...result[status] ?? [], id];
  return result;
}
