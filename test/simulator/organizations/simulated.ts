import { Organizations as OrganizationsClient } from '@aws-sdk/client-organizations';
import type { Caller } from '../../../simulator/caller';
import type { Clock } from '../../../simulator/clock';
import { SimulatedEndpoint } from '../../../simulator/http/server';
import { controlTower, type LandingZone } from '../../../simulator/organizations/landing-zone';
import { Organizations, type Settings } from '../../../simulator/organizations/organizations';

export const AI = 'AISERVICES_OPT_OUT_POLICY';
export const MANAGEMENT = '111122223333';

/** A document that sets the default and nothing else. */
export function setting(value: 'optOut' | 'optIn', key = 'default'): string {
  return JSON.stringify({ services: { [key]: { opt_out_policy: { '@@assign': value } } } });
}

export const OPT_OUT = setting('optOut');
export const OPT_IN = setting('optIn');

/** Time that stands still until it is told to pass. */
export class StoppedClock implements Clock {
  private time = Date.UTC(2026, 10, 22);
  private waiting: { due: number; wake: () => void }[] = [];

  public now(): number {
    return this.time;
  }

  public async sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((wake) => this.waiting.push({ due: this.time + milliseconds, wake }));
  }

  public pass(milliseconds: number): void {
    this.time += milliseconds;
    const over = this.waiting.filter(({ due }) => due <= this.time);
    this.waiting = this.waiting.filter(({ due }) => due > this.time);
    over.forEach(({ wake }) => wake());
  }
}

/** A simulated organization behind a real server, and the real SDK in front of it. */
export class Simulated {
  public static async empty(settings: Partial<Settings> = {}): Promise<Simulated> {
    const clock = new StoppedClock();
    return new Simulated(clock, new Organizations({ clock, ...settings })).listen();
  }

  public static async organization(settings: Partial<Settings> = {}): Promise<Simulated> {
    const clock = new StoppedClock();
    return new Simulated(clock, new Organizations({ clock, ...settings }).createOrganization()).listen();
  }

  public static async landingZone(settings: Partial<Settings> = {}): Promise<Simulated & { zone: LandingZone }> {
    const clock = new StoppedClock();
    const zone = controlTower({ clock, ...settings });
    return Object.assign(await new Simulated(clock, zone.organizations).listen(), { zone });
  }

  public readonly endpoint: SimulatedEndpoint;
  public url = '';
  private readonly clients: OrganizationsClient[] = [];

  private constructor(public readonly clock: StoppedClock, public readonly organizations: Organizations) {
    this.endpoint = new SimulatedEndpoint({ organizations });
  }

  /** The SDK as an administrator of the management account. */
  public get client(): OrganizationsClient {
    return this.clientOf('test');
  }

  public get rootId(): string {
    return this.organizations.rootId;
  }

  /**
   * The SDK signing with an access key; a 12-digit one is an administrator of that account. Does not try again by itself.
   *
   * It runs on the machine's clock and would take every error for one of its clock, and retry it.
   */
  public clientOf(accessKeyId: string, maxAttempts = 1): OrganizationsClient {
    const client = new OrganizationsClient({
      endpoint: this.url,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey: 'secret' },
      maxAttempts,
      disableClockSkewCorrection: true,
    });
    this.clients.push(client);
    return client;
  }

  public clientAs(caller: Caller): OrganizationsClient {
    this.endpoint.registerCaller('registered', caller);
    return this.clientOf('registered');
  }

  public async enable(type: 'AISERVICES_OPT_OUT_POLICY' | 'TAG_POLICY' = AI) {
    return this.client.enablePolicyType({ RootId: this.rootId, PolicyType: type });
  }

  public async disable() {
    return this.client.disablePolicyType({ RootId: this.rootId, PolicyType: AI });
  }

  /** Creates a policy as a client would and answers its id. */
  public async policy(Name: string, Content = OPT_OUT, Type: 'AISERVICES_OPT_OUT_POLICY' | 'TAG_POLICY' = AI): Promise<string> {
    const { Policy } = await this.client.createPolicy({ Name, Content, Type, Description: '' });
    return Policy!.PolicySummary!.Id!;
  }

  public async attach(PolicyId: string, TargetId = this.rootId): Promise<void> {
    await this.client.attachPolicy({ PolicyId, TargetId });
  }

  /** The effective document of an account. */
  public async effective(TargetId: string = MANAGEMENT): Promise<unknown> {
    const { EffectivePolicy } = await this.client.describeEffectivePolicy({ PolicyType: AI, TargetId });
    return JSON.parse(EffectivePolicy!.PolicyContent!);
  }

  public async stop(): Promise<void> {
    this.clients.forEach((client) => client.destroy());
    await this.endpoint.close();
  }

  private async listen(): Promise<this> {
    this.url = await this.endpoint.listen();
    return this;
  }
}

/** What the SDK made of a refusal. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string; reason?: string; status?: number }> {
  try {
    await call;
  } catch (error) {
    const { name, message, Reason, $metadata } = error as Error & { Reason?: string; $metadata?: { httpStatusCode?: number } };
    return { name, message, reason: Reason, status: $metadata?.httpStatusCode };
  }
  throw new Error('the call succeeded');
}

/** Waits in real time until the server has got so far. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
