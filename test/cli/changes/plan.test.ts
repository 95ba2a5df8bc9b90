import { desired, MANAGEMENT, owning, PRODUCTION, ROOT, SANDBOX, SHOP, sketched, WORKLOADS, type Sketch } from './snapshots';
import type { ChangePlan } from '../../../src/cli/changes/change';
import type { Choices } from '../../../src/cli/changes/desired';
import { planChanges, type Ownership } from '../../../src/cli/changes/plan';
import { unlockedContent } from '../../support/documents';

const NAME = 'AiServicesOptOut';
const OURS = { id: 'p-ours0000', name: NAME, content: desired().content };
const OTHER = { id: 'p-other000', name: 'Other' };

function plan(sketch: Sketch, choices: Choices = {}, ownership: Ownership = owning('p-ours0000'), adopt = false): ChangePlan {
  return planChanges(sketched(sketch), desired(choices), ownership, { adopt });
}

const operations = ({ changes }: ChangePlan) => changes.map(({ operation }) => operation);

describe('the calls', () => {
  test.each<[string, Sketch, Choices, string[]]>([
    ['nothing is there', { policyType: 'DISABLED' }, {}, ['EnablePolicyType', 'CreatePolicy', 'AttachPolicy']],
    ['somebody else is enabling the type', { policyType: 'PENDING_ENABLE' }, {}, ['CreatePolicy', 'AttachPolicy']],
    ['the type is enabled', {}, {}, ['CreatePolicy', 'AttachPolicy']],
    ['everything is as desired', { policies: [{ ...OURS, on: [ROOT] }] }, {}, []],
    ['only the white space differs', { policies: [{ ...OURS, content: JSON.stringify(desired().document, undefined, 2), on: [ROOT] }] }, {}, []],
    ['the policy hangs nowhere', { policies: [OURS] }, {}, ['AttachPolicy']],
    ['the content is another', { policies: [{ ...OURS, content: unlockedContent({ lex: 'optOut' }), on: [ROOT] }] }, {}, ['UpdatePolicy']],
    ['the content could not be read', { policies: [{ ...OURS, content: undefined, on: [ROOT] }] }, {}, ['UpdatePolicy']],
    ['the type was disabled, which detached the policy', { policyType: 'DISABLED', policies: [OURS] }, {}, ['EnablePolicyType', 'AttachPolicy']],
    ['the type is being disabled, with the policy still listed', { policyType: 'PENDING_DISABLE', policies: [{ ...OURS, on: [ROOT] }] }, {},
      ['EnablePolicyType', 'AttachPolicy']],
    ['a second target is new', { policies: [{ ...OURS, on: [SANDBOX] }] }, { target: [SANDBOX, SHOP] }, ['AttachPolicy']],
  ])('are those that are left where %s', (_, sketch, choices, expected) => {
    const { blockers } = plan(sketch, choices);
    expect(blockers).toEqual([]);
    expect(operations(plan(sketch, choices))).toEqual(expected);
  });

  test('carry their input, and the new policy its tag', () => {
    const { changes } = plan({ policyType: 'DISABLED' }, { target: [WORKLOADS, SHOP] });
    expect(changes.map(({ input }) => input)).toEqual([
      { RootId: ROOT, PolicyType: 'AISERVICES_OPT_OUT_POLICY' },
      {
        Name: NAME,
        Description: expect.any(String),
        Content: desired().content,
        Type: 'AISERVICES_OPT_OUT_POLICY',
        Tags: [{ Key: 'ai-opt-out', Value: 'managed' }],
      },
      { PolicyId: '(new)', TargetId: WORKLOADS },
      { PolicyId: '(new)', TargetId: SHOP },
    ]);
    expect(changes.map(({ sentence }) => sentence)).toEqual([
      `enable AI services opt-out policies on the root ${ROOT}, and wait until they are`,
      'create the policy "AiServicesOptOut" (221 of 2,500 characters), tagged ai-opt-out',
      `attach it to OU Workloads (${WORKLOADS})`,
      `attach it to account shop (${SHOP})`,
    ]);
  });

  test('never take a policy away from a target, but say that it hangs there', () => {
    const { changes, warnings } = plan({ policies: [{ ...OURS, on: [SANDBOX, ROOT] }] });
    expect(changes).toEqual([]);
    expect(warnings).toEqual([
      `The policy is also attached to OU Sandbox (${SANDBOX}) and stays there. To detach it: `
      + `aws organizations detach-policy --policy-id p-ours0000 --target-id ${SANDBOX}`,
    ]);
  });
});

