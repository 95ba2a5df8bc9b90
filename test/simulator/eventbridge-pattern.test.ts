import { compilePattern } from '../../simulator/eventbridge/pattern';
import { rateOf } from '../../simulator/eventbridge/schedule';

const EVENT = {
  source: 'aws.organizations',
  detail: {
    eventName: 'DetachPolicy',
    readOnly: false,
    count: 3,
    nothing: null,
    empty: '',
    names: ['a', 'b'],
    none: [],
    requestParameters: { policyId: 'p-1' },
    list: [{ id: 1 }, { id: 2 }],
  },
};

const matches = (detail: unknown) => compilePattern({ detail })(EVENT);

test.each([
  ['a value of several', { eventName: ['AttachPolicy', 'DetachPolicy'] }, true],
  ['another value', { eventName: ['AttachPolicy'] }, false],
  ['a part of a value', { eventName: ['Detach'] }, false],
  ['a number', { count: [3] }, true],
  ['a number as a text', { count: ['3'] }, false],
  ['a boolean', { readOnly: [false] }, true],
  ['null', { nothing: [null] }, true],
  ['an empty text', { empty: [''] }, true],
  ['a member of a list', { names: ['b', 'x'] }, true],
  ['no member of a list', { names: ['x'] }, false],
  ['a nested field', { requestParameters: { policyId: ['p-1'] } }, true],
  ['a nested field among objects in a list', { list: { id: [2] } }, true],
  ['a nested field that is missing', { requestParameters: { targetId: ['r-1'] } }, false],
  ['a nested field below nothing', { missing: { a: ['b'] } }, false],
  ['all fields', { eventName: ['DetachPolicy'], count: [4] }, false],
  ['exists', { eventName: [{ exists: true }] }, true],
  ['exists of null', { nothing: [{ exists: true }] }, true],
  ['exists of an empty list', { none: [{ exists: true }] }, false],
  ['exists of what is missing', { errorCode: [{ exists: true }] }, false],
  ['exists of an object, which has no value of its own', { requestParameters: [{ exists: true }] }, false],
  ['not exists', { errorCode: [{ exists: false }] }, true],
  ['not exists below what is missing', { missing: { policyType: [{ exists: false }] } }, true],
  ['not exists below null', { nothing: { policyType: [{ exists: false }] } }, true],
  ['not exists of what is there', { eventName: [{ exists: false }] }, false],
  ['prefix', { eventName: [{ prefix: 'Detach' }] }, true],
  ['another prefix', { eventName: [{ prefix: 'Attach' }] }, false],
  ['prefix of a number', { count: [{ prefix: '3' }] }, false],
  ['suffix', { eventName: [{ suffix: 'Policy' }] }, true],
  ['another case', { eventName: [{ 'equals-ignore-case': 'detachpolicy' }] }, true],
  ['anything but', { eventName: [{ 'anything-but': 'AttachPolicy' }] }, true],
  ['anything but the value', { eventName: [{ 'anything-but': ['AttachPolicy', 'DetachPolicy'] }] }, false],
  ['anything but a number', { count: [{ 'anything-but': [3] }] }, false],
  ['anything but, where nothing is', { errorCode: [{ 'anything-but': 'x' }] }, false],
  ['anything but a prefix', { eventName: [{ 'anything-but': { prefix: 'Detach' } }] }, false],
  ['anything but another prefix', { eventName: [{ 'anything-but': { prefix: 'Attach' } }] }, true],
  ['one of two with $or', { $or: [{ count: [9] }, { requestParameters: { policyType: [{ exists: false }] } }] }, true],
  ['none of two with $or', { $or: [{ count: [9] }, { readOnly: [true] }] }, false],
  ['$or and something else', { $or: [{ count: [3] }, { readOnly: [true] }], eventName: ['AttachPolicy'] }, false],
])('%s', (_, detail, expected) => {
  expect(matches(detail)).toBe(expected);
});

test.each([
  ['no object', 'text', 'it is not an object'],
  ['an empty object', {}, 'it is not an object with at least one member'],
  ['a value without a list', { source: 'aws.organizations' }, '"source" must be an object or an array'],
  ['an empty list', { source: [] }, 'Empty arrays are not allowed: "source"'],
  ['an empty object inside', { detail: { a: {} } }, 'Empty objects are not allowed: "detail.a"'],
  ['a list in a list', { source: [['a']] }, 'a list can not hold a list'],
  ['an unknown matcher', { detail: { ip: [{ cidr: '10.0.0.0/8' }] } }, 'Unrecognized match type cidr at "detail.ip"'],
  ['a misspelt matcher', { detail: { a: [{ exist: true }] } }, 'Unrecognized match type exist at "detail.a"'],
  ['an unknown anything-but', { a: [{ 'anything-but': { wildcard: '*' } }] }, 'Unrecognized match type anything-but wildcard'],
  ['anything-but of nothing', { a: [{ 'anything-but': [] }] }, 'anything-but takes texts or numbers'],
  ['exists of a text', { a: [{ exists: 'false' }] }, 'exists takes true or false'],
  ['prefix of a number', { a: [{ prefix: 1 }] }, 'prefix takes a text'],
  ['two matchers in one object', { a: [{ prefix: 'a', suffix: 'b' }] }, 'only one matcher in an object'],
  ['$or with one alternative', { detail: { $or: [{ a: [1] }] } }, '"detail.$or" must be a list of at least two objects'],
  ['$or without a list', { $or: { a: [1] } }, '"$or" must be a list'],
  ['more than 2,048 characters', { source: ['x'.repeat(2040)] }, 'longer than 2048 characters'],
])('refuses %s', (_, pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(message);
});

test.each([
  ['rate(1 minute)', 60_000],
  ['rate(5 minutes)', 300_000],
  ['rate(1 hour)', 3_600_000],
  ['rate(6 hours)', 21_600_000],
  ['rate(2 days)', 172_800_000],
  ['rate(1 hours)', undefined],
  ['rate(6 hour)', undefined],
  ['rate(0 hours)', undefined],
  ['rate(1.5 hours)', undefined],
  ['rate(30 seconds)', undefined],
  ['cron(0 12 * * ? *)', undefined],
])('%s', (expression, milliseconds) => {
  expect(rateOf(expression)).toBe(milliseconds);
});
