import { MaximumExecutionFrequency } from 'aws-cdk-lib/aws-config';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ACCOUNTS, Deployed, grantsOf, MEMBER, roleOf, synthesize } from './deployed';
import { EVENT_PATH, HOUR, INTERVAL, MANAGEMENT, MINUTE, STACK, unlocked } from './monitored';
import type { Evaluation } from '../../../simulator/config/config';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor, type AiServicesOptOutConfigRuleProps } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

interface Content extends AiServicesOptOutConfigRuleProps {
  /** @default true */
  readonly optOut?: boolean;
  readonly monitor?: boolean;
}

function templateOf({ optOut = true, monitor, ...props }: Content = {}): any {
  return synthesize((stack) => {
    if (optOut) new AiServicesOptOut(stack, 'OptOut');
    if (monitor) new AiServicesOptOutMonitor(stack, 'Monitor', { notificationTopic: new Topic(stack, 'Changes') });
    new AiServicesOptOutConfigRule(stack, 'Rule', props);
  }, { region: 'us-east-1' });
}

let deployed: Deployed;
afterEach(() => deployed?.close());

/** Two retries of Lambda, one and two minutes after the failure before; a run takes up to a quarter of an hour. */
const RETRIES = HOUR;

function ruleName(): string {
  return deployed.resources('AWS::Config::ConfigRule')[0];
}

function evaluations(): readonly Evaluation[] {
  return deployed.aws.config.evaluations(ruleName());
}

/** Runs for AWS Config, in order. */
function configRuns() {
  return deployed.runs().filter(({ event }) => event.resultToken);
}

async function evaluateNow(): Promise<void> {
  deployed.aws.config.startEvaluation(ruleName());
  await deployed.pass(RETRIES);
}

/** An event such as AWS Config sends it, with another token. */
function eventWith(resultToken: string) {
  return { ...configRuns()[0].event, resultToken };
}

describe('an evaluation', () => {
  test.each(ACCOUNTS)('says in %s that every account is opted out', async (_name, awsOptions) => {
    deployed = await Deployed.start(awsOptions);
    await deployed.create(templateOf());

    const [run] = configRuns();
    expect(evaluations()).toEqual([{
      time: expect.any(Number),
      resourceType: 'AWS::::Account',
      resourceId: awsOptions.accountId ?? MANAGEMENT,
      complianceType: 'COMPLIANT',
      annotation: 'All 3 accounts are opted out',
      orderingTimestamp: new Date(JSON.parse(run.event.invokingEvent).notificationCreationTime).getTime(),
    }]);
    expect(evaluations()[0].time).toBeGreaterThan(evaluations()[0].orderingTimestamp);
    const { resultToken: ResultToken } = run.event;
    expect(deployed.aws.config.calls).toMatchObject([{ operation: 'PutEvaluations', outcome: 'ok', input: { TestMode: false, ResultToken } }]);
    expect(run.error).toBeUndefined();
  });

  test('says who is not opted out', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
    await deployed.act('DetachPolicy', { PolicyId, TargetId: deployed.rootId });
    await deployed.act('AttachPolicy', { PolicyId, TargetId: deployed.ids.workloads });
    await evaluateNow();

    expect(evaluations()).toHaveLength(2);
    expect(evaluations()[1]).toMatchObject({
      resourceType: 'AWS::::Account',
      resourceId: MANAGEMENT,
      complianceType: 'NON_COMPLIANT',
      annotation: `2 of 3 accounts are not opted out: ${MANAGEMENT}, ${MEMBER}`,
    });
    expect(deployed.aws.config.compliance(ruleName())).toEqual([evaluations()[1]]);
  });

  test('says again that all are opted out when somebody has repaired it', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
    await deployed.act('DetachPolicy', { PolicyId, TargetId: deployed.rootId });
    await evaluateNow();
    await deployed.act('AttachPolicy', { PolicyId, TargetId: deployed.rootId });
    await evaluateNow();

    expect(evaluations().map(({ complianceType }) => complianceType)).toEqual(['COMPLIANT', 'NON_COMPLIANT', 'COMPLIANT']);
  });

  test('is NON_COMPLIANT where the policy type is disabled, whatever AWS still says is effective', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    await deployed.act('DisablePolicyType', { RootId: deployed.rootId, PolicyType: POLICY_TYPE });
    await evaluateNow();

    expect(evaluations()[1]).toMatchObject({ complianceType: 'NON_COMPLIANT', annotation: expect.stringMatching(/^3 of 3 accounts are not opted out: /) });
  });

  test.each([13, 14, 15, 16, 17, 40])('of %i offenders gives their number and names the first ones in full, in at most 256 characters', async (count) => {
    deployed = await Deployed.start({
      scene: (organizations) => {
        for (let index = 3; index < count; index++) organizations.createAccount({ name: `More ${index}` });
      },
    });
    await deployed.create(templateOf({ optOut: false }));

    expect(evaluations()).toHaveLength(1);
    const { complianceType, annotation = '' } = evaluations()[0];
    expect(complianceType).toBe('NON_COMPLIANT');
    expect(annotation.length).toBeLessThanOrEqual(256);
    const [, all, ofAll, names] = /^(\d+) of (\d+) accounts are not opted out: (.*)$/.exec(annotation)!;
    expect([all, ofAll]).toEqual([`${count}`, `${count}`]);
    const ids = [...deployed.organizations.accountIds].sort();
    const named = names.split(/[^\d]+/).filter((id) => id);
    expect(named.length).toBeGreaterThanOrEqual(Math.min(count, 13));
    // An id that is cut is another account's, or nobody's.
    expect(named).toEqual(ids.slice(0, named.length));
    // The log has all of them.
    const found = configRuns()[0].logLines.map((line) => line.startsWith('{') && JSON.parse(line)).find((line) => line.step === 'found');
    expect(found.accounts).toHaveLength(count);
  });

  test('counts active accounts only', async () => {
    deployed = await Deployed.start();
    deployed.organizations.setAccountState(deployed.ids.workload, 'SUSPENDED');
    await deployed.create(templateOf());
    expect(evaluations()[0].annotation).toBe('All 2 accounts are opted out');
  });
});

