import { isolateAwsEnvironment } from './aws-environment';
import { run, type Ran } from './run';
import { AI, Simulated } from '../simulator/organizations/simulated';

/*
 * The commands as they are typed, with the real SDK over HTTP. The other tests talk to the simulator in this process.
 */

const aws = isolateAwsEnvironment();
let simulated: Awaited<ReturnType<typeof Simulated.landingZone>>;
beforeEach(async () => { simulated = await Simulated.landingZone(); });
afterEach(async () => { await simulated.stop(); });

async function type(...args: string[]): Promise<Ran> {
  return run([...args, '--endpoint-url', simulated.url]);
}

test('plans, applies, applies again and removes', async () => {
  simulated.organizations.enablePolicyType(AI);
  const choices = ['--opt-in', 'lex', 'polly', '--target', simulated.zone.workloadsUnitId, '--name', 'Ours'];
  const changes = () => simulated.organizations.calls.map(({ operation }) => operation).filter((name) => !/^(List|Describe)/.test(name));

  const planned = await type('plan', ...choices, '--output', 'json', '--detailed-exitcode');
  expect(planned.code).toBe(4);
  expect(JSON.parse(planned.stdout).summary).toMatchObject({ changes: 2, affectedAccounts: 15 });
  expect(changes()).toEqual([]);

  expect(await type('apply', ...choices, '--yes')).toMatchObject({ code: 0 });
  expect(await type('apply', ...choices, '--yes')).toMatchObject({ code: 0 });
  expect(changes()).toEqual(['CreatePolicy', 'AttachPolicy']);

  const { Policies } = await simulated.client.listPolicies({ Filter: AI });
  expect(await type('remove', '--policy-id', Policies![0].Id!, '--yes')).toMatchObject({ code: 0 });
  expect(changes()).toEqual(['CreatePolicy', 'AttachPolicy', 'DetachPolicy', 'DeletePolicy']);
});

test('never creates a second policy where the answers to its calls are lost', async () => {
  simulated.organizations.enablePolicyType(AI);
  simulated.organizations.faults.add({ operation: 'CreatePolicy', dropConnection: true, effect: 'after', calls: [1] });
  simulated.organizations.faults.internalError('AttachPolicy', { effect: 'after', calls: [1] });
  const { code, stderr } = await type('apply', '--yes');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^1\/2 CreatePolicy\nCreatePolicy failed \(.*socket hang up\); trying again in 1 s\n2\/2 AttachPolicy\n/);
  expect(stderr).toMatch(/AttachPolicy failed \(ServiceException: .*\); trying again in 1 s\n$/);
  const { Policies } = await simulated.client.listPolicies({ Filter: AI });
  expect(Policies).toHaveLength(1);
  const { Targets } = await simulated.client.listTargetsForPolicy({ PolicyId: Policies![0].Id });
  expect(Targets!.map(({ TargetId }) => TargetId)).toEqual([simulated.rootId]);
});

test('fails with the command that creates an organization where there is none', async () => {
  aws.set({ AWS_ACCESS_KEY_ID: '999900001111' });
  const { code, stderr } = await type('apply', '--yes');
  expect(code).toBe(1);
  expect(stderr).toContain('account 999900001111 is in no organization');
  expect(stderr).toContain('aws organizations create-organization --feature-set ALL');
});

test.each([
  [['apply', '--timeout', '0'], /whole number of minutes/],
  [['plan', '--output', 'xml'], /Allowed choices are text, json/],
  [['remove'], /required option '--policy-id <id>'/],
  [['plan', '--nonsense'], /unknown option '--nonsense'/],
])('fails for wrong usage: %j', async (args, expected) => {
  expect((await type(...args)).stderr).toMatch(expected);
  expect(simulated.organizations.calls).toEqual([]);
});

test.each(['plan', 'apply', 'remove'])('%s --help tells the exit codes', async (command) => {
  expect((await type(command, '--help')).stdout).toContain('Exit codes:');
});
