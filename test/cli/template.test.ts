import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { BootstraplessSynthesizer, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { flat, run } from './run';
import { FLAGS, printed, printedTemplate, resources, scratch, yaml } from './template/printed';
import { AiService, AiServicesOptOut, ChildOverrides, OptOutPolicyDocument, OptOutScope } from '../../src';
import { LOCKED } from '../support/documents';

const inFolder = scratch();

const POLICY = 'AWS::Organizations::Policy';
const MONITORING = 'AiServicesOptOutMonitoringFunction5297FB9B';
const DOCUMENTED = AiService.documented().map(({ key }) => key);

test.each(Object.entries(FLAGS))('prints the same as YAML and as JSON, twice: %s', async (_name, flags) => {
  const text = await printed(...flags);
  const json = await printed(...flags, '--json');
  expect(yaml(text)).toEqual(JSON.parse(json));
  expect([await printed(...flags), await printed(...flags, '--json')]).toEqual([text, json]);
});

test('YAML is for people: sections in order, code in a block', async () => {
  const text = await printed('--monitor');
  expect(Object.keys(yaml(text))).toEqual(['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Conditions', 'Resources', 'Outputs']);
  expect(text.match(/^ +ZipFile: \|-$/gm)).toHaveLength(2);
  expect(text.match(/Version: .*/g)).toContain('Version: "2012-10-17"');
});

/** The resources, but for what a parameter can say. */
function withoutNames({ Resources }: any): any {
  const { OptOutPolicyTypeD8042055: type, OptOutFF2C8211: policy, ...rest } = Resources;
  const unnamed = (properties: any) => ({ ...properties, Name: undefined });
  return { ...rest, type: { ...type.Properties, Policy: unnamed(type.Properties.Policy) }, policy: unnamed(policy.Properties) };
}

test('the resources are those of the construct, and nothing of the CDK\'s own', async () => {
  const template = await printedTemplate();
  const stack = new Stack(undefined, 'AiServicesOptOut', { synthesizer: new BootstraplessSynthesizer(), analyticsReporting: false });
  new AiServicesOptOut(stack, 'OptOut');
  const made = Template.fromStack(stack).toJSON();
  expect(withoutNames(template)).toEqual(withoutNames(made));
  expect(JSON.stringify(template).match(/BootstrapVersion|CDKMetadata|aws:cdk:path|cdk-bootstrap/g)).toBeNull();
});

describe('nothing of the machine is in it', () => {
  const saved = { ...process.env };
  afterEach(() => { process.env = { ...saved }; });

  test('neither its Region, its account nor what the CDK\'s command line sets', async () => {
    const before = await printed('--monitor', '--config-rule');
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      CDK_DEFAULT_REGION: 'eu-central-1',
      CDK_DEFAULT_ACCOUNT: '999988887777',
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:enable-path-metadata': true, '@aws-cdk/core:newStyleStackSynthesis': false, '@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption': true }),
      CDK_OUTDIR: inFolder('cdk.out'),
      TZ: 'Asia/Tokyo',
    });
    expect(await printed('--monitor', '--config-rule')).toBe(before);
    expect(before.match(/eu-central-1|999988887777/g)).toBeNull();
    expect(readdirSync(inFolder())).toEqual([]);
  });

  test('and no file is left behind', async () => {
    process.env.TMPDIR = inFolder();
    await printed();
    expect(readdirSync(inFolder())).toEqual([]);
  });
});

