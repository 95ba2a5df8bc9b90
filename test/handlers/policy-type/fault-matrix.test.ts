import { Duration } from 'aws-cdk-lib';
import { Deployment, MANAGEMENT, MEMBER, templateOf, unlocked } from './deployment';
import type { SimulatedAwsOptions } from '../../../simulator/cloudformation/simulated-aws';
import { AiService, OptOutScope } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

const OTHER = '333344445555';
const TYPE = { RootId: 'r-a1b2', PolicyType: POLICY_TYPE };
const WITHOUT_LEX = { services: OptOutScope.allServices({ optIn: [AiService.LEX] }) };
const LOCKED = JSON.stringify({
  services: { default: { opt_out_policy: { '@@assign': 'optOut', '@@operators_allowed_for_child_policies': ['@@none'] } } },
});

/** What became of the stack, how many of the three accounts are opted out, and the simulated seconds until the stack was done. */
interface Outcome {
  readonly status: string;
  readonly optedOut: number;
  readonly seconds: number;
}

let deployment: Deployment;
afterEach(() => deployment.close());

/** The organization of the comparison: the management account, a member in an OU, and one more member. */
async function start(options: SimulatedAwsOptions = {}): Promise<void> {
  deployment = await Deployment.start({
    scene: (organizations) => {
      organizations.createOrganization();
      organizations.createAccount({ name: 'Member', id: MEMBER, parentId: organizations.createOrganizationalUnit('Workloads') });
      organizations.createAccount({ name: 'Other', id: OTHER });
    },
    ...options,
  });
}

async function outcomeOf(operation: Promise<{ status: string; events: { time: number }[] }>): Promise<Outcome> {
  const { status, events } = await operation;
  const effective = Object.values(await deployment.effective().catch(() => ({})));
  const optedOut = effective.filter(({ services }) => services?.default?.opt_out_policy === 'optOut').length;
  return { status, optedOut, seconds: Math.round((events.at(-1)!.time - events[0].time) / 1000) };
}

/** Rows of the comparison with other products' handlers: the scene, what is deployed, the status, the accounts opted out, and the longest time. */
type Row = readonly [row: string, scene: () => Promise<unknown> | void, status: string, optedOut: number, maxSeconds: number];
const organizations = () => deployment.organizations;
const enabled = () => organizations().enablePolicyType(POLICY_TYPE);
const fault = (operation: string, options: object) => { organizations().faults.add({ operation, ...options }); };
const error = (code: string, calls?: number[]) => ({ error: { code, status: code === 'ServiceException' ? 500 : undefined }, calls });