describe('in test mode', () => {
  test('the evaluation is sent as a test, and AWS Config keeps nothing', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    const before = [...evaluations()];
    const { error } = await deployed.aws.cloudFormation.invokeFunction(deployed.functionArn(), eventWith('TESTMODE'));

    expect(error).toBeUndefined();
    expect(deployed.aws.config.calls.at(-1)).toMatchObject({
      operation: 'PutEvaluations', outcome: 'ok', input: { TestMode: true, ResultToken: 'TESTMODE', Evaluations: [{ ComplianceType: 'COMPLIANT' }] },
    });
    expect(evaluations()).toEqual(before);
  });
});

describe('nothing is reported, and the function fails,', () => {
  /** Lambda delivers an event three times. */
  function expectFailures(text: string): void {
    const attempts = configRuns().filter(({ event }) => event.resultToken === configRuns().at(-1)!.event.resultToken);
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    for (const { error } of attempts) expect(error?.errorMessage).toContain(text);
  }

  test.each([
    ['ListRoots', 'the organization may not be read: ListRoots: AccessDeniedException'],
    ['ListAccounts', 'the accounts could not be listed: AccessDeniedException'],
  ])('when AWS denies %s', async (operation, text) => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    deployed.organizations.faults.accessDenied(operation);
    await evaluateNow();

    expectFailures(text);
    expect(evaluations()).toHaveLength(1);
    expect(deployed.aws.config.calls).toHaveLength(1);
  });

  test.each(['ListPolicies', 'ListTargetsForPolicy', 'DescribePolicy', 'ListAccountsWithInvalidEffectivePolicy'])(
    'when AWS denies %s and the effective policies', async (operation) => {
      deployed = await Deployed.start();
      await deployed.create(templateOf());
      deployed.organizations.faults.accessDenied(operation);
      deployed.organizations.faults.accessDenied('DescribeEffectivePolicy');
      await evaluateNow();

      expectFailures('the opt-out status of 3 of 3 accounts is unknown: ');
      expect(evaluations()).toHaveLength(1);
      expect(deployed.aws.config.calls).toHaveLength(1);
    },
  );

  test('if DescribeEffectivePolicy is denied: the error names the number of accounts, the first and the reason', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    deployed.organizations.faults.accessDenied('DescribeEffectivePolicy');
    await evaluateNow();

    expectFailures(`the opt-out status of 3 of 3 accounts is unknown: ${MANAGEMENT}: DescribeEffectivePolicy was denied (`);
    expect(evaluations()).toHaveLength(1);
  });

  test('if it is denied for one account', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    deployed.organizations.faults.add({ operation: 'DescribeEffectivePolicy', error: { code: 'AccessDeniedException' }, calls: [2, 5, 8] });
    await evaluateNow();

    expectFailures('the opt-out status of 1 of 3 accounts is unknown: ');
    expect(evaluations()).toHaveLength(1);
  });

  test('when ListAccounts returns no account: an organization has at least its management account', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    const call = deployed.organizations.call.bind(deployed.organizations);
    deployed.organizations.call = async (operation, ...rest) => (operation === 'ListAccounts' ? { Accounts: [] } : call(operation, ...rest));
    await evaluateNow();

    expectFailures('ListAccounts returned no active account');
    expect(evaluations()).toHaveLength(1);
  });

  test('if this version does not understand the effective policy of one account', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    const call = deployed.organizations.call.bind(deployed.organizations);
    deployed.organizations.call = async (operation, input: any, ...rest) => {
      const output: any = await call(operation, input, ...rest);
      if (operation !== 'DescribeEffectivePolicy' || input.TargetId !== MEMBER) return output;
      return { EffectivePolicy: { ...output.EffectivePolicy, PolicyContent: '{"services":{"default":{"opt_out_policy":"maybe"}}}' } };
    };
    await evaluateNow();

    expectFailures(`the opt-out status of 1 of 3 accounts is unknown: ${MEMBER}: DescribeEffectivePolicy failed (this version does not understand the result: {"services":{"default":{"opt_out_policy":"maybe"}}})`);
    expect(evaluations()).toHaveLength(1);
  });

  test('when a policy is not understood and the effective policies are denied', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    const content = '{"services":{"default":{"opt_out_policy":{"@@assign":"of tomorrow"}}}}';
    deployed.organizations.addPolicy({ name: 'Of tomorrow', content, targetIds: [deployed.ids.workload] });
    deployed.organizations.faults.add({ operation: 'DescribeEffectivePolicy', error: { code: 'AccessDeniedException' }, calls: [1, 4, 7] });
    await evaluateNow();

    expectFailures(`the opt-out status of 1 of 3 accounts is unknown: ${deployed.ids.workload}: policy "Of tomorrow" on account`);
    expect(evaluations()).toHaveLength(1);
  });

  test.each(['ListAccounts', 'ListPolicies'])('when %s is throttled all the time', async (operation) => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    deployed.organizations.faults.throttle(operation);
    await evaluateNow();

    expectFailures('the time of the function is up');
    expect(evaluations()).toHaveLength(1);
    expect(configRuns().at(-1)!.durationMs).toBeLessThan(15 * MINUTE);
  });

  test('when AWS Config takes no evaluation', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    deployed.aws.config.failNextEvaluations(3);
    await evaluateNow();

    expectFailures(`AWS Config refused the evaluation: [{"ComplianceResourceType":"AWS::::Account","ComplianceResourceId":"${MANAGEMENT}"`);
    expect(evaluations()).toHaveLength(1);
  });

  test('when the token is none of AWS Config\'s', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    const { error } = await deployed.aws.cloudFormation.invokeFunction(deployed.functionArn(), eventWith('nonsense'));

    expect(error).toMatchObject({ errorType: 'InvalidResultTokenException', errorMessage: 'The specified ResultToken is not valid.' });
    expect(evaluations()).toHaveLength(1);
  });

  test('when AWS Config fails all the time', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    deployed.aws.config.faults.internalError('PutEvaluations');
    await evaluateNow();

    expectFailures('unknown error');
    expect(evaluations()).toHaveLength(1);
  });
});

