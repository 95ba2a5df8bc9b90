import { App, Stack } from 'aws-cdk-lib';
import { controlTower } from '../../simulator/organizations/landing-zone';
import { AiServicesOptOut } from '../../src';
import { desiredFrom } from '../../src/cli/changes/desired';
import { parameterGroups } from '../../src/cli/template/parameters';
import { MAX_NAME_CHARACTERS, policyNameProblem } from '../../src/policy';
import { StoppedClock } from '../simulator/organizations/simulated';
import { LOCKED } from '../support/documents';

const NAMES: [string, boolean][] = [
  ['x', true], ['Opt out (all)', true], ['Übergabe', true], [' ', true], ['two\nlines', true], ['日本', true],
  ['x'.repeat(128), true], ['é'.repeat(128), true], ['😀'.repeat(128), true], ['x'.repeat(129), false], ['😀'.repeat(129), false], ['', false],
];

describe.each(NAMES)('a policy named %j', (name, allowed) => {
  test(`is ${allowed ? 'accepted' : 'refused'} by the rule, the construct, the command line and the simulator`, async () => {
    const { organizations } = controlTower({ clock: new StoppedClock() });
    const input = { Name: name, Content: LOCKED, Description: '', Type: 'AISERVICES_OPT_OUT_POLICY' };
    const works = async (attempt: () => unknown) => Promise.resolve().then(attempt).then(() => true, () => false);
    expect({
      rule: policyNameProblem(name) === undefined,
      construct: await works(() => new AiServicesOptOut(new Stack(new App(), 'AiOptOut'), 'OptOut', { policyName: name })),
      command: 'desired' in desiredFrom({ name }),
      simulator: await works(async () => organizations.call('CreatePolicy', input, { accountId: organizations.managementAccountId, arn: 'arn' })),
    }).toEqual({ rule: allowed, construct: allowed, command: allowed, simulator: allowed });
  });
});

test('the template\'s parameter limits only the length, and its empty default stands for a generated name', () => {
  const [name] = parameterGroups({ monitor: false })[0]!.parameters;
  expect(name).toMatchObject({ name: 'PolicyName', default: '', maxLength: MAX_NAME_CHARACTERS });
  expect(name).not.toHaveProperty('allowedPattern');
});