describe('a first deployment', () => {
  const GREEN = 'CREATE_COMPLETE';
  const FAILS = 'ROLLBACK_COMPLETE';
  test.each<Row>([
    ['01 fresh', async () => start(), GREEN, 3, 9],
    ['02 the type is enabled', async () => { await start(); enabled(); }, GREEN, 3, 4],
    ['03a enabling takes 30 s', async () => start({ organizations: { enableDelayMs: 30_000 } }), GREEN, 3, 43],
    ['03b PENDING_ENABLE by another', async () => {
      await start({ organizations: { enableDelayMs: 30_000 } });
      await deployment.administrator('EnablePolicyType', TYPE);
    }, GREEN, 3, 43],
    ['04 PENDING_DISABLE for 30 s', async () => {
      await start({ organizations: { disableDelayMs: 30_000 } });
      enabled();
      await deployment.administrator('DisablePolicyType', TYPE);
    }, GREEN, 3, 43],
    ['05 consolidated billing', async () => (
      start({ scene: (o) => { o.createOrganization({ featureSet: 'CONSOLIDATED_BILLING' }); } })
    ), FAILS, 0, 6],
    ['06 no organization', async () => start({ scene: () => {}, accountId: MANAGEMENT }), FAILS, 0, 6],
    ['07 from a member account', async () => start({ accountId: MEMBER }), FAILS, 0, 20],
    ['08 ConcurrentModification x3', async () => { await start(); fault('EnablePolicyType', error('ConcurrentModificationException', [1, 2, 3])); }, GREEN, 3, 16],
    ['09 TooManyRequests x5', async () => { await start(); fault('EnablePolicyType', error('TooManyRequestsException', [1, 2, 3, 4, 5])); }, GREEN, 3, 30],
    ['10 ServiceException x3', async () => { await start(); fault('EnablePolicyType', error('ServiceException', [1, 2, 3])); }, GREEN, 3, 16],
    ['11 connection reset', async () => { await start(); fault('EnablePolicyType', { dropConnection: true, calls: [1] }); }, GREEN, 3, 14],
    ['11b connection cut in the middle of an answer', async () => {
      await start();
      for (const operation of ['DescribeOrganization', 'ListRoots', 'ListPolicies', 'EnablePolicyType', 'ListPoliciesForTarget']) {
        fault(operation, { cutAnswer: true, calls: [1] });
      }
    }, GREEN, 3, 16],
    ['12a answer lost (reset)', async () => { await start(); fault('EnablePolicyType', { dropConnection: true, effect: 'after', calls: [1] }); }, GREEN, 3, 14],
    ['12b answer hangs for 10 min', async () => { await start(); fault('EnablePolicyType', { delayMs: 600_000, effect: 'after', calls: [1] }); }, GREEN, 3, 30],
    ['12c answer lost (500 after)', async () => { await start(); fault('EnablePolicyType', { ...error('ServiceException', [1]), effect: 'after' }); }, GREEN, 3, 14],
    ['13 EnablePolicyType denied', async () => { await start(); organizations().faults.accessDenied('EnablePolicyType'); }, FAILS, 0, 20],
    ['13b role effective after 20 s', async () => start({ iamDelayMs: 20_000 }), GREEN, 3, 34],
    ['14 ListRoots denied', async () => { await start(); organizations().faults.accessDenied('ListRoots'); }, FAILS, 0, 20],
    ['19 same name exists (locked, on a member)', async () => {
      await start();
      enabled();
      organizations().addPolicy({ name: 'Mine', content: LOCKED, targetIds: [MEMBER] });
    }, FAILS, 1, 6],
    ['20 five on the root already', async () => {
      await start();
      enabled();
      for (const name of ['1', '2', '3', '4', '5']) organizations().addPolicy({ name, content: unlocked({ polly: 'optOut' }), targetIds: ['r-a1b2'] });
    }, FAILS, 0, 6],
    ['20b a peer on the root says optIn for lex', async () => {
      await start();
      enabled();
      organizations().addPolicy({ name: 'Peer', content: unlocked({ lex: 'optIn' }), targetIds: ['r-a1b2'] });
    }, FAILS, 0, 6],
    ['21 an identical policy is attached already', async () => {
      await start();
      enabled();
      const { Properties } = Object.values<any>(templateOf().Resources).find(({ Type }) => Type === 'AWS::Organizations::Policy');
      organizations().addPolicy({ name: 'Peer', content: JSON.stringify(Properties.Content), targetIds: ['r-a1b2'] });
    }, GREEN, 3, 4],
    ['22a ResponseURL 500 once', async () => { await start(); deployment.aws.cloudFormation.responseFaults.add({ answer: { status: 500 }, calls: [1] }); }, GREEN, 3, 14],
    ['22b ResponseURL drops once', async () => { await start(); deployment.aws.cloudFormation.responseFaults.add({ dropConnection: true, calls: [1] }); }, GREEN, 3, 14],
    ['22c ResponseURL 403 x8', async () => {
      await start();
      deployment.aws.cloudFormation.responseFaults.add({ error: { code: 'AccessDenied', status: 403 }, calls: [1, 2, 3, 4, 5, 6, 7, 8] });
    }, GREEN, 3, 90],
    ['23a enabling takes 290 s', async () => start({ organizations: { enableDelayMs: 288_000 } }), GREEN, 3, 303],
    ['23b enabling takes 14 min', async () => start({ organizations: { enableDelayMs: 840_000 } }), FAILS, 0, 305],
    ['25a event doubled, 0 s apart', async () => { await start(); enabled(); deployment.aws.cloudFormation.delivery.duplicateDeliveries = [0]; }, GREEN, 3, 4],
    ['25b event doubled, 5 s apart', async () => { await start(); deployment.aws.cloudFormation.delivery.duplicateDeliveries = [5_000]; }, GREEN, 3, 9],
    ['26 HTTP 502 without JSON', async () => {
      await start();
      fault('EnablePolicyType', { answer: { status: 502, contentType: 'text/html', body: '<html></html>' }, calls: [1] });
    }, GREEN, 3, 14],
    ['26b HTTP 429 and 503 without JSON', async () => {
      await start();
      fault('EnablePolicyType', { answer: { status: 429 }, calls: [1] });
      fault('EnablePolicyType', { answer: { status: 503 }, calls: [2] });
    }, GREEN, 3, 14],
    ['27 clock skew answer once', async () => { await start(); fault('DescribeOrganization', { clockSkewMs: 3_600_000, calls: [1] }); }, GREEN, 3, 10],
    ['28 UnrecognizedClient once (new role)', async () => { await start(); fault('DescribeOrganization', error('UnrecognizedClientException', [1])); }, GREEN, 3, 10],
  ])('%s', async (row, scene, status, optedOut, maxSeconds) => {
    await scene();
    const outcome = await outcomeOf(deployment.create(templateOf(row.startsWith('19') ? { policyName: 'Mine' } : {})));
    expect(outcome).toMatchObject({ status, optedOut });
    expect(outcome.seconds).toBeLessThanOrEqual(maxSeconds);
  });
});

