import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isolateAwsEnvironment } from './aws-environment';
import { serve, serveLandingZone, serveNothing } from './endpoint';
import { flat, run } from './run';
import { AwsError } from '../../simulator/aws-error';
import { RealClock } from '../../simulator/clock';
import { controlTower, type LandingZone } from '../../simulator/organizations/landing-zone';
import { OrganizationsError, verifyOrganization } from '../../src/organization';
import { LOCKED, unlockedContent } from '../support/documents';

jest.mock('../../src/organization', () => {
  const actual = jest.requireActual('../../src/organization');
  return { ...actual, verifyOrganization: jest.fn(actual.verifyOrganization) };
});

const aws = isolateAwsEnvironment();

const optOut = ({ organizations, rootId }: LandingZone) => organizations.addPolicy({ name: 'OptOut', content: LOCKED, targetIds: [rootId] });

describe('the status and its exit code', () => {
  test('0: every active account is opted out', async () => {
    const { url, zone } = await serveLandingZone(optOut);
    const { code, stdout, stderr } = await run(['verify', '--endpoint-url', url]);

    expect(stdout).toMatch(/^Opted out: all 5 active accounts are\.\n/);
    expect(flat(stdout)).toContain(`Organization ${zone.organizations.organizationId}, management account 111122223333.`);
    expect(stdout).toMatch(/ {2}yes {2}The opt-out is in effect for every active account\n/);
    expect(stdout).toContain('  Root / Workloads / Production: 1 opted out\n');
    expect(stderr).toContain('asking AWS for effective policies (5)\n');
    expect(code).toBe(0);
  });

  test('1: some account is not, and it comes first with the reason', async () => {
    const { url, zone } = await serveLandingZone(({ organizations, rootId, sandboxUnitId }) => {
      organizations.addPolicy({ name: 'OptOut', content: unlockedContent({ default: 'optOut' }), targetIds: [rootId] });
      organizations.addPolicy({ name: 'LetThemLearn', content: unlockedContent({ lex: 'optIn' }), targetIds: [sandboxUnitId] });
      organizations.createAccount({ name: 'Playground', id: '999988887777', parentId: sandboxUnitId });
    });
    const { code, stdout } = await run(['verify', '--endpoint-url', url, '--evidence', 'computed']);

    expect(stdout).toMatch(/^Not opted out: 1 of 6 active accounts is not\.\n/);
    expect(flat(stdout)).toMatch(/Accounts Root \/ Sandbox: 1 not opted out NOT 999988887777 Playground lex is opted in by policy "LetThemLearn" on OU Sandbox/);
    expect(zone.organizations.calls.map(({ operation }) => operation)).not.toContain('DescribeEffectivePolicy');
    expect(code).toBe(1);
  });

  test('1: the policy type is not enabled', async () => {
    const { url } = await serve(controlTower({ clock: new RealClock(), accounts: 3 }).organizations);
    const { code, stdout } = await run(['verify', '--endpoint-url', url, '--quiet']);

    expect(stdout).toMatch(/^Not opted out: 3 of 3 active accounts are not\.\n/);
    expect(flat(stdout)).toContain('NO The policy type "AI services opt-out" is enabled in the organization');
    expect(code).toBe(1);
  });

  test('2: DescribeEffectivePolicy is denied', async () => {
    const { url } = await serveLandingZone((zone) => {
      optOut(zone);
      zone.organizations.faults.accessDenied('DescribeEffectivePolicy');
    });
    const { code, stdout } = await run(['verify', '--endpoint-url', url, '--evidence', 'effective']);

    expect(stdout).toMatch(/^Unknown: the status of 5 of 5 active accounts is unknown\.\n/);
    expect(code).toBe(2);
  });

  test('2: a member account sees only itself', async () => {
    const { url, zone } = await serveLandingZone(optOut);
    aws.set({ AWS_ACCESS_KEY_ID: zone.auditAccountId });
    const { code, stdout } = await run(['verify', '--endpoint-url', url]);

    expect(flat(stdout)).toMatch(new RegExp(`^Only one account was asked, ${zone.auditAccountId}: opted out\\. The other accounts can be seen from the management account`));
    expect(code).toBe(2);
  });
});

describe('what was asked', () => {
  test('--service names what has to be opted out', async () => {
    const { url } = await serveLandingZone(({ organizations, rootId }) => {
      organizations.addPolicy({ name: 'LexOnly', content: unlockedContent({ lex: 'optOut' }), targetIds: [rootId] });
    });
    const args = ['verify', '--endpoint-url', url, '--evidence', 'computed', '--quiet'];

    expect((await run([...args, '--service', 'lex'])).code).toBe(0);
    expect((await run([...args, '--service', 'lex', 'polly'])).code).toBe(1);
  });

  test('a service key that AWS does not document is asked about with a warning', async () => {
    const { url } = await serveLandingZone(optOut);
    const { code, stderr } = await run(['verify', '--endpoint-url', url, '--evidence', 'computed', '--service', 'rekogniton', '--quiet']);

    expect(stderr).toBe('warning: AWS documents no service key "rekogniton"; did you mean "rekognition"?\n');
    expect(code).toBe(0);
  });

  test('a service key that cannot be one is refused', async () => {
    expect(await run(['verify', '--service', 'LEX'])).toMatchObject({ code: 3, stderr: 'error: "LEX" cannot be a service key; did you mean "lex"?\n' });
  });
});

