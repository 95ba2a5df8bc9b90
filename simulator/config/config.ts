import { type Caller } from '../caller';
import { type Exchange } from '../http/exchange';
import { type SimulatedEndpoint } from '../http/server';
import { ServiceCalls } from '../http/service-calls';
import { type ServiceFaults } from '../http/service-faults';
import { hash, suffixFrom } from '../lambda/identifiers';
import { type Trigger } from '../lambda/lambda-service';
import { type RecordedCall } from '../organizations/organizations';
import { type SimulatedClock } from '../simulated-clock';
import { refusals } from './errors';
import { readPutEvaluations, type EvaluationInput } from './evaluations';

const TARGET_PREFIX = 'StarlingDoveService.';
const SERVICE = 'config.amazonaws.com';
const HOUR = 3_600_000;

/** Frequencies by the names that AWS Config gives them, in milliseconds. */
export const FREQUENCIES: Record<string, number> = {
  One_Hour: HOUR,
  Three_Hours: 3 * HOUR,
  Six_Hours: 6 * HOUR,
  Twelve_Hours: 12 * HOUR,
  TwentyFour_Hours: 24 * HOUR,
};

/** A new rule is evaluated soon, not only when its first period is over. Nothing is promised about how soon. */
const FIRST_EVALUATION_MS = 60_000;

/** What AWS Config needs of Lambda. */
export interface Functions {
  mayInvoke(functionArn: string, service: string, source: { readonly arn?: string; readonly account: string }): Promise<boolean>;
  has(functionArn: string): boolean;
  invokeAsync(functionArn: string, event: unknown, trigger?: Trigger): void;
}

/** Where rules are. */
export interface ConfigOptions {
  readonly clock: SimulatedClock;
  readonly accountId: string;
  readonly region: string;
  readonly functions: Functions;

  /** Told when the simulation itself breaks. */
  readonly onBroken: (error: Error) => void;

  /** @default 'aws' */
  readonly partition?: string;

  /**
   * Whether the account records its configuration: without that there are no rules.
   *
   * @default true
   */
  readonly configurationRecorder?: boolean;
}

/** A rule as somebody wants it: a function that is run periodically. */
export interface RuleInput {
  readonly name: string;

  /** In its template. */
  readonly logicalId?: string;
  readonly description?: string;
  readonly functionArn: string;

  /** @default 'TwentyFour_Hours' */
  readonly frequency?: string;

  /** JSON text. */
  readonly inputParameters?: string;
}

/** A rule. */
export interface ConfigRule extends RuleInput {
  readonly id: string;
  readonly arn: string;
  readonly frequency: string;

  /** Why the function was not run the last time, although it should have been. */
  lastError?: string;
}

/** What a rule has reported about a resource. */
export interface Evaluation {
  /** Simulated time at which it arrived. */
  readonly time: number;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly complianceType: string;
  readonly annotation?: string;

  /** Simulated time that the rule says it is about. */
  readonly orderingTimestamp: number;
}

interface KnownRule {
  readonly rule: ConfigRule;
  readonly evaluations: Evaluation[];
  cancel?: () => void;
}

/** AWS Config, as far as periodic rules with a function of one's own go. */
export class ConfigService {
  /** False: the account does not record its configuration any more, or not yet. */
  public configurationRecorder: boolean;

  private readonly rulesByName = new Map<string, KnownRule>();
  private readonly api: ServiceCalls;

  /** Names of rules by the tokens of their evaluations. */
  private readonly tokens = new Map<string, string>();
  private failingCalls = 0;

  public constructor(private readonly options: ConfigOptions) {
    this.configurationRecorder = options.configurationRecorder ?? true;
    this.api = new ServiceCalls(options.clock, refusals);
  }

  /** Calls that arrived, in order. CloudFormation's are not among them. */
  public get calls(): RecordedCall[] {
    return this.api.recorded;
  }

  public get faults(): ServiceFaults {
    return this.api.faults;
  }

  public get rules(): ConfigRule[] {
    return [...this.rulesByName.values()].map(({ rule }) => rule);
  }

  /** Makes an endpoint answer for this service. */
  public serve(endpoint: SimulatedEndpoint): void {
    endpoint.registerJsonService(TARGET_PREFIX, async (operation, input, caller, exchange) => this.call(operation, input, caller, exchange));
    endpoint.onReset(() => {
      for (const { rule } of [...this.rulesByName.values()]) this.deleteRule(rule.name);
      this.tokens.clear();
      this.api.reset();
    });
  }

  /** Calls an operation as an AWS client would. */
  public async call(operation: string, input: object, caller: Caller, exchange?: Exchange): Promise<object> {
    return this.api.run({ operation, input, caller, exchange }, async () => {
      if (operation !== 'PutEvaluations') throw refusals.unknownOperation();
      return this.putEvaluations(input, caller);
    });
  }

  /** Lets the next calls of PutEvaluations answer that none of their evaluations could be stored. */
  public failNextEvaluations(calls = 1): void {
    this.failingCalls = calls;
  }

  /** A rule by its name or its logical id. */
  public rule(nameOrLogicalId: string): ConfigRule {
    return this.known(nameOrLogicalId).rule;
  }

  /** Everything that a rule has reported, in the order in which it arrived. */
  public evaluations(nameOrLogicalId: string): readonly Evaluation[] {
    return this.known(nameOrLogicalId).evaluations;
  }

