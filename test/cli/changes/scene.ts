import { PassThrough } from 'node:stream';
import { AwsError } from '../../../simulator/aws-error';
import type { Clock } from '../../../simulator/clock';
import { administratorOf } from '../../../simulator/http/callers';
import { controlTower, type LandingZone } from '../../../simulator/organizations/landing-zone';
import { ConnectionDropped, Organizations, type Settings } from '../../../simulator/organizations/organizations';
import type { Connection } from '../../../src/cli/changes/open';
import { runApply, type ApplyOptions } from '../../../src/cli/changes/run-apply';
import { runPlan, type PlanOptions } from '../../../src/cli/changes/run-plan';
import { runRemove } from '../../../src/cli/changes/run-remove';
import type { CommandContext, Output } from '../../../src/cli/command-context';
import { CliError } from '../../../src/cli/errors';
import { organizationsClient } from '../../../src/organization';
import { POLICY_TYPE } from '../../../src/policy';
import { MANAGEMENT } from '../../support/ids';

/** Waiting takes no time, but time passes. */
export class SkippingClock implements Clock {
  private time = Date.UTC(2026, 10, 22);

  public now(): number {
    return this.time;
  }

  public async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
  }
}

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
  /** What the command wrote, and the message of the error it ended with. */
  readonly stderr: string;
}

/** Whether a person sits at the terminal, and what they answer. */
export type Person = { readonly answers: string } | undefined;

/** Ends a command as a killed process would: from the given call on nothing gets through any more. */
export interface Death {
  /** Counted from 1. */
  readonly atCall: number;
  /** Whether AWS still hears of that call. */
  readonly effect: 'before' | 'after';
}

/** What the shell says of a process that was killed: 128 + SIGKILL. */
export const KILLED = 137;

/** Commands against an organization in this process. */
export class Scene {
  public static landingZone(settings: Partial<Settings> & { accounts?: number } = {}): Scene & { zone: LandingZone } {
    const clock = new SkippingClock();
    const zone = controlTower({ accounts: 9, ...settings, clock });
    return Object.assign(new Scene(clock, zone.organizations), { zone });
  }

  public static withoutOrganization(): Scene {
    const clock = new SkippingClock();
    return new Scene(clock, new Organizations({ clock }));
  }

  public accountId = MANAGEMENT;

  /** What standard input holds if it is not a terminal. */
  public stdin = '';
  public death?: Death;
  public interruption = new AbortController();

  private constructor(public readonly clock: SkippingClock, public readonly organizations: Organizations) {}

  /** Operations that change something and were let through, in order. */
  public get changes(): string[] {
    return this.organizations.calls.map(({ operation }) => operation).filter((operation) => !/^(Describe|List)/.test(operation));
  }

  public async plan(options: Partial<PlanOptions> = {}): Promise<Answer> {
    return this.run(undefined, (context, open) => runPlan({ output: 'text', ...options }, context, open));
  }

  public async apply(options: Partial<ApplyOptions> = {}, person?: Person): Promise<Answer> {
    return this.run(person, (context, open) => runApply({ timeout: 10, yes: person ? undefined : true, ...options }, context, open));
  }

  public async remove(policyId: string, person?: Person, yes: boolean | undefined = person ? undefined : true): Promise<Answer> {
    return this.run(person, (context, open) => runRemove({ policyId, yes }, context, open));
  }

  /** As the management account, without leaving a trace among the recorded calls. */
  public async administrator(operation: string, input: object): Promise<any> {
    const answer = await this.organizations.call(operation, input, administratorOf(MANAGEMENT));
    this.organizations.calls.pop();
    return answer;
  }

  /** The policies by name with their content, targets and tags: all that a command can leave behind. */
  public async state(): Promise<any> {
    const { Roots: [root] } = await this.administrator('ListRoots', {});
    const { Policies } = await this.administrator('ListPolicies', { Filter: POLICY_TYPE });
    const policies = [];
    for (const { Id, Name } of Policies) {
      const { Policy: { Content } } = await this.administrator('DescribePolicy', { PolicyId: Id });
      const { Targets } = await this.administrator('ListTargetsForPolicy', { PolicyId: Id });
      const { Tags } = await this.administrator('ListTagsForResource', { ResourceId: Id });
      policies.push({ Name, Content, targets: Targets.map(({ TargetId }: any) => TargetId), Tags });
    }
    return { enabled: root.PolicyTypes.filter(({ Type }: any) => Type === POLICY_TYPE), policies };
  }

  public async policyId(name = 'AiServicesOptOut'): Promise<string> {
    const { Policies } = await this.administrator('ListPolicies', { Filter: POLICY_TYPE });
    return Policies.find(({ Name }: any) => Name === name).Id;
  }

  /** What AWS would answer for an account once everything has come through. */
  public async effective(TargetId: string): Promise<unknown> {
    await this.clock.sleep(60_000);
    const { EffectivePolicy } = await this.administrator('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId });
    return JSON.parse(EffectivePolicy.PolicyContent);
  }

  private async run(person: Person, command: (context: CommandContext, open: () => Promise<Connection>) => Promise<number>): Promise<Answer> {
    const written = { stdout: '', stderr: '' };
    const output = (name: keyof typeof written): Output => ({
      isTTY: false, columns: 80, colour: false, stream: new PassThrough(), write: (text) => { written[name] += text; },
    });
    const stdin = new PassThrough();
    stdin.end(person?.answers ?? this.stdin);
    const context: CommandContext = {
      stdout: output('stdout'),
      stderr: output('stderr'),
      stdin: { isTTY: person !== undefined, stream: () => stdin },
      env: {},
      signal: this.interruption.signal,
      exitCode: 0,
      now: () => new Date(this.clock.now()),
    };
    try {
      const exitCode = await new Promise<number>((resolve, reject) => {
        command(context, async () => this.connection(() => resolve(KILLED))).then(resolve, reject);
      });
      return { exitCode, ...written };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { exitCode: error.exitCode, stdout: written.stdout, stderr: `${written.stderr}${error.message}` };
    }
  }

  private connection(die: () => void): Connection {
    let calls = 0;
    const { death } = this;
    // A dead process hears no answer: none of its code runs any more, not even what cleans up.
    const killed = async () => {
      die();
      return new Promise<never>(() => {});
    };
    const send = async (operation: string, input: object) => {
      const call = calls += 1;
      if (death && (call > death.atCall || (call === death.atCall && death.effect === 'before'))) return killed();
      try {
        const answer = await this.organizations.call(operation, input, administratorOf(this.accountId));
        return call === death?.atCall ? await killed() : answer;
      } catch (error) {
        throw asSdkError(error);
      }
    };
    return { client: organizationsClient(send, { clock: this.clock }), accountId: this.accountId };
  }
}

function asSdkError(error: unknown): unknown {
  if (error instanceof ConnectionDropped) return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  if (!(error instanceof AwsError)) return error;
  return Object.assign(new Error(error.message), { name: error.code, Reason: error.reason, $metadata: { httpStatusCode: error.status } });
}
