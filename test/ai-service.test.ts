import { AiService } from '../src';
import { ADMISSION } from './policy/vectors';

/** Every constant, by its name in TypeScript. */
const CONSTANTS = Object.entries(AiService).filter((entry): entry is [string, AiService] => entry[1] instanceof AiService);

/** The keys that real AWS admitted, each in a policy of its own. */
const ADMITTED = ADMISSION
  .filter(({ accepted }) => accepted)
  .flatMap(({ content }) => Object.keys(JSON.parse(content).services))
  .filter((key) => !key.startsWith('@@') && key !== 'default');

/** Documented, but not among what was recorded. */
const NOT_RECORDED = ['connecttalent', 'q'];

describe('constants', () => {
  test('there is one for each of the 38 documented services', () => {
    expect(CONSTANTS).toHaveLength(38);
    expect(CONSTANTS.map(([, { key }]) => key).sort()).toEqual(AiService.documented().map(({ key }) => key));
  });

  test('there is one for every key that AWS admitted', () => {
    expect(CONSTANTS.map(([, { key }]) => key).sort()).toEqual([...new Set([...ADMITTED, ...NOT_RECORDED])].sort());
  });

  test('no two have the same key or display name', () => {
    expect(new Set(CONSTANTS.map(([, { key }]) => key)).size).toBe(38);
    expect(new Set(CONSTANTS.map(([, { displayName }]) => displayName)).size).toBe(38);
  });

  test.each(CONSTANTS)('%s is documented and says what it is and what it covers', (_name, service) => {
    expect(service.isDocumented).toBe(true);
    expect(service.displayName).toMatch(/\S/);
    expect(service.displayName).not.toBe(service.key);
    expect(service.covers).toMatch(/\S/);
    expect(service.toString()).toBe(`${service.displayName} (${service.key})`);
  });

  test.each([
    ['AI_DEVOPS', 'aidevops', 'AWS DevOps Agent'],
    ['CONNECT_HEALTH_OPERATIONS', 'connecthealth::operations', 'Amazon Connect Health Operational Support'],
    ['CONNECT_HEALTH_TRAINING', 'connecthealth::training', 'Amazon Connect Health Model Training'],
    ['LEX', 'lex', 'Amazon Lex'],
    ['Q', 'q', 'Amazon Q Developer'],
    ['QUICKSIGHT_Q', 'quicksightq', 'Amazon Quick'],
    ['TEXTRACT', 'textract', 'Amazon Textract'],
  ])('%s is %s, %s', (name, key, displayName) => {
    expect(Object.fromEntries(CONSTANTS)[name]).toMatchObject({ key, displayName });
  });

  test('each name is the key with its words apart', () => {
    for (const [name, { key }] of CONSTANTS) {
      const plain = name.replace(/_/g, '').toLowerCase();
      const expected: Record<string, string> = { connecthealthoperations: 'connecthealth::operations', connecthealthtraining: 'connecthealth::training' };
      expect(expected[plain] ?? plain).toBe(key);
    }
  });
});

describe('documented()', () => {
  test('is sorted by key', () => {
    const keys = AiService.documented().map(({ key }) => key);
    expect(keys).toEqual([...keys].sort());
  });

  test('gives a new list each time, so that changing one changes no other', () => {
    AiService.documented().pop();
    expect(AiService.documented()).toHaveLength(38);
  });
});

describe('of()', () => {
  test('knows a documented key', () => {
    expect(AiService.of('lex')).toEqual(AiService.LEX);
  });

  test.each(['x', 'a::b', 'a1::b2::c3', '4k', 'constructor'])('takes %j, which AWS may add one day', (key) => {
    const service = AiService.of(key);
    expect(service).toMatchObject({ key, displayName: key, covers: '', isDocumented: false });
    expect(service.toString()).toBe(key);
  });

  test.each(['LEX', 'Lex', 'lex ', ' lex', 'lex\n'])('fails for %j and offers the documented key that is meant', (key) => {
    expect(() => AiService.of(key)).toThrow(
      `service key must be lower-case letters and digits, possibly with "::" inside, got ${JSON.stringify(key)}; did you mean "lex"?`);
  });

  test.each(['', ' ', 'a:b', '::a', 'a::', 'a::::b', 'amazon-lex', 'amazon_lex', '*', '@@assign', '__proto__', 'é'])(
    'fails for %j and says where keys are found', (key) => {
      expect(() => AiService.of(key)).toThrow(
        `got ${JSON.stringify(key)}; use the key from the AWS documentation, for example "lex"`);
    });

  test('fails for "default" and names what stands for all services', () => {
    expect(() => AiService.of('default')).toThrow('service key "default" stands for all services: use OptOutScope.allServices()');
  });
});
