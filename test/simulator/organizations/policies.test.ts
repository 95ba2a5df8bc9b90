import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AI, MANAGEMENT, OPT_IN, OPT_OUT, refusal, setting, Simulated } from './simulated';

const MALFORMED = {
  name: 'MalformedPolicyDocumentException',
  message: 'The provided policy document does not meet the requirements of the specified policy type.',
  reason: undefined,
  status: 400,
};

let simulated: Simulated;
beforeEach(async () => { simulated = await Simulated.organization(); });
afterEach(async () => { await simulated.stop(); });

describe('creating a policy', () => {
  test('works while the type is disabled', async () => {
    const { Policy } = await simulated.client.createPolicy({ Name: 'opt-out', Description: 'for all', Type: AI, Content: OPT_OUT });
    expect(Policy).toEqual({
      PolicySummary: {
        Id: expect.stringMatching(/^p-[0-9a-z]{10}$/),
        Arn: expect.stringMatching(/^arn:aws:organizations::111122223333:policy\/o-a1b2c3d4e5\/aiservices_opt_out_policy\/p-[0-9a-z]{10}$/),
        Name: 'opt-out',
        Description: 'for all',
        Type: AI,
        AwsManaged: false,
      },
      Content: OPT_OUT,
    });
  });

  test('keeps white space as it was sent', async () => {
    const spacious = JSON.stringify(JSON.parse(OPT_OUT), undefined, 4) + '\n';
    const PolicyId = await simulated.policy('spacious', spacious);
    expect((await simulated.client.describePolicy({ PolicyId })).Policy!.Content).toBe(spacious);
  });

  test('gives the same ids in every run', async () => {
    expect(await simulated.policy('first')).toBe('p-c019dedz5h');
  });

  test('fails for content over 2,500 characters, white space counted', async () => {
    const padded = (length: number) => OPT_OUT.padEnd(length);
    await simulated.policy('full', padded(2500));
    expect(await refusal(simulated.policy('too long', padded(2501)))).toMatchObject(
      { name: 'ConstraintViolationException', reason: 'POLICY_CONTENT_LIMIT_EXCEEDED', status: 400 });
  });

  test('fails for a name that another policy of the same type has; names are per type', async () => {
    await simulated.policy('ours');
    await simulated.policy('ours', '{"tags":{}}', 'TAG_POLICY');
    expect(await refusal(simulated.policy('ours'))).toMatchObject({ name: 'DuplicatePolicyException' });
  });

  test('counts names in characters, not in bytes', async () => {
    await simulated.policy('é'.repeat(128));
    expect(await refusal(simulated.policy('é'.repeat(129)))).toMatchObject({ name: 'InvalidInputException', reason: 'MAX_LENGTH_EXCEEDED:NAME' });
  });

  test('fails for policy 1,001 of a type', async () => {
    for (let index = 0; index < 1000; index++) simulated.organizations.addPolicy({ name: `policy ${index}`, content: OPT_OUT });
    expect(await refusal(simulated.policy('one more'))).toMatchObject(
      { name: 'ConstraintViolationException', reason: 'POLICY_NUMBER_LIMIT_EXCEEDED' });
  });

  test('fails for other types only when the content is no JSON object', async () => {
    await simulated.policy('anything', '{"anything": 1}', 'TAG_POLICY');
    expect(await refusal(simulated.policy('list', '[]', 'TAG_POLICY'))).toEqual(MALFORMED);
    expect(await refusal(simulated.policy('nothing', 'nothing', 'TAG_POLICY'))).toEqual(MALFORMED);
  });

  const recorded: { name: string; content: string; accepted: boolean }[] = JSON.parse(
    readFileSync(join(__dirname, '../../data/admission.json'), 'utf8'));

  test.each(recorded.filter(({ accepted }) => accepted))('admits what AWS admitted: $name', async ({ name, content }) => {
    await simulated.policy(name, content);
  });

  test.each(recorded.filter(({ accepted }) => !accepted))('refuses what AWS refused: $name', async ({ name, content }) => {
    expect(await refusal(simulated.policy(name, content))).toEqual(MALFORMED);
  });
});

