import { AiService, ChildOverrides, OptOutScope } from '../src';

const twice = [AiService.LEX, AiService.POLLY, AiService.of('lex'), AiService.POLLY, AiService.LEX];

test('all services include those that AWS adds in future', () => {
  expect(OptOutScope.allServices().coversFutureServices).toBe(true);
  expect(OptOutScope.allServices({}).coversFutureServices).toBe(true);
  expect(OptOutScope.allServices({ optIn: [AiService.LEX] }).coversFutureServices).toBe(true);
});

test('named services do not include those that AWS adds in future', () => {
  expect(OptOutScope.services([AiService.LEX]).coversFutureServices).toBe(false);
});

test('an empty optIn means that nothing stays opted in', () => {
  expect(OptOutScope.allServices({ optIn: [] })).toEqual(OptOutScope.allServices());
});

test('the caller\'s list is not reordered', () => {
  const services = [AiService.TEXTRACT, AiService.LEX];
  OptOutScope.services(services);
  OptOutScope.allServices({ optIn: services });
  ChildOverrides.allowedFor(services);
  expect(services).toEqual([AiService.TEXTRACT, AiService.LEX]);
});

test.each([
  ['OptOutScope.services', () => OptOutScope.services([]),
    'services must name at least one service, got an empty list; use OptOutScope.allServices() for every service'],
  ['ChildOverrides.allowedFor', () => ChildOverrides.allowedFor([]),
    'allowedFor must name at least one service, got an empty list; use ChildOverrides.denied() to allow none'],
])('fails when %s gets an empty list', (_name, act, message) => {
  expect(act).toThrow(message);
});

test.each([
  ['services', () => OptOutScope.services(twice)],
  ['optIn', () => OptOutScope.allServices({ optIn: twice })],
  ['allowedFor', () => ChildOverrides.allowedFor(twice)],
])('fails when %s names services twice, and names each of them once', (parameter, act) => {
  expect(act).toThrow(`${parameter} names lex, polly more than once; name each service once`);
});