describe('a read that fails does not keep anything from being reported where AWS returns the effective policies:', () => {
  test.each(['ListPolicies', 'ListTargetsForPolicy', 'DescribePolicy', 'ListPoliciesForTarget', 'ListOrganizationalUnitsForParent', 'ListAccountsWithInvalidEffectivePolicy'])(
    '%s', async (operation) => {
      deployed = await Deployed.start();
      await deployed.create(templateOf());
      deployed.organizations.faults.accessDenied(operation);
      await evaluateNow();

      expect(evaluations()[1]).toMatchObject({ complianceType: 'COMPLIANT' });
    },
  );
});

describe('what passes does not keep anything from being reported:', () => {
  test.each([
    ['a list is throttled for two minutes', () => deployed.organizations.faults.throttle('ListAccounts', { forMs: 2 * MINUTE })],
    ['AWS Organizations fails for a minute', () => deployed.organizations.faults.internalError(undefined, { forMs: MINUTE })],
    ['AWS Config throttles twice', () => deployed.aws.config.faults.throttle('PutEvaluations', { calls: [1, 2] })],
    ['AWS Config does not take the first evaluation', () => deployed.aws.config.failNextEvaluations(1)],
    ['a read is denied once', () => deployed.organizations.faults.accessDenied('ListRoots', { calls: [1] })],
  ])('%s', async (_name, fault) => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    fault();
    await evaluateNow();

    expect(evaluations()).toHaveLength(2);
    expect(evaluations()[1]).toMatchObject({ complianceType: 'COMPLIANT', annotation: 'All 3 accounts are opted out' });
    // Whatever it took: the moment is that of the question.
    const { event } = configRuns().at(-1)!;
    expect(evaluations()[1].orderingTimestamp).toBe(Date.parse(JSON.parse(event.invokingEvent).notificationCreationTime));
  });

  test('the policies decide where there was no time to ask AWS about accounts that need not be asked about', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf());
    deployed.organizations.faults.throttle('DescribeEffectivePolicy');
    await evaluateNow();

    expect(evaluations()[1]).toMatchObject({ complianceType: 'COMPLIANT' });
    expect(configRuns().at(-1)!.durationMs).toBeLessThan(15 * MINUTE);
  });
});