describe('a policy of that name', () => {
  const taken: Sketch = { policies: [{ ...OURS, content: unlockedContent({ lex: 'optOut' }) }] };

  test('fails without --adopt where it carries no tag of ours', () => {
    expect(plan(taken, {}, owning()).blockers).toEqual([
      'The policy p-ours0000 is named "AiServicesOptOut" already, and ai-opt-out did not make it: it has no tag ai-opt-out. '
      + 'Take it over with --adopt, or choose another --name.',
    ]);
  });

  test('is tagged before it is changed with --adopt, so that an interrupted run goes on', () => {
    const adopted = plan(taken, {}, owning(), true);
    expect(adopted.blockers).toEqual([]);
    expect(operations(adopted)).toEqual(['TagResource', 'UpdatePolicy', 'AttachPolicy']);
    expect(adopted.changes[0].input).toEqual({ ResourceId: 'p-ours0000', Tags: [{ Key: 'ai-opt-out', Value: 'managed' }] });
  });

  test('is only tagged where it says the same already', () => {
    expect(operations(plan({ policies: [{ ...OURS, on: [ROOT] }] }, {}, owning(), true))).toEqual(['TagResource']);
  });

  test('fails where its tags may not be read, and says so', () => {
    const unknown: Ownership = { own: new Set(), unknown: new Map([['p-ours0000', 'AccessDeniedException: no']]) };
    expect(plan(taken, {}, unknown).blockers[0]).toContain('could not be read (ListTagsForResource: AccessDeniedException: no)');
    expect(plan(taken, {}, unknown, true).blockers).toEqual([]);
  });

  test('with --adopt and no such policy, a new one is created with a word about it', () => {
    const { warnings, ...created } = plan({}, {}, owning(), true);
    expect(operations({ warnings, ...created })).toEqual(['CreatePolicy', 'AttachPolicy']);
    expect(warnings).toEqual(['There is no policy "AiServicesOptOut" to adopt; a new one is created.']);
  });

  test('is not looked for under other names: another one of ours is left alone, with a word about it', () => {
    const { changes, warnings } = plan({ policies: [{ ...OURS, name: 'Renamed', on: [ROOT] }] });
    expect(changes.map(({ operation }) => operation)).toEqual(['CreatePolicy', 'AttachPolicy']);
    expect(warnings).toEqual([
      'The policy "Renamed" (p-ours0000) was made by ai-opt-out too and is left alone. To change it: ai-opt-out plan --name Renamed; '
      + 'to remove it: ai-opt-out remove --policy-id p-ours0000',
    ]);
  });
});

