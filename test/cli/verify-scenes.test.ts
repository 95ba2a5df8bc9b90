import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isolateAwsEnvironment } from './aws-environment';
import { serve, serveLandingZone } from './endpoint';
import { flat, run } from './run';
import { paceCommandsBy, SkippingRealClock } from './skipping-real-clock';
import { RealClock } from '../../simulator/clock';
import { controlTower, type LandingZone } from '../../simulator/organizations/landing-zone';
import { LOCKED, OPEN_SERVICES, unlockedContent } from '../support/documents';

isolateAwsEnvironment();

const ROOT = join(__dirname, '../..');
const LEX_IN = unlockedContent({ lex: 'optIn' });

/** An organization in which the one-liner's policy hangs on the root, and what a scene adds to it. */
const optedOutBut = (change: (zone: LandingZone) => void) => (zone: LandingZone) => {
  zone.organizations.addPolicy({ name: 'Ours', content: LOCKED, targetIds: [zone.rootId] });
  change(zone);
};

describe('verify tells', () => {
  test.each<[string, (zone: LandingZone) => void, number, RegExp]>([
    ['0: that the one-liner holds', optedOutBut(() => {}), 0, /Opted out: all 5 active accounts are\./],
    ['1: that an older policy on the root opts in', ({ organizations, rootId }) => {
      organizations.addPolicy({ name: 'Older', content: unlockedContent({ default: 'optIn' }), targetIds: [rootId] });
      organizations.addPolicy({ name: 'Ours', content: LOCKED, targetIds: [rootId] });
    }, 1, /NOT 111122223333 Management .*by policy "Older" on the root/],
    ['1: that an unlocked policy is undone in an OU', ({ organizations, rootId, sandboxUnitId }) => {
      organizations.addPolicy({ name: 'Open', content: unlockedContent({ default: 'optOut' }), targetIds: [rootId] });
      organizations.addPolicy({ name: 'Undo', content: unlockedContent({ default: 'optIn' }), targetIds: [sandboxUnitId] });
      organizations.createAccount({ name: 'Playground', id: '999988887777', parentId: sandboxUnitId });
    }, 1, /NOT 999988887777 Playground .*by policy "Undo" on OU Sandbox/],
    ['1: that default is locked and services is not, and a child adds lex', ({ organizations, rootId, sandboxUnitId }) => {
      organizations.addPolicy({ name: 'Half', content: JSON.stringify(OPEN_SERVICES), targetIds: [rootId] });
      organizations.addPolicy({ name: 'Lex', content: LEX_IN, targetIds: [sandboxUnitId] });
      organizations.createAccount({ name: 'Playground', id: '999988887777', parentId: sandboxUnitId });
    }, 1, /NOT 999988887777 Playground lex is opted in by policy "Lex" on OU Sandbox/],
    ['1: that a policy is attached nowhere', ({ organizations }) => {
      organizations.addPolicy({ name: 'Nowhere', content: LOCKED });
    }, 1, /policy "Nowhere".* attached nowhere.*NOT 111122223333 Management/],
    ['2: that reading the policies and AWS\'s answers is denied', optedOutBut(({ organizations }) => {
      for (const operation of ['ListPolicies', 'DescribeEffectivePolicy']) organizations.faults.accessDenied(operation);
    }), 2, /Unknown: the status of 5 of 5 active accounts is unknown\./],
    ['2: that only an unrecorded rule keeps lex out, where AWS\'s answer is not to be had', optedOutBut(({ organizations, sandboxUnitId }) => {
      organizations.addPolicy({ name: 'Lex', content: LEX_IN, targetIds: [sandboxUnitId] });
      organizations.createAccount({ name: 'Playground', id: '999988887777', parentId: sandboxUnitId });
      organizations.faults.accessDenied('DescribeEffectivePolicy');
    }), 2, /Unknown: the status of 1 of 6 active accounts is unknown; .*999988887777 Playground unknown: whether policy "Lex"/],
  ])('%s', async (_name, scene, code, text) => {
    const { url } = await serveLandingZone(scene);
    const result = await run(['verify', '--endpoint-url', url, '--quiet', '--evidence', 'computed']);
    expect(flat(result.stdout)).toMatch(text);
    expect(result.code).toBe(code);
  });

  test('1: that the type is disabled, though a policy exists', async () => {
    const zone = controlTower({ clock: new RealClock(), accounts: 5 });
    zone.organizations.addPolicy({ name: 'Ours', content: LOCKED });
    const { url } = await serve(zone.organizations);
    const { code, stdout } = await run(['verify', '--endpoint-url', url, '--quiet']);
    expect(flat(stdout)).toContain('NOT 111122223333 Management the policy type is not enabled in this organization');
    expect(code).toBe(1);
  });

  test('1: that an account was moved out of the OU with the policy', async () => {
    const { url, zone } = await serveLandingZone(({ organizations, productionUnitId, testUnitId, securityUnitId, managementAccountId }) => {
      organizations.addPolicy({ name: 'Ours', content: LOCKED, targetIds: [productionUnitId, testUnitId, securityUnitId, managementAccountId] });
      organizations.createAccount({ name: 'Wanderer', id: '999988887777', parentId: productionUnitId });
    });
    const verify = () => run(['verify', '--endpoint-url', url, '--quiet', '--evidence', 'computed']);
    expect(await verify()).toMatchObject({ code: 0 });

    const { managementAccountId: accountId, productionUnitId, sandboxUnitId, organizations } = zone;
    await organizations.call('MoveAccount', {
      AccountId: '999988887777', SourceParentId: productionUnitId, DestinationParentId: sandboxUnitId,
    }, { accountId, arn: 'somebody' });

    const { code, stdout } = await verify();
    expect(flat(stdout)).toMatch(/Root \/ Sandbox: 1 not opted out NOT 999988887777 Wanderer no policy reaches it/);
    expect(code).toBe(1);
  });
});

