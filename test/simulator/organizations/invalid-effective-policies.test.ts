import { AI, OPT_IN, OPT_OUT, refusal, Simulated } from './simulated';

const MEMBER = '444455556666';
const ERROR = { code: 'KEY_REQUIRED', message: 'a key is missing', path: 'services/default', contributingPolicies: ['p-1234567890'] };

let simulated: Simulated;
beforeEach(async () => {
  simulated = await Simulated.organization();
  simulated.organizations.createAccount({ name: 'Member', id: MEMBER });
});
afterEach(async () => { await simulated.stop(); });

const accounts = async () => (await simulated.client.listAccountsWithInvalidEffectivePolicy({ PolicyType: AI })).Accounts!.map(({ Id }) => Id);
const errors = async () => simulated.client.listEffectivePolicyValidationErrors({ AccountId: MEMBER, PolicyType: AI });

test('no account has an invalid effective policy unless the scene says so', async () => {
  await simulated.enable();
  expect(await accounts()).toEqual([]);
  const { $metadata: _, ...answer } = await errors();
  expect(answer).toEqual({ AccountId: MEMBER, PolicyType: AI, EffectivePolicyValidationErrors: [] });
});

test('an invalid one is listed with its errors, the path and when it was found, until it is valid again', async () => {
  await simulated.enable();
  simulated.organizations.setInvalidEffectivePolicy(MEMBER, [ERROR, { code: 'ELEMENTS_TOO_MANY', message: 'too many' }]);
  expect(await accounts()).toEqual([MEMBER]);
  expect(await errors()).toMatchObject({
    Path: `o-a1b2c3d4e5/r-a1b2/${MEMBER}/`,
    EvaluationTimestamp: new Date(simulated.clock.now()),
    EffectivePolicyValidationErrors: [
      { ErrorCode: 'KEY_REQUIRED', ErrorMessage: 'a key is missing', PathToError: 'services/default', ContributingPolicies: ['p-1234567890'] },
      { ErrorCode: 'ELEMENTS_TOO_MANY', ErrorMessage: 'too many', ContributingPolicies: [] },
    ],
  });
  simulated.organizations.setInvalidEffectivePolicy(MEMBER, []);
  expect(await accounts()).toEqual([]);
});

test('an account whose effective policy is invalid keeps the last valid one', async () => {
  await simulated.enable();
  const PolicyId = await simulated.policy('ours');
  await simulated.attach(PolicyId);
  simulated.clock.pass(2_500);
  simulated.organizations.setInvalidEffectivePolicy(MEMBER, [ERROR]);
  await simulated.client.updatePolicy({ PolicyId, Content: OPT_IN });
  simulated.clock.pass(2_500);
  expect(await simulated.effective(MEMBER)).toEqual({ services: { default: { opt_out_policy: 'optOut' } } });
  simulated.organizations.setInvalidEffectivePolicy(MEMBER, []);
  expect(await simulated.effective(MEMBER)).toEqual({ services: { default: { opt_out_policy: 'optIn' } } });
});

test('asking fails while the type is not enabled', async () => {
  simulated.organizations.addPolicy({ name: 'ours', content: OPT_OUT });
  expect(await refusal(accounts())).toMatchObject({ name: 'EffectivePolicyNotFoundException' });
  expect(await refusal(errors())).toMatchObject({ name: 'EffectivePolicyNotFoundException' });
});

test.each([
  [{ PolicyType: AI, AccountId: '999999999999' }, 'AccountNotFoundException', undefined],
  [{ PolicyType: AI }, 'InvalidInputException', 'TARGET_NOT_SUPPORTED'],
  [{ PolicyType: 'RESOURCE_CONTROL_POLICY', AccountId: MEMBER }, 'InvalidInputException', 'INVALID_ENUM_POLICY_TYPE'],
  [{ PolicyType: 'NONSENSE', AccountId: MEMBER }, 'InvalidInputException', 'INVALID_ENUM_POLICY_TYPE'],
])('asking for the errors fails for %j with %s %s, as recorded', async (request, name, reason) => {
  await simulated.enable();
  expect(await refusal(simulated.client.listEffectivePolicyValidationErrors(request as never))).toMatchObject({ name, reason });
});