describe('fails', () => {
  const peers = (count: number) => Array.from({ length: count }, (_, index) => (
    { id: `p-peer000${index}`, name: `Peer ${index}`, content: desired().content, on: [ROOT] }
  ));

  test('for a document that is too large, naming the remedy', () => {
    const service = ['aidevops', 'aiops', 'awssupplychain', 'biodiscovery', 'chimesdkvoiceanalytics', 'cloudwatch', 'codeguruprofiler', 'codewhisperer',
      'comprehend', 'config', 'connect', 'connectamd', 'connectdecision', 'connectoptimization', 'connecttalent', 'contactlens', 'datazone', 'dms',
      'entityresolution', 'finopsagent', 'frauddetector', 'glue', 'guardduty', 'lex', 'polly', 'q'];
    expect(plan({}, { service }).blockers).toEqual([expect.stringMatching(
      /^The policy has [23],\d{3} characters, [\d,]+ more than the 2,500 that AWS allows\. Name fewer services; leaving --service out covers all/)]);
  });

  test('for a target that is not there', () => {
    expect(plan({}, { target: ['ou-root-elsewher'] }).blockers).toEqual([
      '--target ou-root-elsewher is not in this organization, or was not among what could be read.',
    ]);
  });

  test('for a target that carries five policies', () => {
    expect(plan({ policies: peers(4) }).blockers).toEqual([]);
    expect(plan({ policies: peers(5) }).blockers).toEqual([
      expect.stringMatching(/^On the root r-root there are 5 opt-out policies, the most AWS allows: "Peer 0" \(p-peer0000\), .* Detach one first\.$/),
    ]);
  });

  test('for an organization that has 1,000 policies', () => {
    const policies = Array.from({ length: 1000 }, (_, index) => ({ id: `p-${10_000_000 + index}` }));
    expect(plan({ policies }).blockers[0]).toContain('has 1,000 opt-out policies, the most AWS allows');
  });

  test('where the policies could not be listed', () => {
    expect(plan({ gaps: [{ operation: 'ListPolicies', error: 'AccessDeniedException: no' }] }).blockers).toEqual([
      'The policies could not be listed, so there is no telling whether one of this name exists: AccessDeniedException: no',
    ]);
  });

  test('where the state of the policy type is not known', () => {
    expect(plan({ policyType: 'UNKNOWN' }).blockers).toEqual(['Whether AI services opt-out policies are enabled could not be read (ListRoots).']);
  });

  test.each<[string, Sketch, Choices, string]>([
    ['an earlier policy on the same target says the opposite',
      { policies: [{ ...OTHER, content: unlockedContent({ default: 'optIn' }), on: [ROOT] }] }, {},
      'On the root r-root, default would not be optOut: the policy "Other" (p-other000) on the root r-root sets it to optIn.'],
    ['an earlier policy on the same target opts one service in',
      { policies: [{ ...OTHER, content: unlockedContent({ lex: 'optIn' }), on: [ROOT] }] }, {}, 'lex would not be optOut'],
    ['an unlocked policy above opts one service in',
      { policies: [{ ...OTHER, content: unlockedContent({ lex: 'optIn' }), on: [WORKLOADS] }] }, { target: [PRODUCTION] },
      `On OU Production (${PRODUCTION}), lex would not be optOut: the policy "Other" (p-other000) on OU Workloads (${WORKLOADS}) sets it to optIn.`],
    ['a control above forbids new entries',
      { policies: [{ ...OTHER, content: '{"services":{"@@operators_allowed_for_child_policies":["@@none"]}}', on: [ROOT] }] }, { target: [SHOP] },
      'default would not be optOut: a control above forbids it.'],
    ['an earlier policy opts out of what is to stay opted in',
      { policies: [{ ...OTHER, content: unlockedContent({ lex: 'optOut' }), on: [ROOT] }] }, { optIn: ['lex'] }, 'lex would not be optIn'],
  ])('where %s', (_, sketch, choices, expected) => {
    expect(plan(sketch, choices).blockers).toEqual([expect.stringContaining(expected)]);
    expect(plan(sketch, choices).blockers[0]).toMatch(/Earlier policies and controls from above win; change them first\.$/);
  });
});