test('the organization that the demo leaves is opted out', async () => {
  const demo = spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', '--keep'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let text = '';
      demo.once('exit', () => reject(new Error(`the demo ended:\n${text}`)));
      demo.stdout.on('data', (chunk) => {
        text += chunk;
        const endpoint = /AWS_ENDPOINT_URL=(\S+)/.exec(text);
        if (endpoint) resolve(endpoint[1]);
      });
    });
    paceCommandsBy(new SkippingRealClock());
    const { code, stdout } = await run(['verify', '--endpoint-url', url, '--quiet']);
    expect(stdout).toMatch(/^Opted out: all 25 active accounts are\.\n/);
    expect(code).toBe(0);
  } finally {
    demo.removeAllListeners('exit');
    demo.kill();
  }
});

test('the JSON of docs/verify.md has the shape that verify prints', async () => {
  const text = readFileSync(join(ROOT, 'docs/verify.md'), 'utf8');
  const example = JSON.parse(/```json\n([^`]+)```/.exec(text)![1]);
  const { url } = await serveLandingZone(({ organizations, rootId, sandboxUnitId }) => {
    organizations.addPolicy({ name: 'OptOut', content: unlockedContent({ default: 'optOut' }), targetIds: [rootId] });
    organizations.addPolicy({ name: 'LetThemLearn', content: LEX_IN, targetIds: [sandboxUnitId] });
    organizations.createAccount({ name: 'Playground', parentId: sandboxUnitId });
    organizations.createAccount({ name: 'Closed', state: 'SUSPENDED' });
  });
  const printed = JSON.parse((await run(['verify', '--endpoint-url', url, '--quiet', '--output', 'json'])).stdout);

  const keys = (value: object) => Object.keys(value).sort();
  expect(keys(example)).toEqual(keys(printed));
  for (const member of ['summary', 'organization', 'askedBy']) expect(keys(example[member])).toEqual(keys(printed[member]));
  for (const member of ['checklist', 'units', 'policies', 'inactiveAccounts']) expect(keys(example[member][0])).toEqual(keys(printed[member][0]));
  const playground = printed.accounts.find(({ name }: { name: string }) => name === 'Playground');
  expect(keys(example.accounts[0])).toEqual(keys(playground));
  expect(keys(example.accounts[0].decisions[0])).toEqual(keys(playground.decisions[0]));
  expect(keys(example.findings[0])).toEqual(keys(printed.findings.find(({ code }: { code: string }) => code === 'overriddenBelow')));
  expect(example.schemaVersion).toBe(printed.schemaVersion);
  for (const id of Object.keys(example.calls)) expect(printed.calls).toHaveProperty(id);
});
