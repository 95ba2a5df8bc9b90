import { Tags } from 'aws-cdk-lib';
import { INTERVAL, Monitored, STACK, templateOf, unlocked, type MonitoredOptions } from './monitored';

/* CloudFormation writes the value of a parameter whenever it updates more of it than its tags. The function then starts from an empty state. */

let monitored: Monitored;

const NOT_OPTED_OUT = 'AI opt-out: 4 of 4 accounts are NOT opted out';
const ALL_WELL = 'AI opt-out: all 4 accounts are opted out';
const subjects = () => monitored.messages().map(({ subject }) => subject);
const optIn = async () => monitored.act('UpdatePolicy', { PolicyId: monitored.policyId, Content: unlocked({ default: 'optIn' }) });
const stateIn = (template: any): any => Object.entries<any>(template.Resources).find(([id]) => id.startsWith('MonitorState'))![1];

/** Deploys a template in which the resource has another description, as no release of ours has. */
async function rewriteState(options: MonitoredOptions = {}): Promise<void> {
  const template = templateOf(options);
  stateIn(template).Properties.Description = 'Something else';
  expect((await monitored.aws.cloudFormation.updateStack({ stackName: STACK, template })).status).toBe('UPDATE_COMPLETE');
}

describe('the state after an update of its resource', () => {
  afterEach(async () => monitored.close());

  test('tags alone leave the state as it is', async () => {
    const tag = (value: string): MonitoredOptions => ({ define: (stack) => Tags.of(stack).add('owner', value) });
    monitored = await Monitored.start(tag('platform'));
    const before = monitored.memory();
    expect((await monitored.update(tag('security'))).status).toBe('UPDATE_COMPLETE');
    await monitored.pass(INTERVAL);
    expect(Object.keys(monitored.memory())).toEqual(Object.keys(before));
    expect(subjects()).toEqual([ALL_WELL]);
  });

  test('an empty state costs one more message, as after the first deployment, and hides nothing', async () => {
    monitored = await Monitored.start();
    await rewriteState();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([ALL_WELL, ALL_WELL]);
    expect(monitored.alarms()).toEqual({ NotOptedOut: 'OK', Unknown: 'OK', VerificationAge: 'OK' });
  });

  test('a bad state is reported again, and its alarm stays', async () => {
    monitored = await Monitored.start();
    await optIn();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([ALL_WELL, NOT_OPTED_OUT]);

    await rewriteState();
    await monitored.pass(INTERVAL);
    expect(subjects()).toEqual([ALL_WELL, NOT_OPTED_OUT, NOT_OPTED_OUT]);
    expect(monitored.metric('NotOptedOut')).toBe(4);
    expect(monitored.alarms()).toMatchObject({ NotOptedOut: 'ALARM' });
  });

  test('an organization that cannot be read is not taken for a verified one', async () => {
    monitored = await Monitored.start();
    monitored.organizations.faults.add({ operation: 'ListAccounts', error: { code: 'AccessDeniedException', message: 'denied' } } as any);
    await rewriteState();
    await monitored.pass(5 * INTERVAL);
    expect(monitored.alarms()).toMatchObject({ Unknown: 'ALARM', VerificationAge: 'ALARM' });
  });

  test('repair goes on from an empty state', async () => {
    monitored = await Monitored.start({ repair: true });
    await rewriteState({ repair: true });
    await monitored.pass(INTERVAL);
    await optIn();
    await monitored.pass(INTERVAL);
    expect(monitored.changes()).toEqual(['UpdatePolicy']);
    expect(await monitored.optedOut()).toHaveLength(4);
  });
});

test('no update of ours rewrites the state: its properties are the same whatever the monitor is given', () => {
  const properties = [{}, { repair: true }, { region: 'eu-west-1' }, { monitorProps: { spotChecks: 3 } }].map((options) => stateIn(templateOf(options)).Properties);
  expect(new Set(properties.map((each) => JSON.stringify(each)))).toEqual(new Set([
    JSON.stringify({ Description: 'What the last verification found', Type: 'String', Value: '{}' }),
  ]));
});
