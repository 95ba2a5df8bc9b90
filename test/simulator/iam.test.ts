import { authorizerFor, trusts, type EvaluatedRequest, type PolicyDocument } from '../../simulator/iam';

const OPTIONS = { accountId: '111122223333', principal: 'arn:aws:sts::111122223333:assumed-role/Role/Function' };
const TYPE = { 'organizations:PolicyType': 'AISERVICES_OPT_OUT_POLICY' };
const ROOT = 'arn:aws:organizations::999988887777:root/o-a1b2c3d4e5/r-a1b2';

function allow(Action: string | string[], Resource: string | string[] = '*', Condition?: object): PolicyDocument {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) }] };
}

test.each([
  ['a granted action', allow('organizations:ListRoots'), 'organizations:ListRoots', '*', {}, true],
  ['another action', allow('organizations:ListAccounts'), 'organizations:ListRoots', '*', {}, false],
  ['another account\'s resource, which is for the service to decide', allow('organizations:EnablePolicyType', 'arn:aws:organizations::*:root/o-*/r-*'),
    'organizations:EnablePolicyType', ROOT, TYPE, true],
  ['a resource outside the pattern', allow('organizations:EnablePolicyType', 'arn:aws:organizations::*:account/o-*/*'),
    'organizations:EnablePolicyType', ROOT, TYPE, false],
  ['a fulfilled condition', allow('organizations:EnablePolicyType', '*', { StringEquals: TYPE }), 'organizations:EnablePolicyType', ROOT, TYPE, true],
  ['an unfulfilled condition', allow('organizations:EnablePolicyType', '*', { StringEquals: TYPE }),
    'organizations:EnablePolicyType', ROOT, { 'organizations:PolicyType': 'TAG_POLICY' }, false],
])('decides on %s', async (_, policy, action, resource, context, expected) => {
  const authorize = authorizerFor(policy, OPTIONS);

  expect(await authorize({ action, resources: [resource], context })).toBe(expected);
});

test('an explicit deny wins', async () => {
  const deny = { Statement: [{ Effect: 'Deny', Action: 'organizations:List*', Resource: '*' }] };
  const authorize = authorizerFor([allow('*'), { Version: '2012-10-17', ...deny }], OPTIONS);

  expect(await authorize({ action: 'organizations:ListRoots', resources: ['*'], context: {} })).toBe(false);
});

test('a call on several resources must be allowed on each', async () => {
  const policy = 'arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/aiservices_opt_out_policy/p-12345678';
  const authorize = authorizerFor(allow('organizations:AttachPolicy', policy), OPTIONS);

  expect(await authorize({ action: 'organizations:AttachPolicy', resources: [policy], context: TYPE })).toBe(true);
  expect(await authorize({ action: 'organizations:AttachPolicy', resources: [policy, ROOT], context: TYPE })).toBe(false);
});

test('reads a role\'s inline and managed policies', async () => {
  const authorize = authorizerFor({
    AssumeRolePolicyDocument: { Statement: [] },
    Policies: [{ PolicyName: 'Inline', PolicyDocument: allow('organizations:ListRoots') }],
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
  }, OPTIONS);
  const stream = 'arn:aws:logs:us-east-1:111122223333:log-group:Group:log-stream:Stream';

  expect(await authorize({ action: 'organizations:ListRoots', resources: ['*'], context: {} })).toBe(true);
  expect(await authorize({ action: 'logs:PutLogEvents', resources: [stream], context: {} })).toBe(true);
});

test('records every request with its decision', async () => {
  const record: EvaluatedRequest[] = [];
  const authorize = authorizerFor(allow('organizations:ListRoots'), { ...OPTIONS, record });
  await authorize({ action: 'organizations:ListRoots', resources: ['*'], context: {} });
  await authorize({ action: 'organizations:ListAccounts', resources: ['*'], context: {} });

  expect(record).toEqual([
    { action: 'organizations:ListRoots', resources: ['*'], context: {}, principal: OPTIONS.principal, allowed: true },
    { action: 'organizations:ListAccounts', resources: ['*'], context: {}, principal: OPTIONS.principal, allowed: false },
  ]);
});

test('denies everything until the policies are in effect, and sees changes of the list', async () => {
  let inEffect = false;
  const policies: PolicyDocument[] = [];
  const authorize = authorizerFor(policies, { ...OPTIONS, inEffect: () => inEffect });
  const request = { action: 'organizations:ListRoots', resources: ['*'], context: {} };

  policies.push(allow('organizations:ListRoots'));
  expect(await authorize(request)).toBe(false);
  inEffect = true;
  expect(await authorize(request)).toBe(true);
  policies.length = 0;
  expect(await authorize(request)).toBe(false);
});

test('fails on an action that does not exist', async () => {
  const authorize = authorizerFor(allow('*'), OPTIONS);

  await expect(authorize({ action: 'organizations:EnableEverything', resources: ['*'], context: {} })).rejects.toThrow('can not be evaluated');
});

test('reads trust policies', () => {
  const trust = (Service: string | string[]) => ({ Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }] });

  expect(trusts(trust('lambda.amazonaws.com'), 'lambda.amazonaws.com')).toBe(true);
  expect(trusts(trust(['ec2.amazonaws.com', 'lambda.amazonaws.com']), 'lambda.amazonaws.com')).toBe(true);
  expect(trusts(trust('ec2.amazonaws.com'), 'lambda.amazonaws.com')).toBe(false);
  expect(trusts(undefined, 'lambda.amazonaws.com')).toBe(false);
});