describe('a later operation', () => {
  const disable = async () => deployment.administrator('DisablePolicyType', TYPE);
  const change = async () => outcomeOf(deployment.update(templateOf(WITHOUT_LEX)));
  const other = (template = templateOf()) => ({
    ...template, Resources: { ...template.Resources, Other: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'x' } } },
  });
  beforeEach(async () => start());

  test('15 Delete, type used by others: no account is opted in', async () => {
    enabled();
    organizations().addPolicy({ name: 'Peer', content: LOCKED, targetIds: [MEMBER] });
    await deployment.create();
    expect(await outcomeOf(deployment.delete())).toMatchObject({ status: 'DELETE_COMPLETE', optedOut: 3 });
  });

  test('16 Delete, type used by no other policy: no account is opted in', async () => {
    await deployment.create();
    expect(await outcomeOf(deployment.delete())).toMatchObject({ status: 'DELETE_COMPLETE', optedOut: 3 });
  });

  test('17a Update with the same template: CloudFormation refuses it', async () => {
    await deployment.create();
    await expect(deployment.update(templateOf())).rejects.toThrow('No updates are to be performed');
  });

  test('17b Update of another resource', async () => {
    await deployment.create();
    expect(await outcomeOf(deployment.update(other()))).toMatchObject({ status: 'UPDATE_COMPLETE', optedOut: 3 });
  });

  test('18a Update and rollback of the content', async () => {
    await deployment.create();
    const template = templateOf(WITHOUT_LEX);
    const Broken = { Type: 'AWS::Organizations::Policy', Properties: { Name: 'B', Type: POLICY_TYPE, Content: { services: { nonsense: {} } } } };
    const broken = { ...template, Resources: { ...template.Resources, Broken: { ...Broken, DependsOn: Object.keys(template.Resources) } } };
    expect(await outcomeOf(deployment.update(broken))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', optedOut: 3 });
  });

  test('18b the type was disabled by hand, then the content changes', async () => {
    await deployment.create();
    await disable();
    expect(await change()).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', optedOut: 0 });
  });

  test('18c the type was disabled by hand and is being enabled again, then the content changes: not green with 0 of 3', async () => {
    await deployment.create();
    await disable();
    organizations().settings.enableDelayMs = 30_000;
    await deployment.administrator('EnablePolicyType', TYPE);
    expect(await change()).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', optedOut: 0 });
  });

  test('19b after a name that was taken, the stack is deleted: the other policy stays', async () => {
    enabled();
    organizations().addPolicy({ name: 'Mine', content: LOCKED, targetIds: [MEMBER] });
    await deployment.create(templateOf({ policyName: 'Mine' }));
    expect(await outcomeOf(deployment.delete())).toMatchObject({ status: 'DELETE_COMPLETE', optedOut: 1 });
  });

  test('fault 21: a new name is rolled back before the policy was changed, and DescribeStacks is throttled', async () => {
    await deployment.create(templateOf({ policyName: 'Old' }));
    deployment.aws.cloudFormation.api.faults.throttle('DescribeStacks');
    fault('UpdatePolicy', error('ConstraintViolationException', [1]));
    expect(await outcomeOf(deployment.update(templateOf({ policyName: 'New' })))).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', optedOut: 3 });
  });

  test('fault 22: the account has moved to another organization', async () => {
    await deployment.create();
    const body = JSON.stringify({ Roots: [{ Id: 'r-moved', PolicyTypes: [{ Type: POLICY_TYPE, Status: 'ENABLED' }] }] });
    fault('ListRoots', { answer: { status: 200, contentType: 'application/x-amz-json-1.1', body } });
    expect(await change()).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE' });
  });

  test('a timeout close to the limit: the function answers in time', async () => {
    organizations().settings.enableDelayMs = 3_600_000;
    const { status } = await outcomeOf(deployment.create(templateOf({ enablementTimeout: Duration.minutes(14) })));
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(deployment.invocation().error).toBeUndefined();
  });
});
