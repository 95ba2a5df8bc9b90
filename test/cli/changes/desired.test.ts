import { desired } from './snapshots';
import { desiredFrom, type Choices } from '../../../src/cli/changes/desired';

const LOCK = { '@@operators_allowed_for_child_policies': ['@@none'] };
const OUT = { '@@assign': 'optOut' };
const EVERYTHING = { ...LOCK, default: { ...LOCK, opt_out_policy: { ...LOCK, ...OUT } } };

const file = (text: string): Choices => ({ policy: { path: 'policy.json', text } });

function problems(choices: Choices): string[] {
  const result = desiredFrom(choices);
  return 'problems' in result ? result.problems : [];
}

describe('choices', () => {
  test.each<[string, Choices, object]>([
    ['none: everything, locked', {}, EVERYTHING],
    ['everything but some', { optIn: ['lex', 'polly'] }, {
      ...EVERYTHING, lex: { opt_out_policy: { '@@assign': 'optIn' } }, polly: { opt_out_policy: { '@@assign': 'optIn' } },
    }],
    ['some services, sorted', { service: ['textract', 'lex'] }, { lex: { opt_out_policy: { ...LOCK, ...OUT } }, textract: { opt_out_policy: { ...LOCK, ...OUT } } }],
    ['services joined by commas', { service: ['textract,lex'] }, { lex: { opt_out_policy: { ...LOCK, ...OUT } }, textract: { opt_out_policy: { ...LOCK, ...OUT } } }],
    ['nothing locked', { allowChildOverrides: true }, { default: { opt_out_policy: OUT } }],
    ['one service not locked', { allowChildOverrides: ['polly'] }, { ...EVERYTHING, polly: { opt_out_policy: OUT } }],
    ['one of the named services not locked', { service: ['lex', 'polly'], allowChildOverrides: ['polly'] }, {
      lex: { opt_out_policy: { ...LOCK, ...OUT } }, polly: { opt_out_policy: OUT },
    }],
  ])('become a policy: %s', (_, choices, services) => {
    expect(desired(choices).document).toEqual({ services });
  });

  test('default to a name, and to the root by naming no target', () => {
    expect(desired()).toMatchObject({ name: 'AiServicesOptOut', targetIds: undefined, warnings: [] });
    expect(desired({ name: 'Ours', target: ['ou-abcd-12345678,111122223333'] })).toMatchObject(
      { name: 'Ours', targetIds: ['ou-abcd-12345678', '111122223333'] });
  });

  test('take a document from a file, without its white space', () => {
    const { content, document } = desired(file('{\n  "services": { "lex": { "opt_out_policy": { "@@assign": "optOut" } } }\n}'));
    expect(content).toBe('{"services":{"lex":{"opt_out_policy":{"@@assign":"optOut"}}}}');
    expect(JSON.parse(content)).toEqual(document);
  });

  test('accept an undocumented service key if it is allowed, with a warning', () => {
    const allowed = { allowService: ['brandnew'] };
    const warnings = ['AWS did not document the service key brandnew when this release was made. If AWS does not know the key, it rejects the whole policy.'];
    expect(desired({ ...allowed, service: ['brandnew'] }).warnings).toEqual(warnings);
    expect(desired({ ...allowed, ...file(`{"services":{"brandnew":{"opt_out_policy":${JSON.stringify({ ...LOCK, ...OUT })}}}}`) }).warnings).toEqual(warnings);
  });

  test('warn of entries that child policies can add', () => {
    const locked = { default: { opt_out_policy: { ...LOCK, ...OUT } } };
    const open = (services: object) => desired(file(JSON.stringify({ services: { ...services, ...locked } }))).warnings;
    expect(open({})).toEqual([expect.stringContaining('may add entries that opt single services in')]);
    expect(open({ '@@operators_allowed_for_child_policies': ['@@append'] })).toHaveLength(1);
    expect(open(LOCK)).toEqual([]);
  });

  test('warn of what is not locked', () => {
    expect(desired({ allowChildOverrides: true }).warnings).toEqual(
      ['Policies on OUs and accounts below may opt back in to everything: that is not locked.']);
    expect(desired({ allowChildOverrides: ['lex', 'polly'] }).warnings[0]).toContain('opt back in to lex, polly');
  });
});

describe('fails', () => {
  test.each<[string, Choices, string]>([
    ['for a key that cannot be one', { service: ['LEX'] }, '--service takes service keys (lower-case letters and digits, such as lex), got "LEX"; did you mean "lex"?'],
    ['for an undocumented key, with the most similar key', { service: ['rekogniton'] },
      '--service names "rekogniton", which AWS does not document as a service key; did you mean "rekognition"? '
      + '(if AWS has added it since this release: --allow-service rekogniton)'],
    ['for amazonq', { optIn: ['amazonq'] }, 'did you mean "q"?'],
    ['for a product without a key, with what applies instead', { service: ['bedrock'] }, 'Amazon Bedrock has no key in the policy: model providers'],
    ['for an undocumented key that is not the one allowed', { allowChildOverrides: ['brandnew'], allowService: ['other'] }, '--allow-child-overrides names "brandnew"'],
    ['for an undocumented key in a document', file('{"services": {"kiro": {"opt_out_policy": {"@@assign": "optOut"}}}}'),
      'policy.json:1:15: services.kiro: "kiro" is not a service key; Kiro has no key in the policy'],
    ['for a document with a byte order mark', file('\ufeff{"services": {}}'), 'policy.json:1:1: starts with a byte order mark'],
    ['for default as a service', { optIn: ['default'] }, '--opt-in takes service keys, and "default" stands for all services'],
    ['for a service named twice', { service: ['lex', 'lex'] }, '--service names lex more than once'],
    ['for overrides of what is not covered', { service: ['lex'], allowChildOverrides: ['polly'] },
      '--allow-child-overrides names polly, which the policy does not cover; it covers lex'],
    ['for overrides of what stays opted in', { optIn: ['lex'], allowChildOverrides: ['lex'] }, '--allow-child-overrides and --opt-in both name lex'],
    ['for --service with --opt-in', { service: ['lex'], optIn: ['polly'] }, '--opt-in goes with opting out of everything'],
    ['for --policy with other choices', { ...file('{}'), service: ['lex'], allowChildOverrides: true },
      '--policy and --service, --allow-child-overrides exclude each other'],
    ['for a target that cannot be one', { target: ['ou-abcd'] },
      '--target takes a root id (r-abcd), an OU id (ou-abcd-12345678) or an account id (12 digits), got "ou-abcd"'],
    ['for a target named twice', { target: ['r-abcd', 'r-abcd'] }, '--target names r-abcd more than once'],
    ['for an empty name', { name: '' }, '--name must have 1 to 128 characters, got 0'],
    ['for a long name', { name: 'x'.repeat(129) }, '--name must have 1 to 128 characters, got 129'],
    ['for a document with a mistake, at its place', file('{"services": {\n  "lex": {"opt_out_policy": {"@@assign": "optout"}}}}'),
      'policy.json:2:42: services.lex.opt_out_policy.@@assign: must be "optOut" or "optIn", got "optout" (did you mean "optOut"?)'],
    ['for a document that is no JSON', file('{"services": '), 'policy.json:1:'],
    ['for a document that sets nothing', file('{"services": {}}'), '--policy policy.json sets nothing'],
  ])('%s', (_, choices, expected) => {
    expect(problems(choices).join('\n')).toContain(expected);
  });

  test('with everything that is wrong at once', () => {
    expect(problems({ service: ['LEX'], target: ['x'], name: '' })).toHaveLength(3);
  });
});
