import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AiService, AiServicesOptOut, EffectiveOptOut, OptOutPolicyDocument, OptOutScope } from '../../src';
import { POLICY_TYPE } from '../../src/policy';
import { isolateAwsEnvironment } from '../cli/aws-environment';
import { serveLandingZone } from '../cli/endpoint';
import { run } from '../cli/run';
import { Deployment, MANAGEMENT, MEMBER, templateOf, unlocked } from '../handlers/policy-type/deployment';
import { LOCKED } from '../support/documents';

/* docs/faq.md names these tests as the sources of its answers. */

const OPTED_OUT = { services: { default: { opt_out_policy: 'optOut' } } };
const OPTED_OUT_BUT_LEX = { services: { default: { opt_out_policy: 'optOut' }, lex: { opt_out_policy: 'optIn' } } };

isolateAwsEnvironment();
let deployment: Deployment;
let unit: string;
let inUnit: string;

async function start(options: Parameters<typeof Deployment.start>[0] = {}): Promise<void> {
  deployment = await Deployment.start({
    scene: (organizations) => {
      organizations.createOrganization().createAccount({ name: 'Member', id: MEMBER });
      unit = organizations.createOrganizationalUnit('Workloads');
      inUnit = organizations.createAccount({ name: 'Workload', parentId: unit });
    },
    ...options,
  });
}
afterEach(async () => { await deployment?.close(); });

async function deploy(template = templateOf()): Promise<void> {
  expect(await deployment.create(template)).toMatchObject({ status: 'CREATE_COMPLETE' });
}

describe('what is opted out', () => {
  beforeEach(async () => start());

  test('the management account is opted out too', async () => {
    await deploy();
    expect((await deployment.effective())[MANAGEMENT]).toEqual(OPTED_OUT);
  });

  test('an account that joins later is opted out', async () => {
    await deploy();
    const before = deployment.organizations.accountIds;
    await deployment.administrator('CreateAccount', { AccountName: 'Later', Email: 'later@example.com' });
    const effective = await deployment.effective();
    const [later, ...others] = Object.keys(effective).filter((id) => !before.includes(id));
    expect(others).toEqual([]);
    expect(effective[later!]).toEqual(OPTED_OUT);
  });

  test('one service can stay opted in', async () => {
    await deploy(templateOf({ services: OptOutScope.allServices({ optIn: [AiService.LEX] }) }));
    expect(Object.values(await deployment.effective())).toEqual([OPTED_OUT_BUT_LEX, OPTED_OUT_BUT_LEX, OPTED_OUT_BUT_LEX]);
  });

  test('only the accounts below a target are opted out', async () => {
    await deploy(templateOf({ targetIds: [unit] }));
    expect(await deployment.effective()).toEqual({ [MANAGEMENT]: {}, [MEMBER]: {}, [inUnit]: OPTED_OUT });
  });
});

test('one stack in another Region opts the organization out', async () => {
  await start({ region: 'eu-central-1' });
  await deploy();
  expect(Object.values(await deployment.effective())).toEqual([OPTED_OUT, OPTED_OUT, OPTED_OUT]);
});

describe('who can undo it', () => {
  test('a policy on an account does not opt it back in', async () => {
    await start();
    await deploy();
    deployment.organizations.addPolicy({ name: 'LetUsLearn', content: unlocked({ default: 'optIn', lex: 'optIn' }), targetIds: [inUnit] });
    expect((await deployment.effective())[inUnit]).toEqual(OPTED_OUT);
  });

  test('without the lock on services an account opts one service back in', () => {
    const { services: { '@@operators_allowed_for_child_policies': _, ...services } } = JSON.parse(LOCKED);
    const withoutLock = EffectiveOptOut.evaluate([
      { name: 'Root', policies: [{ document: OptOutPolicyDocument.fromJson(JSON.stringify({ services })) }] },
      { name: 'Account', policies: [{ document: OptOutPolicyDocument.fromJson(unlocked({ lex: 'optIn', default: 'optIn' })) }] },
    ]);
    expect(String(withoutLock.settingFor(AiService.LEX))).toBe('optIn');
    expect(String(withoutLock.settingFor(AiService.POLLY))).toBe('optOut');
  });

  test('an older policy on the root that says the opposite makes the deployment fail', async () => {
    await start();
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    deployment.organizations.addPolicy({ name: 'Older', content: unlocked({ default: 'optIn' }), targetIds: [deployment.organizations.rootId] });
    const { status, failures } = await deployment.create();
    expect(status).toMatch(/^ROLLBACK_/);
    expect(failures.map(({ reason }) => reason).join('\n')).toContain('policy "Older"');
    expect(await deployment.policies()).toHaveLength(1);
  });
});