test('an offender is reported although others is unknown', async () => {
  deployed = await Deployed.start();
  const { organizations, ids } = deployed;
  organizations.enablePolicyType(POLICY_TYPE);
  organizations.addPolicy({ name: 'Everywhere', content: unlocked({ default: 'optOut' }), targetIds: [organizations.rootId] });
  organizations.addPolicy({ name: 'Not here', content: unlocked({ default: 'optIn' }), targetIds: [ids.workload] });
  organizations.faults.accessDenied('DescribeEffectivePolicy');
  await deployed.create(templateOf({ optOut: false }));

  expect(evaluations()).toHaveLength(1);
  expect(evaluations()[0]).toMatchObject({ complianceType: 'NON_COMPLIANT', annotation: `1 of 3 accounts are not opted out: ${ids.workload}` });
  expect(deployed.errors()).toEqual([]);
  const lines = configRuns()[0].logLines.map((line) => line.startsWith('{') && JSON.parse(line));
  expect(lines.find(({ status }) => status === 'unknown').accounts).toHaveLength(2);
});

describe('the rule', () => {
  test.each([
    [MaximumExecutionFrequency.ONE_HOUR, 1],
    [MaximumExecutionFrequency.THREE_HOURS, 3],
    [MaximumExecutionFrequency.SIX_HOURS, 6],
    [MaximumExecutionFrequency.TWELVE_HOURS, 12],
    [MaximumExecutionFrequency.TWENTY_FOUR_HOURS, 24],
    [undefined, 24],
  ])('with %s is evaluated every %i hours', async (maximumExecutionFrequency, hours) => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ maximumExecutionFrequency }));
    await deployed.pass(3 * hours * HOUR);

    const times = evaluations().map(({ orderingTimestamp }) => orderingTimestamp);
    expect(times.map((time) => time - times[0])).toEqual([0, 1, 2, 3].map((period) => period * hours * HOUR));
    expect(configRuns().map(({ trigger }) => trigger!.service)).toEqual(Array(4).fill('config.amazonaws.com'));
    expect(configRuns().every(({ error }) => !error)).toBe(true);
  });

  test('is evaluated at another frequency after an update, and goes with its stack', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ configRuleName: 'opt-out' }));
    expect(await deployed.update(templateOf({ configRuleName: 'opt-out', maximumExecutionFrequency: MaximumExecutionFrequency.ONE_HOUR })))
      .toMatchObject({ status: 'UPDATE_COMPLETE' });
    const before = evaluations().length;
    await deployed.pass(5 * HOUR);
    expect(evaluations().length - before).toBe(5);

    await deployed.aws.cloudFormation.deleteStack(STACK);
    const calls = deployed.aws.config.calls.length;
    await deployed.pass(5 * HOUR);
    expect(deployed.aws.config.rules).toEqual([]);
    expect(deployed.aws.config.calls).toHaveLength(calls);
  });

  test('is not created when AWS Config may not invoke the function', async () => {
    deployed = await Deployed.start();
    const template = templateOf();
    const permissions = Object.keys(template.Resources).filter((id) => template.Resources[id].Type === 'AWS::Lambda::Permission');
    expect(permissions).toHaveLength(1);
    for (const id of permissions) delete template.Resources[id];
    const [rule] = Object.values<any>(template.Resources).filter(({ Type }) => Type === 'AWS::Config::ConfigRule');
    expect(rule.DependsOn).toEqual(permissions);
    delete rule.DependsOn;
    const { status, failures } = await deployed.create(template);

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(
      /^The AWS Lambda function arn:aws:lambda:us-east-1:111122223333:function:AiOptOut-\S+ cannot be invoked\. .*Error Code: InsufficientPermissionsException/,
    ));
  });

  test('is not created for the account of somebody else, even where the template names the permission', async () => {
    deployed = await Deployed.start();
    const template = templateOf();
    for (const { Type, Properties } of Object.values<any>(template.Resources)) {
      if (Type === 'AWS::Lambda::Permission') Properties.SourceAccount = '999988887777';
    }
    const { status, failures } = await deployed.create(template);
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures[0].reason).toContain('InsufficientPermissionsException');
  });

  test('is not created where AWS Config does not record, and nothing stays behind', async () => {
    deployed = await Deployed.start({ configurationRecorder: false });
    const { status, failures } = await deployed.create(templateOf({ optOut: false }));

    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(failures[0].reason).toContain('Configuration recorder is not available to put config rule.');
    expect(failures[0].reason).toContain('NoAvailableConfigurationRecorderException');
    expect(deployed.runs()).toEqual([]);
    expect(deployed.aws.config.rules).toEqual([]);
  });
});