describe('updating a policy', () => {
  test('echoes Name and Description only when they were sent, and Content always', async () => {
    const PolicyId = await simulated.policy('ours');
    const { Policy } = await simulated.client.updatePolicy({ PolicyId, Content: OPT_IN });
    expect(Policy!.Content).toBe(OPT_IN);
    expect(Object.keys(Policy!.PolicySummary!).sort()).toEqual(['Arn', 'AwsManaged', 'Id', 'Type']);
    const renamed = await simulated.client.updatePolicy({ PolicyId, Name: 'new', Description: 'why' });
    expect(renamed.Policy).toMatchObject({ PolicySummary: { Name: 'new', Description: 'why' }, Content: OPT_IN });
  });

  test('echoes an empty description without replacing the stored one, and accepts an empty request', async () => {
    const { Policy } = await simulated.client.createPolicy({ Name: 'ours', Description: 'kept', Type: AI, Content: OPT_OUT });
    const PolicyId = Policy!.PolicySummary!.Id!;
    const updated = await simulated.client.updatePolicy({ PolicyId, Description: '' });
    expect(updated.Policy!.PolicySummary!.Description).toBe('');
    await simulated.client.updatePolicy({ PolicyId });
    expect((await simulated.client.describePolicy({ PolicyId })).Policy!.PolicySummary!.Description).toBe('kept');
  });

  test.each([
    ['malformed content', { Content: setting('optOut', 'nonsense') }, 'MalformedPolicyDocumentException'],
    ['content that is too long', { Content: OPT_IN.padEnd(2501) }, 'ConstraintViolationException'],
    ['a name that is taken', { Name: 'taken', Content: OPT_IN }, 'DuplicatePolicyException'],
  ])('fails for %s and changes nothing', async (_, change, error) => {
    await simulated.policy('taken');
    const PolicyId = await simulated.policy('ours');
    const before = (await simulated.client.describePolicy({ PolicyId })).Policy;
    expect(await refusal(simulated.client.updatePolicy({ PolicyId, Name: 'other', Description: 'other', ...change }))).toMatchObject({ name: error });
    expect((await simulated.client.describePolicy({ PolicyId })).Policy).toEqual(before);
  });

  test.each([
    ['a blank', ' '],
    ['letters beyond ASCII', 'Ausschluss für KI-Dienste 🤖'],
    ['several lines', 'opt\nout'],
  ])('accepts %s as a name, as the service model does', async (_, Name) => {
    const PolicyId = await simulated.policy('ours');
    await simulated.client.updatePolicy({ PolicyId, Name });
    expect((await simulated.client.describePolicy({ PolicyId })).Policy!.PolicySummary!.Name).toBe(Name);
    await simulated.client.createPolicy({ Name: `${Name}, again`, Content: OPT_OUT, Type: AI, Description: '' });
  });

  test.each([
    [{ Name: '' }, 'MIN_LENGTH_EXCEEDED:NAME'],
    [{ Content: '' }, 'MIN_LENGTH_EXCEEDED:CONTENT'],
    [{ Description: 'é'.repeat(513) }, 'MAX_LENGTH_EXCEEDED:DESCRIPTION'],
  ])('fails for %j', async (change, reason) => {
    const PolicyId = await simulated.policy('ours');
    await simulated.client.updatePolicy({ PolicyId, Description: 'é'.repeat(512) });
    expect(await refusal(simulated.client.updatePolicy({ PolicyId, ...change }))).toMatchObject({ name: 'InvalidInputException', reason });
  });

  test('accepts the name that the policy already has', async () => {
    const PolicyId = await simulated.policy('ours');
    await simulated.client.updatePolicy({ PolicyId, Name: 'ours' });
  });

  test('fails for a policy that does not exist', async () => {
    expect(await refusal(simulated.client.updatePolicy({ PolicyId: 'p-12345678' }))).toMatchObject({ name: 'PolicyNotFoundException' });
  });
});