describe('warnings', () => {
  test('tell where the policy hangs already and is overruled, which attaching again would not change', () => {
    const { changes, blockers, warnings } = plan({
      policies: [{ ...OTHER, content: unlockedContent({ default: 'optIn' }), on: [ROOT] }, { ...OURS, on: [ROOT] }],
    });
    expect([changes, blockers]).toEqual([[], []]);
    expect(warnings).toEqual([expect.stringMatching(/^On the root r-root, default would not be optOut: .* "ai-opt-out verify" reports/)]);
  });

  test('do not tell of policies that were attached later, because ours wins', () => {
    expect(plan({ policies: [{ ...OURS, on: [ROOT] }, { ...OTHER, content: unlockedContent({ default: 'optIn' }), on: [ROOT] }] }).warnings).toEqual([]);
  });

  test('tell that the path to a target could not be read, because a policy on it may win', () => {
    const snapshot = sketched();
    const lost = { ...snapshot, units: snapshot.units.filter(({ id }) => id !== WORKLOADS) };
    expect(planChanges(lost, desired({ target: [PRODUCTION] }), owning()).warnings).toEqual([
      `The path from the root to OU Production (${PRODUCTION}) could not be read, so policies above it that override this one are not found.`,
    ]);
  });

  test('tell what could not be read, once for each operation', () => {
    expect(plan({
      gaps: [
        { operation: 'DescribePolicy', id: 'p-1', error: 'denied' },
        { operation: 'DescribePolicy', id: 'p-2', error: 'denied' },
        { operation: 'ListAccounts', error: 'denied' },
      ],
    }).warnings).toEqual([
      'Not everything could be read, so the look ahead may be wrong: DescribePolicy of p-1: denied (and 1 more)',
      'Not everything could be read, so the look ahead may be wrong: ListAccounts: denied',
    ]);
  });

  test.each<[string, Sketch]>([
    ['attached before ours', { policies: [{ ...OTHER, content: unlockedContent({ default: 'optOut' }), on: [ROOT] }, { ...OURS, on: [ROOT] }] }],
    ['attached after ours', { policies: [{ ...OURS, on: [ROOT] }, { ...OTHER, content: unlockedContent({ default: 'optOut' }), on: [ROOT] }] }],
    ['on the target of a new policy', { policies: [{ ...OTHER, content: unlockedContent({ default: 'optOut' }), on: [ROOT] }] }],
    ['that opts out of less', { policies: [{ ...OTHER, content: unlockedContent({ lex: 'optOut' }), on: [ROOT] }] }],
  ])('recommend to remove an unlocked duplicate %s', (_, sketch) => {
    expect(plan(sketch)).toMatchObject({
      blockers: [],
      warnings: [
        'The policy "Other" (p-other000) on the root r-root opts out of nothing that this policy does not, and is not locked. '
      + 'While both are attached to one target, AWS combines their locks. Remove it after this plan is applied: ai-opt-out remove --policy-id p-other000',
      ],
    });
  });

  test('recommend to detach an unlocked duplicate that other targets may need', () => {
    const { warnings } = plan({ policies: [{ ...OTHER, content: unlockedContent({ default: 'optOut' }), on: [SANDBOX, WORKLOADS] }] }, { target: [SANDBOX] });
    expect(warnings).toEqual([expect.stringMatching(
      new RegExp(`on OU Sandbox \\(${SANDBOX}\\) opts out of nothing .*: aws organizations detach-policy --policy-id p-other000 --target-id ${SANDBOX}$`))]);
  });

  test('recommend to remove a duplicate of this tool once, not twice', () => {
    const sketch = { policies: [{ ...OTHER, content: unlockedContent({ default: 'optOut' }), on: [ROOT] }] };
    expect(plan(sketch, {}, owning('p-other000')).warnings).toEqual([expect.stringContaining('Remove it after this plan is applied')]);
  });

  test.each<[string, string, Choices]>([
    ['opts out of more', unlockedContent({ default: 'optOut' }), { service: ['lex'] }],
    ['opts out of what this one leaves in', unlockedContent({ default: 'optOut', polly: 'optIn' }), { optIn: ['polly', 'lex'] }],
    ['is locked', desired().content, {}],
  ])('do not recommend to remove a policy that %s', (_, content, choices) => {
    expect(plan({ policies: [{ ...OTHER, content, on: [ROOT] }] }, choices).warnings.join()).not.toContain('Remove it');
  });

  test('quote a policy name for the shell', () => {
    const { warnings } = plan({ policies: [{ ...OURS, name: "x'; rm -rf ~", on: [ROOT] }] });
    expect(warnings[0]).toContain("ai-opt-out plan --name 'x'\\''; rm -rf ~';");
  });

  test('are not given for policies that agree', () => {
    expect(plan({ policies: [{ ...OTHER, content: desired().content, on: [ROOT] }] }, { target: [ROOT, MANAGEMENT] })).toMatchObject(
      { blockers: [], warnings: [] });
  });
});
