import type { Outcome } from './compare';
import { sorted } from './compare';

/*
 * What TypeScript has to come to. The other languages are compared with TypeScript, so this keeps all of them from being wrong together.
 */

const TEMPLATES = [
  'every-prop/Document.template.json',
  'every-prop/EveryProp.template.json',
  'example/AiOptOut.template.json',
  'monitor-and-rule/GivenRole.template.json',
  'monitor-and-rule/MonitorAndRule.template.json',
  'one-line/OneLine.template.json',
];

const ERRORS: Record<string, string> = {
  noTargets: 'targetIds must name at least one root, OU or account, got an empty list; leave it out for the organization root',
  snapshot: 'removalPolicy must be RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY, got SNAPSHOT; a policy has no snapshots',
  twoThings: 'targetIds must be a root id (r-abcd), an OU id (ou-abcd-12345678) or an account id (12 digits), got "root"\n'
    + 'enablementTimeout must be 1 to 14 minutes in whole seconds, got 30 seconds\n  at Default/Bad',
  fiveMinutes: 'interval must be 15 minutes to 1 day in whole minutes, got 5 minutes; give for example Duration.hours(6)',
  ruleName: 'configRuleName must have 1 to 128 characters and not only spaces, got 1; leave it out for a name that CloudFormation makes',
  badKey: 'service key must be lower-case letters and digits, possibly with "::" inside, got "Bad Key"; use the key from the AWS documentation',
  noServices: 'OptOutScope.allServices()',
  mistaken: 'line 2, column 55, services.lex.opt_out_policy.@@assign: must be "optOut" or "optIn", got "optout"',
};

const VALUES: Record<string, unknown> = {
  key: 'lex',
  name: 'Amazon Lex (lex)',
  unknown: false,
  coversFutureServices: true,
  document: '{"services":{"textract":{"opt_out_policy":{"@@operators_allowed_for_child_policies":["@@none"],"@@assign":"optOut"}}}}',
  characters: 118,
  namedServices: ['textract'],
  defaultSetting: null,
  textract: 'OPT_OUT',
  lex: null,
  optedOutOfEverything: true,
  effectiveLex: 'OPT_OUT',
  effectiveJson: { services: { default: { opt_out_policy: 'optOut' } } },
};

export function unexpected({ templates, answers }: Outcome): string[] {
  const names = [...templates.keys()].sort();
  const oneLine = Object.keys(JSON.parse(templates.get('one-line/OneLine.template.json') ?? '{"Resources":{}}').Resources).length;
  return [
    ...(sorted(names) === sorted(TEMPLATES) ? [] : [`templates: got ${names.join(', ')}`]),
    ...(oneLine === 5 ? [] : [`the one-liner should define 5 resources, got ${oneLine}`]),
    ...Object.entries(ERRORS).flatMap(([name, text]) => (
      answers.errors[name]?.includes(text) ? [] : [`error ${name}: got ${JSON.stringify(answers.errors[name])}, wanted ${JSON.stringify(text)}`]
    )),
    ...Object.keys(answers.errors).filter((name) => !(name in ERRORS)).map((name) => `error ${name}: nothing is expected of it`),
    ...Object.entries(VALUES).flatMap(([name, value]) => (
      sorted(answers.values[name]) === sorted(value) ? [] : [`${name}: got ${JSON.stringify(answers.values[name])}, wanted ${JSON.stringify(value)}`]
    )),
  ];
}