describe('deleting a policy', () => {
  test('fails while it is attached, and works right after it is detached', async () => {
    await simulated.enable();
    const PolicyId = await simulated.policy('ours');
    await simulated.attach(PolicyId);
    expect(await refusal(simulated.client.deletePolicy({ PolicyId }))).toMatchObject(
      { name: 'PolicyInUseException', message: 'The specified policy is in use and cannot be deleted.' });
    await simulated.client.detachPolicy({ PolicyId, TargetId: simulated.rootId });
    await simulated.client.deletePolicy({ PolicyId });
    expect(await refusal(simulated.client.describePolicy({ PolicyId }))).toMatchObject({ name: 'PolicyNotFoundException' });
  });

  test('fails with a Reason for an id that cannot be one', async () => {
    expect(await refusal(simulated.client.deletePolicy({ PolicyId: 'policy' }))).toMatchObject(
      { name: 'InvalidInputException', reason: 'INVALID_SYNTAX_POLICY_ID' });
  });
});

describe('tags', () => {
  test('are kept from creation, replaced, removed and listed', async () => {
    const { Policy } = await simulated.client.createPolicy(
      { Name: 'tagged', Description: '', Type: AI, Content: OPT_OUT, Tags: [{ Key: 'owner', Value: 'security' }] });
    const ResourceId = Policy!.PolicySummary!.Id!;
    await simulated.client.tagResource({ ResourceId, Tags: [{ Key: 'owner', Value: 'platform' }, { Key: 'stage', Value: '' }] });
    expect((await simulated.client.listTagsForResource({ ResourceId })).Tags).toEqual([
      { Key: 'owner', Value: 'platform' }, { Key: 'stage', Value: '' },
    ]);
    await simulated.client.untagResource({ ResourceId, TagKeys: ['owner', 'unknown'] });
    expect((await simulated.client.listTagsForResource({ ResourceId })).Tags).toEqual([{ Key: 'stage', Value: '' }]);
  });

  test.each([
    ['a key twice', [{ Key: 'a', Value: '' }, { Key: 'a', Value: '' }], 'DUPLICATE_TAG_KEY'],
    ["AWS's own prefix", [{ Key: 'aws:a', Value: '' }], 'INVALID_SYSTEM_TAGS_PARAMETER'],
    ['an empty key', [{ Key: '', Value: '' }], 'MIN_LENGTH_EXCEEDED:TAGS_1_MEMBER_KEY'],
    ['a strange sign', [{ Key: '<', Value: '' }], 'INVALID_PATTERN:TAGS_1_MEMBER_KEY'],
    ['a second key of 129 characters', [{ Key: 'a', Value: '' }, { Key: 'é'.repeat(129), Value: '' }], 'MAX_LENGTH_EXCEEDED:TAGS_2_MEMBER_KEY'],
    ['a missing value', [{ Key: 'a', Value: undefined }], 'INPUT_REQUIRED:TAGS_1_MEMBER_VALUE'],
  ])('fail with %s', async (_, Tags, reason) => {
    expect(await refusal(simulated.client.tagResource({ ResourceId: MANAGEMENT, Tags }))).toMatchObject({ name: 'InvalidInputException', reason });
  });

  test('accept empty lists, as recorded', async () => {
    await simulated.client.tagResource({ ResourceId: MANAGEMENT, Tags: [] });
    await simulated.client.untagResource({ ResourceId: MANAGEMENT, TagKeys: [] });
    expect(await refusal(simulated.client.untagResource({ ResourceId: MANAGEMENT, TagKeys: undefined }))).toMatchObject({ reason: 'INPUT_REQUIRED:TAG_KEYS' });
  });

  test('fail beyond 50, and on what does not exist', async () => {
    const Tags = Array.from({ length: 51 }, (_, index) => ({ Key: `key ${index}`, Value: '' }));
    expect(await refusal(simulated.client.tagResource({ ResourceId: simulated.rootId, Tags }))).toMatchObject(
      { name: 'ConstraintViolationException', reason: 'MAX_TAG_LIMIT_EXCEEDED' });
    expect(await refusal(simulated.client.listTagsForResource({ ResourceId: 'p-12345678' }))).toMatchObject({ name: 'TargetNotFoundException' });
    expect(await refusal(simulated.client.listTagsForResource({ ResourceId: '999999999999' }))).toMatchObject({ name: 'TargetNotFoundException' });
  });
});