describe('choices', () => {
  const content = async (...args: string[]) => resources(await printedTemplate(...args), POLICY)[0].Properties.Content;
  const composed = (...scope: Parameters<typeof OptOutPolicyDocument.fromScope>) => OptOutPolicyDocument.fromScope(...scope).toJson();

  test('are those of apply', async () => {
    const [lex, polly] = [AiService.LEX, AiService.POLLY];
    expect(await content()).toEqual(JSON.parse(LOCKED));
    expect(await content('--service', 'lex', 'polly')).toEqual(composed(OptOutScope.services([lex, polly])));
    expect(await content('--opt-in', 'lex')).toEqual(composed(OptOutScope.allServices({ optIn: [lex] })));
    expect(await content('--allow-child-overrides', 'lex')).toEqual(composed(OptOutScope.allServices(), ChildOverrides.allowedFor([lex])));
    writeFileSync(inFolder('policy.json'), '{ "services": { "q": { "opt_out_policy": { "@@assign": "optOut" } } } }');
    expect(await content('--policy', inFolder('policy.json'))).toEqual({ services: { q: { opt_out_policy: { '@@assign': 'optOut' } } } });
    const policy = { services: { brandnew: { opt_out_policy: { '@@assign': 'optOut' } } } };
    const args = ['template', '--format', 'policy', '--policy', '-'];
    expect(await run(args, { stdin: JSON.stringify(policy) })).toMatchObject({ code: 3, stderr: expect.stringContaining('"brandnew" is not a service key') });
    expect(JSON.parse((await run([...args, '--allow-service', 'brandnew'], { stdin: JSON.stringify(policy) })).stdout)).toEqual(policy);
    expect(Object.keys((await content('--service', 'brandnew', '--allow-service', 'brandnew')).services)).toEqual(['brandnew']);
  });

  test('targets and name', async () => {
    const template = await printedTemplate('--target', 'ou-abcd-12345678', '--name', 'Ours');
    expect(resources(template, POLICY)[0].Properties.TargetIds).toEqual(['ou-abcd-12345678']);
    expect(template.Parameters.PolicyName.Default).toBe('Ours');
  });

  test.each([
    [['--opt-in', 'lex'], { except: ['lex'] }],
    [['--service', 'lex', 'polly'], { services: ['lex', 'polly'] }],
    [[], undefined],
  ])('the monitor requires what the policy opts out of: %j', async (choices, required) => {
    for (const flags of [['--monitor'], ['--config-rule'], ['--monitor', '--repair', '--config-rule']]) {
      const { REQUIRED } = (await printedTemplate(...choices, ...flags)).Resources[MONITORING].Properties.Environment.Variables;
      expect(REQUIRED && JSON.parse(REQUIRED)).toEqual(required);
    }
  });

  test('interval', async () => {
    const rate = async (...args: string[]) => resources(await printedTemplate('--monitor', ...args), 'AWS::Events::Rule')
      .map(({ Properties }) => Properties.ScheduleExpression).filter(Boolean);
    expect(await rate()).toEqual(['rate(6 hours)']);
    expect(await rate('--interval', '90')).toEqual(['rate(90 minutes)']);
  });

  test('only with --repair the function may change anything', async () => {
    const changes = async (...flags: string[]) => /organizations:(Attach|Update|Enable)/.test(JSON.stringify(resources(await printedTemplate('--monitor', ...flags), 'AWS::IAM::Role')
      .find(({ Properties }) => JSON.stringify(Properties).includes('Verification')).Properties));
    expect([await changes(), await changes('--repair')]).toEqual([false, true]);
  });
});

describe('parameters', () => {
  const GIVEN = { PolicyName: 'Governance', NotificationTopicArn: 'arn:aws:sns:us-east-1:111122223333:alerts' };

  test('there is one for the name, and with the monitor two for messages, each described and optional', async () => {
    const { Parameters: policyOnly } = await printedTemplate('--config-rule');
    expect(Object.keys(policyOnly)).toEqual(['PolicyName']);
    const { Parameters, Metadata } = await printedTemplate('--monitor');
    expect(Object.keys(Parameters)).toEqual(['PolicyName', 'NotificationTopicArn', 'NotificationTopicKeyArn']);
    for (const { Type, Default, Description, ConstraintDescription } of Object.values<any>(Parameters)) {
      expect({ Type, Default }).toEqual({ Type: 'String', Default: '' });
      expect(Description.length).toBeLessThan(4_000);
      expect(ConstraintDescription).toMatch(/\w/);
    }
    const { ParameterGroups } = Metadata['AWS::CloudFormation::Interface'];
    expect(ParameterGroups.flatMap((group: any) => group.Parameters)).toEqual(Object.keys(Parameters));
  });

  test.each<[keyof typeof GIVEN | 'NotificationTopicKeyArn', string, boolean]>([
    ['NotificationTopicArn', '', true],
    ['NotificationTopicArn', GIVEN.NotificationTopicArn, true],
    ['NotificationTopicArn', `${GIVEN.NotificationTopicArn}.fifo`, false],
    ['NotificationTopicArn', 'alerts', false],
    ['NotificationTopicArn', 'arn:aws:sqs:us-east-1:111122223333:alerts', false],
    ['NotificationTopicArn', 'arn:aws-cn:sns:cn-north-1:111122223333:alerts', false],
    ['NotificationTopicArn', 'arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts', false],
    ['NotificationTopicArn', 'arn:aws-eusc:sns:eusc-de-east-1:111122223333:alerts', true],
    ['NotificationTopicArn', 'arn:aws-iso-b:sns:us-isob-east-1:111122223333:alerts', true],
    ['NotificationTopicKeyArn', '', true],
    ['NotificationTopicKeyArn', 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab', true],
    ['NotificationTopicKeyArn', 'arn:aws:kms:eu-west-1:111122223333:alias/alerts', false],
  ])('%s %j: %s', async (name, value, allowed) => {
    const { AllowedPattern } = (await printedTemplate('--monitor')).Parameters[name];
    expect(new RegExp(AllowedPattern).test(value)).toBe(allowed);
  });

  test('the empty name stands for the construct\'s own', async () => {
    const template = await printedTemplate();
    const stack = new Stack(undefined, 'AiServicesOptOut');
    const own = stack.resolve(new AiServicesOptOut(stack, 'OptOut').policyName);
    const chosen = { 'Fn::If': ['HasPolicyName', { Ref: 'PolicyName' }, own] };
    expect(resources(template, POLICY)[0].Properties.Name).toEqual(chosen);
    expect(resources(template, 'Custom::AiServicesOptOutPolicyType')[0].Properties.Policy.Name).toEqual(chosen);
    expect(template.Conditions.HasPolicyName).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'PolicyName' }, ''] }] });
  });

  test('without a topic the function has neither its ARN nor a permission, and without a key none for that', async () => {
    const { Resources } = await printedTemplate('--monitor');
    const nothing = { Ref: 'AWS::NoValue' };
    const arn = { 'Fn::If': ['HasNotificationTopic', { Ref: 'NotificationTopicArn' }, nothing] };
    expect(Resources[MONITORING].Properties.Environment.Variables.TOPIC_ARN).toEqual(arn);
    const { Policies } = Resources.AiServicesOptOutMonitoringRole10948EE1.Properties;
    const statements = Policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement);
    expect(statements.filter((statement: any) => /sns:|kms:/.test(JSON.stringify(statement)))).toEqual([
      { 'Fn::If': ['HasNotificationTopic', { Effect: 'Allow', Action: 'sns:Publish', Resource: { Ref: 'NotificationTopicArn' } }, nothing] },
      {
        'Fn::If': [
          'HasNotificationTopicKey',
          { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: { Ref: 'NotificationTopicKeyArn' } },
          nothing,
        ],
      },
    ]);
    const alarmActions = Object.entries<any>(Resources).map(([id, { Properties }]) => [id, Properties.AlarmActions]).filter(([, actions]) => actions);
    expect(alarmActions).toEqual([[expect.stringMatching(/^MonitorVerificationAgeAlarm/), [arn]]]);
  });
});

