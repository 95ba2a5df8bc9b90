import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { AiServicesOptOut } from '../../src';
import { newStack } from '../support/stacks';

/** CloudFormation resolves it to the first eight characters of the stack's UUID. */
const UUID_BLOCK = {
  'Fn::Select': [0, { 'Fn::Split': ['-', { 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }] }],
};

/** The part of the default name that is known before deployment. */
function readablePart(scope: Construct, id = 'OptOut'): string {
  const { policyName } = new AiServicesOptOut(scope, id);
  const { 'Fn::Join': [separator, [name, uuid]] } = Stack.of(scope).resolve(policyName);
  expect(separator).toBe('-');
  expect(uuid).toEqual(UUID_BLOCK);
  return name;
}

function nestedIn(scope: IConstruct, ...ids: string[]): Construct {
  return ids.reduce((parent, id) => new Construct(parent as Construct, id), scope) as Construct;
}

test('is stack name, construct path and the first block of the stack\'s UUID', () => {
  expect(readablePart(newStack())).toBe('AiOptOut-OptOut');
  expect(readablePart(nestedIn(newStack(), 'Governance', 'Ai'))).toBe('AiOptOut-Governance-Ai-OptOut');
});

test('uses the stack\'s own name where it differs from its id', () => {
  expect(readablePart(newStack({ stackName: 'governance-ai' }))).toBe('governance-ai-OptOut');
});

test('names the stage through the stack\'s name', () => {
  expect(readablePart(new Stack(new Stage(new App(), 'Prod'), 'AiOptOut'))).toBe('Prod-AiOptOut-OptOut');
});

test('names the outermost stack in a nested one, whose own name is unknown', () => {
  const nested = new NestedStack(new NestedStack(newStack(), 'Outer'), 'Inner');
  expect(readablePart(nested)).toBe('AiOptOut-Outer-Inner-OptOut');
});

test.each<[string, () => [Construct, string?]]>([
  ['a long stack name', () => [newStack({ stackName: 'S'.repeat(128) })]],
  ['a long id', () => [newStack(), 'I'.repeat(200)]],
  ['a deep path', () => [nestedIn(newStack(), ...[...Array(40).keys()].map((i) => `Level${i}`))]],
  ['a path that is one too long', () => [newStack({ stackName: 'S'.repeat(113) })]],
  ['odd characters', () => [nestedIn(newStack(), 'Größe & Co'), 'Opt out: <everything>']],
  ['an id of odd characters alone', () => [newStack(), '§§§']],
  ['deeply nested stacks', () => [new NestedStack(new NestedStack(newStack({ stackName: 'S'.repeat(128) }), 'N'.repeat(100)), 'M'.repeat(100))]],
])('fits into 128 ordinary characters for %s', (_name, where) => {
  const name = readablePart(...where());
  expect(name).toMatch(/^[\w.-]+$/);
  expect(`${name}-01234567`.length).toBeLessThanOrEqual(128);
  expect(name.length).toBeGreaterThan(7);
});

test('is written out as long as it fits', () => {
  const stackName = 'S'.repeat(112);
  expect(readablePart(newStack({ stackName }))).toBe(`${stackName}-OptOut`);
  expect(`${stackName}-OptOut-01234567`).toHaveLength(128);
});

test.each<[string, () => [Construct, string], () => [Construct, string]]>([
  ['ids', () => [newStack(), 'A'], () => [newStack(), 'B']],
  ['stacks', () => [newStack({ stackName: 'One' }), 'A'], () => [newStack({ stackName: 'Other' }), 'A']],
  ['long ids that differ at their end', () => [newStack(), `${'x'.repeat(200)}A`], () => [newStack(), `${'x'.repeat(200)}B`]],
  ['long paths that differ at their start', () => [nestedIn(newStack(), 'A', 'x'.repeat(200)), 'C'], () => [nestedIn(newStack(), 'B', 'x'.repeat(200)), 'C']],
  ['ids that differ in odd characters alone', () => [newStack(), 'a:b'], () => [newStack(), 'a;b']],
  ['nested stacks', () => [new NestedStack(newStack(), 'A'), 'C'], () => [new NestedStack(newStack(), 'B'), 'C']],
])('differs for different %s', (_name, one, other) => {
  expect(readablePart(...one())).not.toBe(readablePart(...other()));
});

test('differs for two in one stack', () => {
  const stack = newStack();
  const names = ['A', 'B'].map((id) => readablePart(stack, id));
  expect(new Set(names).size).toBe(2);
});

test('is never the name that the AWS console uses', () => {
  expect(readablePart(newStack({ stackName: 'OptOutFromAllAIServices' }))).not.toBe('OptOutFromAllAIServices');
});