describe('a rule alone in a stack', () => {
  test('has a function without memory, messages and schedule', async () => {
    const template = templateOf({ optOut: false });
    const types = Object.values<any>(template.Resources).map(({ Type }) => Type).sort();
    expect(types).toEqual(['AWS::Config::ConfigRule', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Lambda::Permission', 'AWS::Logs::LogGroup']);
    const { Environment } = Object.values<any>(template.Resources).find(({ Type }) => Type === 'AWS::Lambda::Function').Properties;
    expect(Object.keys(Environment.Variables).sort()).toEqual(['SPOT_CHECKS', 'STACK_NAME']);
    expect(grantsOf(template).filter(([, action]) => !/^(organizations:(List|Describe)|logs:|config:PutEvaluations$)/.test(action))).toEqual([]);
    expect(roleOf(template).Policies.map(({ PolicyName }: any) => PolicyName)).toEqual(['Verification', 'ConfigRule']);
  });

  test('works, for a policy that somebody else made, and changes nothing', async () => {
    deployed = await Deployed.start();
    deployed.organizations.enablePolicyType(POLICY_TYPE);
    deployed.organizations.addPolicy({ name: 'By hand', content: unlocked({ default: 'optOut' }), targetIds: [deployed.rootId] });
    await deployed.create(templateOf({ optOut: false }));
    await deployed.pass(24 * HOUR);

    expect(evaluations().map(({ complianceType }) => complianceType)).toEqual(['COMPLIANT', 'COMPLIANT']);
    expect(deployed.organizations.calls.map(({ operation }) => operation).filter((operation) => !/^(List|Describe)/.test(operation))).toEqual([]);
    expect([deployed.aws.ssm.calls, deployed.aws.sns.calls, deployed.aws.cloudWatch.listMetrics()]).toEqual([[], [], []]);
    expect(deployed.aws.eventBridge.ruleNames).toEqual([]);
    expect(deployed.errors()).toEqual([]);
  });
});

describe('a rule and a monitor in one stack', () => {
  test('share one function', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ monitor: true }));

    expect(deployed.resources('AWS::Lambda::Function').filter((name) => name.includes('Monitoring'))).toHaveLength(1);
    expect(new Set(deployed.runs().map(({ functionName }) => functionName)).size).toBe(1);
    expect(deployed.runs().map(({ trigger }) => trigger!.service).sort()).toEqual(expect.arrayContaining(['config.amazonaws.com', 'events.amazonaws.com']));
  });

  test('do not touch each other: AWS Config leaves memory, metrics, messages and alarms alone', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ monitor: true }));
    const { aws, organizations } = deployed;
    // So that the evaluation finds what the monitor would tell people about.
    aws.eventBridge.faults.lose('DetachPolicy');
    const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
    await deployed.act('DetachPolicy', { PolicyId, TargetId: organizations.rootId });
    const parameter = deployed.resource('MonitorState');
    const state = () => ({
      memory: aws.ssm.versions(parameter).length,
      parameters: aws.ssm.calls.length,
      messages: aws.sns.messages.length,
      metrics: aws.cloudWatch.listMetrics().map(({ namespace, name, dimensions }) => aws.cloudWatch.metric(namespace, name, dimensions).length),
      alarm: deployed.alarm('MonitorNotOptedOutAlarm'),
    });
    const before = state();
    expect(before.messages).toBe(1);
    await evaluateNow();

    expect(evaluations().at(-1)!.complianceType).toBe('NON_COMPLIANT');
    expect(state()).toEqual(before);

    // WHEN it fails, nothing of this changes either.
    organizations.faults.accessDenied('ListRoots');
    await evaluateNow();
    expect(configRuns().at(-1)!.error).toBeDefined();
    expect(state()).toEqual(before);
  });

  test('do not touch each other: the monitor reports nothing to AWS Config', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ monitor: true }));
    const calls = deployed.aws.config.calls.length;
    const [PolicyId] = deployed.resources('AWS::Organizations::Policy');
    await deployed.act('DetachPolicy', { PolicyId, TargetId: deployed.rootId });
    await deployed.pass(EVENT_PATH);
    await deployed.pass(2 * INTERVAL);

    expect(deployed.aws.sns.messages.at(-1)!.subject).toContain('NOT opted out');
    expect(calls).toBe(1);
    expect(deployed.aws.config.calls).toHaveLength(calls);
  });

  test('do not let each other down: the rule reports while the memory of the monitor is gone', async () => {
    deployed = await Deployed.start();
    await deployed.create(templateOf({ monitor: true }));
    deployed.aws.ssm.delete(deployed.resource('MonitorState'));
    await evaluateNow();
    expect(evaluations()).toHaveLength(2);
    expect(evaluations()[1].complianceType).toBe('COMPLIANT');
  });
});

test('two rules in one stack share the function and report each for itself', async () => {
  deployed = await Deployed.start();
  await deployed.create(synthesize((stack) => {
    new AiServicesOptOutConfigRule(stack, 'Rule', { configRuleName: 'one', maximumExecutionFrequency: MaximumExecutionFrequency.ONE_HOUR });
    new AiServicesOptOutConfigRule(stack, 'Other', { configRuleName: 'other', maximumExecutionFrequency: MaximumExecutionFrequency.SIX_HOURS });
  }, { region: 'us-east-1' }));
  await deployed.pass(6 * HOUR);

  expect(deployed.resources('AWS::Lambda::Function')).toHaveLength(1);
  expect(deployed.aws.config.evaluations('one')).toHaveLength(7);
  expect(deployed.aws.config.evaluations('other')).toHaveLength(2);
  expect(deployed.errors()).toEqual([]);
});