describe('deploying', () => {
  beforeEach(async () => start());

  test('the policy alone cannot be deployed where the type is not enabled', async () => {
    const template = templateOf();
    for (const [id, { Type }] of Object.entries<any>(template.Resources)) {
      if (Type !== 'AWS::Organizations::Policy') delete template.Resources[id];
    }
    const [policy] = Object.values<any>(template.Resources);
    delete policy.DependsOn;
    Object.assign(policy.Properties, { Name: 'Alone', TargetIds: [deployment.organizations.rootId] });
    const { status, failures } = await deployment.create({ Resources: template.Resources });
    expect(status).toMatch(/^ROLLBACK_/);
    expect(failures[0]!.reason).toContain('PolicyTypeNotEnabledException');
  });

  test('where the type is enabled already the function changes nothing', async () => {
    deployment.organizations.enablePolicyType(POLICY_TYPE);
    await deploy();
    expect(deployment.callNames().filter((name) => !/^(List|Describe)/.test(name))).toEqual([]);
    expect(deployment.callNames().length).toBeGreaterThan(0);
  });

  test('deleting the stack opts nobody in', async () => {
    await deploy();
    expect(await deployment.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect((await deployment.effective())[inUnit]).toEqual(OPTED_OUT);

    // With DESTROY the policy goes, and the type stays.
    await deploy(templateOf({ removalPolicy: RemovalPolicy.DESTROY, policyName: 'Second' }));
    expect(await deployment.policies()).toHaveLength(2);
    expect(await deployment.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(await deployment.policies()).toHaveLength(1);
    const { Roots: [{ PolicyTypes }] } = await deployment.administrator('ListRoots', {});
    expect(PolicyTypes).toEqual([{ Type: POLICY_TYPE, Status: 'ENABLED' }]);
  });

  test('the template has no assets', () => {
    const app = new App({ analyticsReporting: false });
    new AiServicesOptOut(new Stack(app, 'AiOptOut'), 'OptOut');
    const { template, assets } = app.synth().getStackByName('AiOptOut');
    expect(assets.filter(({ id }) => id !== 'AiOptOut')).toEqual([]);
    expect(JSON.stringify(template)).not.toMatch(/cdk-hnb659fds|AssetParameters/);
  });
});

describe('proving it', () => {
  test('attached is not effective', async () => {
    const { url } = await serveLandingZone(({ organizations, rootId, sandboxUnitId }) => {
      organizations.addPolicy({ name: 'OptOut', content: unlocked({ default: 'optOut' }), targetIds: [rootId] });
      organizations.addPolicy({ name: 'LetUsLearn', content: unlocked({ default: 'optIn' }), targetIds: [sandboxUnitId] });
      organizations.createAccount({ name: 'Playground', parentId: sandboxUnitId });
    });
    const { code, stdout } = await run(['verify', '--endpoint-url', url]);
    expect(stdout).toContain('Not opted out: 1 of 6 active accounts');
    expect(code).toBe(1);
  });

  test('the default has what Prowler looks for', () => {
    const { Properties: { Content } } = Object.values<any>(templateOf().Resources).find(({ Type }) => Type === 'AWS::Organizations::Policy');
    expect(Content.services.default.opt_out_policy).toEqual({ '@@assign': 'optOut', '@@operators_allowed_for_child_policies': ['@@none'] });
  });
});
