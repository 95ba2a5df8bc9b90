import { RemovalPolicy, Tags, type Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { marked } from './markdown';
import { SimulatedAws } from '../../simulator/cloudformation/simulated-aws';
import { authorizerFor, type EvaluatedRequest, type PolicyDocument } from '../../simulator/iam';
import type { LandingZone } from '../../simulator/organizations/landing-zone';
import { AiServicesOptOut, AiServicesOptOutConfigRule, AiServicesOptOutMonitor } from '../../src';
import { isolateAwsEnvironment } from '../cli/aws-environment';
import { serveLandingZone } from '../cli/endpoint';
import { run } from '../cli/run';
import { synthesize } from '../handlers/policy-type/deployment';
import { synthesizeOnce } from '../support/templates';

/* docs/permissions.md: each role is tried with exactly the JSON that people copy. */

const ACCOUNT = '111122223333';
const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/Role/session`;
const document = (mark: string): PolicyDocument => JSON.parse(marked('docs/permissions.md', mark).text);

const statementsOf = (...documents: PolicyDocument[]): any[] => documents.flatMap(({ Statement }) => Statement);
const actionsIn = (statements: any[]): string[] => statements.flatMap(({ Action }) => [Action].flat());
const without = (documents: PolicyDocument[], sid: string): PolicyDocument[] => documents
  .map((policy) => ({ ...policy, Statement: policy.Statement.filter(({ Sid }: any) => Sid !== sid) }))
  .filter(({ Statement }) => Statement.length > 0);

test('every statement has a name of its own', () => {
  const sids = ['verify-role', 'apply-role', 'deploy-opt-out-role', 'deploy-monitor-role', 'deploy-config-rule-role'].map((mark) => statementsOf(document(mark)).map(({ Sid }) => Sid));
  for (const names of sids) {
    expect(names.every(Boolean)).toBe(true);
    expect(new Set(names).size).toBe(names.length);
  }
});

describe('on the command line', () => {
  const VERIFY = document('verify-role');
  const APPLY = document('apply-role');
  const aws = isolateAwsEnvironment();
  let record: EvaluatedRequest[];

  /** Serves an organization to a caller who may do what the documents say. */
  async function as(documents: PolicyDocument[], prepare: (zone: LandingZone) => void = () => {}) {
    record = [];
    const served = await serveLandingZone((zone) => {
      zone.organizations.settings.effectivePolicyDelayMs = 0;
      prepare(zone);
    });
    served.endpoint.registerCaller('AKIACALLER', { accountId: ACCOUNT, arn: ARN, authorize: authorizerFor(documents, { accountId: ACCOUNT, principal: ARN, record }) });
    // A Region in the environment saves each command from looking for configuration files.
    aws.set({ AWS_ACCESS_KEY_ID: 'AKIACALLER', AWS_REGION: 'us-east-1' });
    return { ...served, type: async (...args: string[]) => run([...args, '--endpoint-url', served.url]) };
  }

  const optedOut = ({ organizations, rootId, sandboxUnitId }: LandingZone) => {
    const content = JSON.stringify({ services: { default: { opt_out_policy: { '@@assign': 'optOut' } } } });
    // Two on one target: their order has to be asked for.
    for (const name of ['One', 'Two']) organizations.addPolicy({ name, content, targetIds: [rootId, sandboxUnitId] });
    organizations.createAccount({ name: 'Closed', state: 'SUSPENDED' });
  };
  const denied = () => record.filter(({ allowed }) => !allowed).map(({ action }) => action);

  test.each([[[]], [['--evidence', 'effective']], [['--evidence', 'computed']]])('a role that verifies can: verify %j', async (options: string[]) => {
    const { type } = await as([VERIFY], optedOut);
    const { code, stdout } = await type('verify', ...options);
    expect({ code, denied: denied() }).toEqual({ code: 0, denied: [] });
    expect(stdout).not.toContain('could not be read');
  });

  test('a role that verifies may call what verify calls, and what it calls only where answers are incomplete', async () => {
    const { type } = await as([VERIFY], optedOut);
    await type('verify', '--evidence', 'effective');
    const called = new Set(record.map(({ action }) => action));
    expect(actionsIn(statementsOf(VERIFY)).filter((action) => !called.has(action)).sort()).toEqual([
      'organizations:DescribeAccount', 'organizations:DescribeOrganization', 'organizations:ListAccountsForParent',
    ]);
  });

  test.each(statementsOf(VERIFY).map(({ Sid }) => Sid))('a role that verifies cannot without %s', async (sid) => {
    const { type } = await as(without([VERIFY], sid), optedOut);
    const { code, stdout, stderr } = await type('verify', '--evidence', sid === 'AskForEffectivePolicies' ? 'effective' : 'computed');
    expect(denied().length).toBeGreaterThan(0);
    expect(stdout + stderr).toMatch(/AccessDenied|not authorized/);
    // Which policies reach an account is known without the names of its OUs.
    if (sid !== 'ReadTree') expect(code).not.toBe(0);
  });

  test('a role that verifies can change nothing', async () => {
    expect(actionsIn(statementsOf(VERIFY)).filter((action) => !/^organizations:(List|Describe)/.test(action))).toEqual([]);
    const { type } = await as([VERIFY]);
    expect((await type('apply', '--yes')).code).not.toBe(0);
  });

  /** Everything that the commands can do, one after the other. */
  async function everything({ type, organizations, zone }: Awaited<ReturnType<typeof as>>) {
    const empty = organizations.createOrganizationalUnit('Empty', zone.sandboxUnitId);
    const codes = [
      (await type('plan', '--target', empty)).code,
      (await type('apply', '--yes')).code,
      (await type('apply', '--opt-in', 'lex', '--yes')).code,
      (await type('apply', '--target', zone.rootId, zone.auditAccountId, '--yes')).code,
    ];
    const { Policies } = await organizations.call('ListPolicies', { Filter: 'AISERVICES_OPT_OUT_POLICY' }, { accountId: ACCOUNT, arn: 'somebody' }) as any;
    codes.push((await type('remove', '--policy-id', Policies[0]?.Id ?? 'p-0000000000', '--yes')).code);
    return codes;
  }
  const disabled = async (served: Awaited<ReturnType<typeof as>>) => {
    await served.organizations.call('DisablePolicyType', { RootId: served.zone.rootId, PolicyType: 'AISERVICES_OPT_OUT_POLICY' }, { accountId: ACCOUNT, arn: 'somebody' });
    return served;
  };

  test('a role that applies can plan, apply, change and remove', async () => {
    const served = await disabled(await as([VERIFY, APPLY]));
    expect(await everything(served)).toEqual([0, 0, 0, 0, 0]);
    expect(denied()).toEqual([]);
    const called = new Set(record.map(({ action }) => action));
    expect(actionsIn(statementsOf(APPLY)).filter((action) => !called.has(action))).toEqual([]);
  });

  test.each(statementsOf(APPLY).map(({ Sid }) => Sid))('a role that applies cannot do all of it without %s', async (sid) => {
    const served = await disabled(await as(without([VERIFY, APPLY], sid)));
    expect(await everything(served)).not.toEqual([0, 0, 0, 0, 0]);
    expect(denied().length).toBeGreaterThan(0);
  });

  test('a role that applies cannot disable the type or touch other policies', async () => {
    const authorize = authorizerFor([VERIFY, APPLY], { accountId: ACCOUNT, principal: ARN });
    const arn = (path: string) => `arn:aws:organizations::${ACCOUNT}:${path}`;
    const scp = { 'organizations:PolicyType': 'SERVICE_CONTROL_POLICY' };
    const ask = async (action: string, resource: string, context: Record<string, string> = scp) => authorize({ action: `organizations:${action}`, resources: [arn(resource)], context });
    expect(await ask('DisablePolicyType', 'root/o-a1b2c3d4e5/r-a1b2', { 'organizations:PolicyType': 'AISERVICES_OPT_OUT_POLICY' })).toBe(false);
    expect(await ask('EnablePolicyType', 'root/o-a1b2c3d4e5/r-a1b2')).toBe(false);
    expect(await ask('UpdatePolicy', 'policy/o-a1b2c3d4e5/service_control_policy/p-12345678')).toBe(false);
    expect(await ask('AttachPolicy', 'root/o-a1b2c3d4e5/r-a1b2')).toBe(false);
    expect(await ask('PutResourcePolicy', 'resourcepolicy/o-a1b2c3d4e5/rp-12345678', {})).toBe(false);
  });
});

describe('with CloudFormation', () => {
  const OPT_OUT = document('deploy-opt-out-role');
  const MONITOR = document('deploy-monitor-role');
  const RULE = document('deploy-config-rule-role');
  let running: SimulatedAws | undefined;
  afterEach(async () => { await running?.close(); running = undefined; });

  /** The stack of a role's documents, with tags of some value. */
  const templateOf = synthesizeOnce(({ documents, tag, description }: { documents: PolicyDocument[]; tag?: string; description?: string }) => (
    synthesize((stack: Stack) => {
      const repair = new AiServicesOptOut(stack, 'OptOut', { removalPolicy: RemovalPolicy.DESTROY, description });
      if (documents.includes(MONITOR)) {
        const notificationTopic = new Topic(stack, 'Changes', { enforceSSL: true });
        new AiServicesOptOutMonitor(stack, 'Monitor', { repair, notificationTopic });
      }
      if (documents.includes(RULE)) new AiServicesOptOutConfigRule(stack, 'Rule');
      if (tag !== undefined) Tags.of(stack).add('owner', tag);
    })
  ));

  /** As a new release of this library might change it. */
  function nextRelease(template: any): any {
    const changed = structuredClone(template);
    for (const { Type, Properties } of Object.values<any>(changed.Resources)) {
      if (Type === 'AWS::Lambda::Function') {
        Properties.Code.ZipFile += '\n// next release\n';
        Properties.MemorySize += 64;
      }
      if (Type === 'AWS::Organizations::Policy') Properties.TargetIds = [ACCOUNT];
      if (Type === 'Custom::AiServicesOptOutPolicyType') Properties.Policy.TargetIds = [ACCOUNT];
      if (Type === 'AWS::Logs::LogGroup') Properties.RetentionInDays = 400;
    }
    return changed;
  }

  /** Creates, changes, untags and deletes the stack of `stack` with what `documents` allow. */
  async function lifecycle(documents: PolicyDocument[], stack = documents) {
    const record: EvaluatedRequest[] = [];
    const authorize = authorizerFor(documents, { accountId: ACCOUNT, principal: ARN, record });
    running = await SimulatedAws.start({ deployer: { accountId: ACCOUNT, arn: ARN, authorize } });
    const { cloudFormation } = running;
    const first = templateOf({ documents: stack, tag: 'platform' });
    const statuses = [(await cloudFormation.createStack({ stackName: 'AiOptOut', template: first })).status];
    if (statuses[0] === 'CREATE_COMPLETE') {
      statuses.push((await cloudFormation.updateStack({ stackName: 'AiOptOut', template: nextRelease(templateOf({ documents: stack, tag: 'security', description: 'changed' })) })).status);
      statuses.push((await cloudFormation.updateStack({ stackName: 'AiOptOut', template: templateOf({ documents: stack }) })).status);
      statuses.push((await cloudFormation.deleteStack('AiOptOut')).status);
    }
    return { statuses, record };
  }

  const STACKS: [string, PolicyDocument[]][] = [
    ['the opt-out', [OPT_OUT]],
    ['opt-out and monitor', [OPT_OUT, MONITOR]],
    ['opt-out, monitor and Config rule', [OPT_OUT, MONITOR, RULE]],
  ];

  const completed = new Map<PolicyDocument[], ReturnType<typeof lifecycle>>();

  /** The lifecycle of a stack with all of its documents, which several tests look at. */
  async function completeLifecycle(documents: PolicyDocument[]) {
    if (!completed.has(documents)) completed.set(documents, lifecycle(documents));
    return completed.get(documents)!;
  }

  test.each(STACKS)('a role can deploy, change and delete %s', async (_name, documents) => {
    const { statuses, record } = await completeLifecycle(documents);
    expect(record.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(statuses).toEqual(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE']);
  });

  test('every action that changes something is called', async () => {
    const [, documents] = STACKS.at(-1)!;
    const { record } = await completeLifecycle(documents);
    const called = new Set(record.map(({ action }) => action));
    const changing = actionsIn(statementsOf(...documents)).filter((action) => !/:(Get|List|Describe)/.test(action));
    const uncalled = new Set(changing.filter((action) => !called.has(action)));
    expect([...uncalled].sort()).toEqual(NOT_ASKED_FOR);
  });

  test.each(STACKS.flatMap(([, documents]) => (
    statementsOf(documents.at(-1)!).map(({ Sid }): [string, PolicyDocument[]] => [Sid, documents])
  )))('a role cannot without %s', async (sid, documents) => {
    const { statuses, record } = await lifecycle(without(documents, sid), documents);
    expect(record.filter(({ allowed }) => !allowed).length).toBeGreaterThan(0);
    expect(statuses).not.toEqual(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE']);
  });

  test('a Config rule alone needs one statement of the monitor\'s', async () => {
    const invoke: PolicyDocument = { Version: '2012-10-17', Statement: MONITOR.Statement.filter(({ Sid }: any) => Sid === 'LetServicesInvokeFunctions') };
    const { statuses } = await lifecycle([OPT_OUT, invoke, RULE], [RULE]);
    expect(statuses).toEqual(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE']);
  });

  test('nothing outside the stack can be touched', () => {
    const open = statementsOf(OPT_OUT, MONITOR, RULE).filter(({ Action, Resource, Condition }) => (
      [Resource].flat().includes('*') && !Condition && [Action].flat().some((action: string) => !/:(List|Describe)/.test(action))
    ));
    expect(open).toEqual([]);
    expect(actionsIn(statementsOf(OPT_OUT, MONITOR, RULE)).filter((action) => /:\*|^\*/.test(action))).toEqual([]);
  });
});

/** What the simulated CloudFormation does not call. */
const NOT_ASKED_FOR = ['ssm:AddTagsToResource', 'ssm:RemoveTagsFromResource'];
