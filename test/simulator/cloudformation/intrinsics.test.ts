import { evaluateCondition, references, resolve, unsupportedFunctions, type Scope } from '../../../simulator/cloudformation/intrinsics';
import { scopeOf } from '../../../simulator/cloudformation/plan';
import { type Template } from '../../../simulator/cloudformation/template';

const TEMPLATE: Template = { Resources: {}, Mappings: { Regions: { 'us-east-1': { Name: 'Virginia', List: ['a', 'b'] } } } };

const scope: Scope = scopeOf(
  TEMPLATE,
  { Name: 'value', List: ['x', 'y', 'z'] },
  { Yes: true, No: false },
  { 'AWS::Region': 'us-east-1', 'AWS::NotificationARNs': [] },
  {
    ref: (name) => (name === 'Bucket' ? 'bucket-id' : undefined),
    attribute: (logicalId, name) => `${logicalId}/${name}`,
    imported: (name) => `imported ${name}`,
  },
);

test.each([
  ['a parameter', { Ref: 'Name' }, 'value'],
  ['a resource', { Ref: 'Bucket' }, 'bucket-id'],
  ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
  ['an attribute, as a list', { 'Fn::GetAtt': ['Bucket', 'Nested.Name'] }, 'Bucket/Nested.Name'],
  ['an attribute, as a text', { 'Fn::GetAtt': 'Bucket.Nested.Name' }, 'Bucket/Nested.Name'],
  ['an import', { 'Fn::ImportValue': { 'Fn::Sub': 'Stack:${Name}' } }, 'imported Stack:value'],
  ['a join', { 'Fn::Join': ['-', ['a', { Ref: 'Name' }, 1]] }, 'a-value-1'],
  ['a join of a list parameter', { 'Fn::Join': ['', { Ref: 'List' }] }, 'xyz'],
  ['a substitution', { 'Fn::Sub': '${Name}.${ Bucket }.${Bucket.Arn}.${AWS::Region}.${!Literal}' }, 'value.bucket-id.Bucket/Arn.us-east-1.${Literal}'],
  ['a substitution with variables', { 'Fn::Sub': ['${a}-${Name}', { a: { Ref: 'Bucket' } }] }, 'bucket-id-value'],
  ['a selection', { 'Fn::Select': ['1', { Ref: 'List' }] }, 'y'],
  ['a selection of a split', { 'Fn::Select': [2, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'c'],
  ['a condition that is true', { 'Fn::If': ['Yes', { Ref: 'Name' }, 'other'] }, 'value'],
  ['a condition that is false', { 'Fn::If': ['No', 'this', ['other']] }, ['other']],
  ['a mapping', { 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'Name'] }, 'Virginia'],
  ['base64', { 'Fn::Base64': { 'Fn::Sub': '${Name}' } }, 'dmFsdWU='],
  ['a policy condition, which is not a function', { Condition: { StringEquals: { a: { Ref: 'Name' } } } }, { Condition: { StringEquals: { a: 'value' } } }],
  ['booleans, numbers and null', { a: true, b: 1, c: null }, { a: true, b: 1, c: null }],
])('resolves %s', (_, value, expected) => {
  expect(resolve(value, scope)).toEqual(expected);
});

test('AWS::NoValue takes its property or list member with it', () => {
  const nothing = { Ref: 'AWS::NoValue' };

  expect(resolve({ a: nothing, b: { c: { 'Fn::If': ['No', 1, nothing] } }, d: [1, nothing, 2] }, scope)).toStrictEqual({ b: {}, d: [1, 2] });
  expect(resolve({ 'Fn::Join': [',', ['a', nothing]] }, scope)).toBe('a');
  expect(resolve(nothing, scope)).toBeUndefined();
});

test.each([
  ['equality', { 'Fn::Equals': [{ Ref: 'Name' }, 'value'] }, true],
  ['inequality', { 'Fn::Equals': ['1', 2] }, false],
  ['and', { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
  ['or', { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] }, true],
  ['not', { 'Fn::Not': [{ Condition: 'Yes' }] }, false],
  ['containment', { 'Fn::Contains': [['value', 'other'], { Ref: 'Name' }] }, true],
  ['every member equal', { 'Fn::EachMemberEquals': [['a', 'b'], 'a'] }, false],
  ['every member among', { 'Fn::EachMemberIn': [['x'], { Ref: 'List' }] }, true],
])('evaluates %s', (_, condition, expected) => {
  expect(evaluateCondition(condition, scope)).toBe(expected);
});

test.each([
  ['an unknown name', { Ref: 'Nobody' }, 'Unresolved resource dependencies [Nobody]'],
  ['an unknown mapping', { 'Fn::FindInMap': ['Regions', 'eu', 'Name'] }, 'Unable to get mapping for Regions::eu::Name'],
  ['an index outside', { 'Fn::Select': [3, ['a']] }, 'nonexistent value at index 3'],
  ['a join of no list', { 'Fn::Join': ['', 'text'] }, 'is not a list'],
  ['an object in a text', { 'Fn::Sub': ['${a}', { a: { b: 1 } }] }, 'is not a string'],
  ['an unknown condition', { 'Fn::If': ['Maybe', 1, 2] }, 'Unresolved condition dependency Maybe'],
])('fails on %s', (_, value, message) => {
  expect(() => resolve(value, scope)).toThrow(message);
});

test('finds what a value refers to', () => {
  const value = [
    { Ref: 'A' },
    { 'Fn::GetAtt': ['B', 'Arn'] },
    { 'Fn::GetAtt': 'C.Arn' },
    { 'Fn::Sub': '${D}-${E.Arn}-${!No}' },
    { 'Fn::Sub': ['${var}-${F}', { var: { Ref: 'G' } }] },
    { 'Fn::If': ['Condition', { Ref: 'H' }, 'x'] },
    'text', 1, null,
  ];

  expect(references(value)).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']);
});

test('names functions that are not supported', () => {
  expect(unsupportedFunctions([{ a: { 'Fn::Transform': 'x' }, b: [{ 'Fn::GetAZs': '' }, { 'Fn::Join': ['', [{ 'Fn::Cidr': [] }]] }] }]))
    .toEqual(['Fn::Transform', 'Fn::GetAZs', 'Fn::Cidr']);
});