describe('outputs', () => {
  test('--output json is the verification', async () => {
    const { url, zone } = await serveLandingZone(optOut);
    const { code, stdout } = await run(['verify', '--endpoint-url', url, '--evidence', 'computed', '--output', 'json', '--quiet']);

    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      status: 'optedOut',
      organization: { id: zone.organizations.organizationId },
      askedBy: { accountId: '111122223333' },
      accounts: expect.arrayContaining([expect.objectContaining({ id: zone.auditAccountId, status: 'optedOut' })]),
    });
    expect(code).toBe(0);
  });

  test('--report writes a page and leaves nothing beside it', async () => {
    const { url } = await serveLandingZone(optOut);
    const directory = join(aws.directory, 'reports');
    mkdirSync(directory);
    writeFileSync(join(directory, 'report.html'), 'the one from last month');
    const { code } = await run(['verify', '--endpoint-url', url, '--evidence', 'computed', '--report', join(directory, 'report.html'), '--quiet']);

    expect(code).toBe(0);
    expect(readFileSync(join(directory, 'report.html'), 'utf8')).toContain('Opted out: all 5 active accounts are.');
    expect(readdirSync(directory)).toEqual(['report.html']);
  });
});

describe('no answer: exit code 3 and one clear line', () => {
  const refused = (code: string, message: string) => async () => {
    const served = await serveLandingZone(optOut);
    served.endpoint.registerQueryAction('GetCallerIdentity', async () => { throw new AwsError(code, message, undefined, 403); });
    return served.url;
  };
  const landingZone = async () => (await serveLandingZone(optOut)).url;

  test.each<[string, () => Promise<string>, Record<string, string | undefined>, string[], RegExp]>([
    ['no credentials', landingZone, { AWS_ACCESS_KEY_ID: undefined }, [], /there are no AWS credentials: sign in/],
    ['an unknown profile', landingZone, {}, ['--profile', 'nobody'], /there is no profile "nobody" in the AWS configuration files/],
    ['expired credentials', refused('ExpiredToken', 'The security token included in the request is expired'), {}, [], /the AWS credentials have expired: sign in again/],
    ['refused credentials', refused('InvalidClientTokenId', 'The security token included in the request is invalid.'), {}, [], /AWS does not accept these credentials \(InvalidClientTokenId\)/],
    ['no organization', async () => (await serveNothing()).url, {}, [], /organization/],
    ['nobody at the endpoint', async () => 'http://127.0.0.1:9', {}, [], /http:\/\/127\.0\.0\.1:9 cannot be reached \(ECONNREFUSED\)/],
    ['an endpoint that is no URL', async () => 'localhost', {}, [], /--endpoint-url has to be a URL/],
    ['a report in a directory that is not there', landingZone, {}, ['--report', '/nowhere/report.html'], /cannot write the report to \/nowhere\/report\.html: its directory does not exist/],
    ['a report that is a directory', landingZone, {}, ['--report', '/tmp'], /cannot write the report to \/tmp: it is a directory/],
    ['a report that is no file', landingZone, {}, ['--report', '/dev/null'], /it is not a regular file/],
  ])('%s', async (_, prepare, environment, args, message) => {
    const url = await prepare();
    aws.set(environment);
    const { code, stdout, stderr } = await run(['verify', '--endpoint-url', url, '--quiet', ...args]);

    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toMatch(message);
    expect(stdout).toBe('');
    expect(code).toBe(3);
  });

  test('credentials that expire in the middle', async () => {
    const { url } = await serveLandingZone(({ organizations }) => {
      organizations.faults.add({ operation: 'ListAccounts', error: { code: 'ExpiredTokenException', message: 'The security token included in the request is expired' } });
    });

    expect(await run(['verify', '--endpoint-url', url, '--quiet'])).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error: the AWS credentials have expired[^\n]*\n$/) });
  });

  test('throttling that does not end', async () => {
    const { url } = await serveLandingZone();
    jest.mocked(verifyOrganization).mockRejectedValueOnce(new OrganizationsError('throttled', 'AWS throttled ListAccounts for 300 s'));

    expect(await run(['verify', '--endpoint-url', url])).toMatchObject({ code: 3, stderr: 'error: AWS throttled ListAccounts for 300 s\n' });
  });

  test('an unexpected failure says how to report it, and --debug prints the stack', async () => {
    const { url } = await serveLandingZone();
    jest.mocked(verifyOrganization).mockRejectedValueOnce(new TypeError('x is undefined')).mockRejectedValueOnce(new TypeError('x is undefined'));
    const plain = await run(['verify', '--endpoint-url', url]);
    const debug = await run(['verify', '--endpoint-url', url, '--debug']);

    expect(plain).toMatchObject({ code: 3, stderr: expect.stringMatching(/^error: .*x is undefined\n.*--debug/) });
    expect(plain.stderr).not.toContain('    at ');
    expect(debug.stderr).toContain('TypeError: x is undefined\n    at ');
  });
});

test('a report path is refused before AWS is asked anything', async () => {
  const { url, organizations } = await serveLandingZone();
  await run(['verify', '--endpoint-url', url, '--report', '/nowhere/report.html']);

  expect(organizations.calls).toEqual([]);
});

test('Ctrl-C ends with 130, and there is no report', async () => {
  const interruption = new AbortController();
  // The interruption arrives during a call that never returns.
  const clock = { now: () => Date.now(), sleep: async () => new Promise<void>(() => interruption.abort()) };
  const { url } = await serveLandingZone((zone) => {
    optOut(zone);
    zone.organizations.faults.add({ operation: 'ListAccounts', delayMs: 1 });
  }, clock);
  const report = join(aws.directory, 'interrupted.html');
  const { code, stdout, stderr } = await run(['verify', '--endpoint-url', url, '--report', report, '--quiet'], { signal: interruption.signal });

  expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'error: interrupted\n' });
  expect(readdirSync(aws.directory).filter((name) => name.includes('interrupted'))).toEqual([]);
});