test.each([
  [[], ['any commercial Region'], ['Verifies', 'Config']],
  [['--monitor'], ['Verifies', 'changes nothing', 'us-east-1'], ['puts back', 'Config']],
  [['--monitor', '--repair'], ['puts back'], ['changes nothing']],
  [['--config-rule'], ['AWS Config'], ['Verifies']],
])('the description says what the template does: %j', async (flags, there, absent) => {
  const { Description } = await printedTemplate(...flags);
  for (const words of there) expect(Description).toContain(words);
  for (const words of absent) expect(Description).not.toContain(words);
  expect(Buffer.byteLength(Description)).toBeLessThanOrEqual(1_024);
});

describe('--format policy', () => {
  test('prints the bare document', async () => {
    expect(JSON.parse(await printed('--format', 'policy'))).toEqual(JSON.parse(LOCKED));
    expect(await printed('--format', 'policy', '--service', 'lex')).toBe(`${JSON.stringify(OptOutPolicyDocument.fromScope(OptOutScope.services([AiService.LEX])).toJson(), undefined, 2)}\n`);
  });

  test('in one line where it would not fit with line breaks', async () => {
    const services = DOCUMENTED.slice(0, 18);
    const { stdout, stderr } = await run(['template', '--format', 'policy', '--service', ...services]);
    expect(stdout.trim()).not.toContain('\n');
    expect(stdout.trim().length).toBeLessThanOrEqual(2_500);
    expect(flat(stderr)).toBe('note: without line breaks, because AWS counts them and allows 2,500 characters');
  });
});