  /** The latest word about every resource: an older ordering timestamp does not overrule a newer one. */
  public compliance(nameOrLogicalId: string): Evaluation[] {
    const latest = new Map<string, Evaluation>();
    for (const evaluation of this.evaluations(nameOrLogicalId)) {
      const key = `${evaluation.resourceType} ${evaluation.resourceId}`;
      const known = latest.get(key);
      if (!known || evaluation.orderingTimestamp >= known.orderingTimestamp) latest.set(key, evaluation);
    }
    return [...latest.values()];
  }

  public ruleArn(name: string): string {
    return this.identityOf(name).arn;
  }

  public has(name: string): boolean {
    return this.rulesByName.has(name);
  }

  /** Creates a rule, or changes it. It is evaluated soon and from then on at its frequency. */
  public async putRule(input: RuleInput): Promise<ConfigRule> {
    const { name, functionArn, frequency = 'TwentyFour_Hours' } = input;
    if (!this.configurationRecorder) throw refusals.noRecorder();
    const existing = this.rulesByName.get(name);
    const rule: ConfigRule = { ...input, frequency, ...this.identityOf(name) };
    if (!await this.mayInvoke(rule)) throw refusals.notInvokable(functionArn);
    existing?.cancel?.();
    const known: KnownRule = { rule, evaluations: existing?.evaluations ?? [] };
    this.rulesByName.set(name, known);
    this.schedule(known, FIRST_EVALUATION_MS);
    return rule;
  }

  /** Deletes a rule with all that it has reported. */
  public deleteRule(name: string): void {
    this.rulesByName.get(name)?.cancel?.();
    this.rulesByName.delete(name);
  }

  /** Has a rule evaluated now. Answers the result token; the function runs while somebody sleeps. */
  public startEvaluation(nameOrLogicalId: string): string {
    return this.run(this.known(nameOrLogicalId));
  }

  private schedule(known: KnownRule, milliseconds: number): void {
    known.cancel = this.options.clock.scheduleInBackground(milliseconds, () => {
      this.schedule(known, FREQUENCIES[known.rule.frequency]);
      this.run(known);
    });
  }

  private run(known: KnownRule): string {
    const { clock } = this.options;
    const { rule } = known;
    const token = Buffer.from(hash('result-token', rule.arn, String(clock.now()), String(this.tokens.size))).toString('base64');
    this.tokens.set(token, rule.name);
    clock.inBackground(() => {
      // Nobody is told when the function is gone or does not let AWS Config in any more: the rule shows it.
      clock.busy(async () => this.invoke(rule, token)).catch(this.options.onBroken);
    });
    return token;
  }

  private async invoke(rule: ConfigRule, token: string): Promise<void> {
    const allowed = await this.mayInvoke(rule);
    rule.lastError = allowed ? undefined : refusals.notInvokable(rule.functionArn).message;
    if (allowed) this.options.functions.invokeAsync(rule.functionArn, this.eventFor(rule, token), { service: SERVICE, arn: rule.arn });
  }

  private async mayInvoke({ functionArn, arn }: ConfigRule): Promise<boolean> {
    const { functions, accountId } = this.options;
    return functions.has(functionArn) && functions.mayInvoke(functionArn, SERVICE, { arn, account: accountId });
  }

  private eventFor(rule: ConfigRule, resultToken: string): object {
    const { clock, accountId, partition = 'aws' } = this.options;
    return {
      version: '1.0',
      invokingEvent: JSON.stringify({
        awsAccountId: accountId,
        notificationCreationTime: new Date(clock.now()).toISOString(),
        messageType: 'ScheduledNotification',
        recordVersion: '1.0',
      }),
      ruleParameters: rule.inputParameters ?? '{}',
      resultToken,
      eventLeftScope: false,
      executionRoleArn: `arn:${partition}:iam::${accountId}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      configRuleArn: rule.arn,
      configRuleName: rule.name,
      configRuleId: rule.id,
      accountId,
    };
  }

  private async putEvaluations(input: object, caller: Caller): Promise<object> {
    const { Evaluations, ResultToken, TestMode } = readPutEvaluations(input);
    await this.api.authorize(caller, 'config:PutEvaluations', '*');
    if (TestMode) return { FailedEvaluations: [] };
    const name = this.tokens.get(ResultToken);
    if (name === undefined) throw refusals.invalidToken();
    const known = this.rulesByName.get(name);
    if (!known) throw refusals.noSuchRule(name);
    if (this.failingCalls > 0) {
      this.failingCalls -= 1;
      return { FailedEvaluations: Evaluations };
    }
    known.evaluations.push(...Evaluations.map((evaluation) => this.stored(evaluation)));
    return { FailedEvaluations: [] };
  }

  private stored(evaluation: EvaluationInput): Evaluation {
    return {
      time: this.options.clock.now(),
      resourceType: evaluation.ComplianceResourceType,
      resourceId: evaluation.ComplianceResourceId,
      complianceType: evaluation.ComplianceType,
      annotation: evaluation.Annotation,
      orderingTimestamp: evaluation.OrderingTimestamp * 1000,
    };
  }

  private identityOf(name: string): { id: string; arn: string } {
    const { partition = 'aws', region, accountId } = this.options;
    const id = `config-rule-${suffixFrom(6, 'config-rule', name).toLowerCase()}`;
    return { id, arn: `arn:${partition}:config:${region}:${accountId}:config-rule/${id}` };
  }

  private known(nameOrLogicalId: string): KnownRule {
    const found = [...this.rulesByName.values()].filter(({ rule }) => rule.name === nameOrLogicalId || rule.logicalId === nameOrLogicalId);
    if (found.length === 1) return found[0];
    const known = [...this.rulesByName.keys()].join(', ') || 'none';
    throw new Error(`${found.length === 0 ? 'no' : 'more than one'} rule is called ${nameOrLogicalId}; there are: ${known}`);
  }
}