describe('fails', () => {
  test.each<[string[], string]>([
    [['--repair'], 'error: --repair is done by the monitor; add --monitor'],
    [['--interval', '60'], 'error: --interval is that of the monitor; add --monitor'],
    [['--interval', '10', '--monitor'], 'It has to be a whole number of minutes, 15 to 1440.'],
    [['--format', 'cfct'], 'error: --format cfct writes a folder; add --out <folder>'],
    [['--format', 'lza'], 'error: --format lza writes a folder; add --out <folder>'],
    [['--format', 'sam'], 'Allowed choices are template, cfct, lza, policy.'],
    [['--out', 'x'], 'error: --out goes with --format cfct and lza; --format template prints, so redirect it: > file'],
    [['--format', 'lza', '--out', ''], 'error: --out takes the name of a folder, got an empty text'],
    [['--force'], 'error: --force goes with --out'],
    [['--management-account-id', '111122223333'], 'error: --management-account-id goes with --format cfct'],
    [['--format', 'cfct', '--out', 'x', '--management-account-id', '1111'], 'error: --management-account-id takes an account id (12 digits), got "1111"'],
    [['--name', 'x'.repeat(129)], 'error: --name must have 1 to 128 characters, got 129'],
    [['--name', ''], 'error: --name must have 1 to 128 characters, got 0'],
    [['--service', 'lex', '--opt-in', 'polly'], '--opt-in goes with opting out of everything'],
    [['--format', 'policy', '--monitor', '--name', 'x'], 'error: --format policy prints the content of the policy and nothing else; leave --monitor, --name out'],
    [['--service', ...DOCUMENTED], 'more than the 2,500 that AWS allows; name fewer services'],
    [['--profile', 'x'], 'unknown option \'--profile\''],
    [['--adopt'], 'unknown option \'--adopt\''],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(['template', ...args]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(flat(stderr)).toContain(message);
  });

  test('with everything that is wrong at once', async () => {
    const { stderr } = await run(['template', '--repair', '--format', 'cfct', '--management-account-id', 'x']);
    expect(stderr.split('\n')).toHaveLength(4);
  });

  test('for a monitor of a policy that opts out of nothing', async () => {
    writeFileSync(inFolder('in.json'), '{ "services": { "lex": { "opt_out_policy": { "@@assign": "optIn" } } } }');
    const { code, stderr } = await run(['template', '--monitor', '--policy', inFolder('in.json')]);
    expect(code).toBe(3);
    expect(stderr).toContain('opts out of nothing');
    expect((await printed('--policy', inFolder('in.json'))).match(/"@@assign": optIn/g)).toHaveLength(2);
  });

  test('in the library\'s words, without the place in its tree', async () => {
    const accounts = Array.from({ length: 300 }, (_, index) => String(100_000_000_000 + index));
    const { code, stderr } = await run(['template', '--monitor', '--repair', '--target', ...accounts]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/repair keeps the policy and its 300 targets in a parameter of at most 4,096 characters/);
    expect(stderr).not.toMatch(/\n {2}at /);
  });
});

describe('standard error', () => {
  const stderrOf = async (...args: string[]) => flat((await run(['template', ...args])).stderr);

  test('is empty where there is nothing to say', async () => {
    expect(await stderrOf()).toBe('');
  });

  test('has what apply warns of', async () => {
    expect(await stderrOf('--allow-child-overrides')).toContain('warning: Policies on OUs and accounts below may opt back in to everything');
  });

  test('warns of accounts that the monitor watches and the policy leaves out', async () => {
    expect(await stderrOf('--config-rule', '--target', 'ou-abcd-12345678')).toContain('warning: The rule asks about every account of the organization');
    expect(await stderrOf('--monitor', '--target', 'r-abcd')).not.toContain('warning');
    expect(await stderrOf('--target', 'ou-abcd-12345678')).toBe('');
  });

  test('says how to deploy a template that no request holds', async () => {
    expect(await stderrOf('--monitor')).toContain('aws cloudformation deploy --s3-bucket');
  });
});

test('the help keeps to 80 columns and documents the exit codes', async () => {
  const { code, stdout } = await run(['template', '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('Exit codes:');
  for (const line of stdout.split('\n')) expect({ line, width: Math.min(line.length, 81) }).toEqual({ line, width: line.length });
});

test('every example of the help works', async () => {
  const { stdout } = await run(['template', '--help']);
  const examples = [...stdout.matchAll(/^ {2}ai-opt-out (template.*)$/gm)].map(([, line]) => line!.replace(/ > .*/, '').split(' '));
  expect(examples.length).toBeGreaterThan(3);
  for (const args of examples) {
    const out = args.indexOf('--out');
    const here = args.map((arg, index) => (out !== -1 && index === out + 1 ? inFolder(arg) : arg));
    expect((await run(here)).code).toBe(0);
  }
});

test('files are written and named on standard error only', async () => {
  const { code, stdout, stderr } = await run(['template', '--format', 'lza', '--out', inFolder('lza')]);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: '',
    stderr: `wrote ${inFolder('lza/customizations-config.yaml')}\nwrote ${inFolder('lza/cloudformation/ai-services-opt-out.yaml')}\n`,
  });
  expect(readFileSync(inFolder('lza/cloudformation/ai-services-opt-out.yaml'), 'utf8')).toBe(await printed());
  expect(await run(['template', '--format', 'lza', '--out', inFolder('lza')])).toMatchObject({ code: 0, stderr: `${inFolder('lza')} has these files already\n` });
  writeFileSync(inFolder('lza/customizations-config.yaml'), 'mine');
  const refused = await run(['template', '--format', 'lza', '--out', inFolder('lza'), '--monitor']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('are there already and differ; nothing was written');
  expect(readFileSync(inFolder('lza/cloudformation/ai-services-opt-out.yaml'), 'utf8')).toBe(await printed());
  expect((await run(['template', '--format', 'lza', '--out', inFolder('lza'), '--monitor', '--force'])).code).toBe(0);
  expect(readFileSync(inFolder('lza/cloudformation/ai-services-opt-out.yaml'), 'utf8')).toBe(await printed('--monitor'));
});
