import { unlocked, type Monitored, type MonitoredOptions } from './monitored';
import { ChildOverrides } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';

export const OPT_IN = unlocked({ default: 'optIn' });

/** Ours may be changed from below. */
export const OPEN: MonitoredOptions = { optOutProps: { childOverrides: ChildOverrides.allowed() } };

/** What is known from before. */
export interface Prepared {
  readonly policyId: string;

  /** Of somebody else. */
  readonly otherId: string;

  /** What ours said. */
  readonly content: string;
}

/** What somebody does so that accounts are no longer opted out. */
export interface Weakening {
  readonly does: string;
  readonly options?: MonitoredOptions;

  /** Done before without any harm; answers the id of the policy that it makes. */
  readonly prepare?: (monitored: Monitored) => Promise<string>;
  readonly act: (monitored: Monitored, prepared: Prepared) => Promise<unknown>;
  readonly restore: (monitored: Monitored, prepared: Prepared) => Promise<unknown>;

  /** Accounts as messages name them. */
  readonly accounts: string[];
  readonly reason: (prepared: Prepared) => string;

  /** What was called, and on what. */
  readonly seen: (monitored: Monitored, prepared: Prepared) => string[];
  readonly disabled?: boolean;

  /** What repair does about it: undoes it, cannot, or does not touch what is not ours. */
  readonly repair: 'undoes' | 'cannot' | 'ignores';
}

export const ALL = ['111122223333 Management (the root)', '432098765450 Dev (the root)', '530864197567 Playground (OU Sandbox)', '629629629684 Tests (OU Sandbox)'];

const attach = async (monitored: Monitored, PolicyId: string, TargetId = monitored.rootId) => monitored.act('AttachPolicy', { PolicyId, TargetId });
const detach = async (monitored: Monitored, PolicyId: string, TargetId = monitored.rootId) => monitored.act('DetachPolicy', { PolicyId, TargetId });
const update = async (monitored: Monitored, PolicyId: string, Content: string) => monitored.act('UpdatePolicy', { PolicyId, Content });
const move = async (monitored: Monitored, AccountId: string, SourceParentId: string, DestinationParentId: string) => (
  monitored.act('MoveAccount', { AccountId, SourceParentId, DestinationParentId })
);

/** Attaches a policy of somebody else to the root, and ours behind it. */
const putInFront = async (monitored: Monitored, content: string) => {
  const id = await monitored.otherPolicy('Old hand', content);
  await detach(monitored, monitored.policyId);
  await attach(monitored, id);
  await attach(monitored, monitored.policyId);
  return id;
};

const OURS = 'AiOptOut-OptOut-df0f0e92';

export const WEAKENINGS: Weakening[] = [
  {
    does: 'detaches our policy',
    act: async (monitored, { policyId }) => detach(monitored, policyId),
    restore: async (monitored, { policyId }) => attach(monitored, policyId),
    accounts: ALL,
    reason: () => 'no policy reaches it',
    seen: ({ rootId }, { policyId }) => [`DetachPolicy ${policyId} ${rootId}`],
    repair: 'undoes',
  },
  {
    does: 'deletes our policy',
    act: async (monitored, { policyId }) => {
      await detach(monitored, policyId);
      await monitored.act('DeletePolicy', { PolicyId: policyId });
    },
    restore: async (monitored, { content }) => attach(monitored, await monitored.otherPolicy('Made anew', content)),
    accounts: ALL,
    reason: () => 'no policy reaches it',
    seen: ({ rootId }, { policyId }) => [`DetachPolicy ${policyId} ${rootId}`, `DeletePolicy ${policyId}`],
    repair: 'cannot',
  },
  {
    does: 'lets our policy opt in',
    act: async (monitored, { policyId }) => update(monitored, policyId, OPT_IN),
    restore: async (monitored, { policyId, content }) => update(monitored, policyId, content),
    accounts: ALL,
    reason: () => `everything without an entry of its own is opted in by policy "${OURS}" on the root`,
    seen: (_, { policyId }) => [`UpdatePolicy ${policyId}`],
    repair: 'undoes',
  },
  {
    does: 'lets our policy opt in one service',
    act: async (monitored, { policyId }) => update(monitored, policyId, unlocked({ default: 'optOut', lex: 'optIn' })),
    restore: async (monitored, { policyId, content }) => update(monitored, policyId, content),
    accounts: ALL,
    reason: () => `lex is opted in by policy "${OURS}" on the root`,
    seen: (_, { policyId }) => [`UpdatePolicy ${policyId}`],
    repair: 'undoes',
  },
  {
    does: 'leaves our policy one service only',
    act: async (monitored, { policyId }) => update(monitored, policyId, unlocked({ lex: 'optOut' })),
    restore: async (monitored, { policyId, content }) => update(monitored, policyId, content),
    accounts: ALL,
    reason: () => 'no policy covers services without an entry of their own (only lex)',
    seen: (_, { policyId }) => [`UpdatePolicy ${policyId}`],
    repair: 'undoes',
  },
  {
    does: 'disables the policy type',
    act: async (monitored) => monitored.act('DisablePolicyType', { RootId: monitored.rootId, PolicyType: POLICY_TYPE }),
    restore: async (monitored, { policyId }) => {
      await monitored.act('EnablePolicyType', { RootId: monitored.rootId, PolicyType: POLICY_TYPE });
      await attach(monitored, policyId);
    },
    accounts: ALL,
    reason: () => 'the policy type is not enabled in this organization',
    seen: ({ rootId }) => [`DisablePolicyType ${rootId} ${POLICY_TYPE}`],
    disabled: true,
    repair: 'undoes',
  },
  {
    does: 'opts in an OU under our unlocked policy',
    options: OPEN,
    prepare: async (monitored) => monitored.otherPolicy('Lab rats', OPT_IN),
    act: async (monitored, { otherId }) => attach(monitored, otherId, monitored.ids.sandbox),
    restore: async (monitored, { otherId }) => detach(monitored, otherId, monitored.ids.sandbox),
    accounts: ALL.slice(2),
    reason: () => 'everything without an entry of its own is opted in by policy "Lab rats" on OU Sandbox',
    seen: ({ ids }, { otherId }) => [`AttachPolicy ${otherId} ${ids.sandbox}`],
    repair: 'ignores',
  },
  {
    does: 'opts in an account under our unlocked policy',
    options: OPEN,
    prepare: async (monitored) => monitored.otherPolicy('Lab rats', OPT_IN),
    act: async (monitored, { otherId }) => attach(monitored, otherId, monitored.ids.tests),
    restore: async (monitored, { otherId }) => detach(monitored, otherId, monitored.ids.tests),
    accounts: ALL.slice(3),
    reason: () => 'everything without an entry of its own is opted in by policy "Lab rats" on account 629629629684',
    seen: ({ ids }, { otherId }) => [`AttachPolicy ${otherId} ${ids.tests}`],
    repair: 'ignores',
  },
  {
    does: 'moves an account under an OU that opts in',
    options: OPEN,
    prepare: async (monitored) => {
      const id = await monitored.otherPolicy('Lab rats', OPT_IN);
      await attach(monitored, id, monitored.ids.lab);
      return id;
    },
    act: async (monitored) => move(monitored, monitored.ids.dev, monitored.rootId, monitored.ids.lab),
    restore: async (monitored) => move(monitored, monitored.ids.dev, monitored.ids.lab, monitored.rootId),
    accounts: ['432098765450 Dev (OU Lab)'],
    reason: () => 'everything without an entry of its own is opted in by policy "Lab rats" on OU Lab',
    seen: ({ ids, rootId }) => [`MoveAccount ${ids.dev} ${rootId} ${ids.lab}`],
    repair: 'ignores',
  },
  {
    does: 'opts in with an older policy on the same target',
    prepare: async (monitored) => putInFront(monitored, unlocked({ default: 'optOut' })),
    act: async (monitored, { otherId }) => update(monitored, otherId, OPT_IN),
    restore: async (monitored, { otherId }) => update(monitored, otherId, unlocked({ default: 'optOut' })),
    accounts: ALL,
    reason: () => 'everything without an entry of its own is opted in by policy "Old hand" on the root',
    seen: (_, { otherId }) => [`UpdatePolicy ${otherId}`],
    repair: 'ignores',
  },
  {
    does: 'attaches our policy anew, behind one that opts in',
    prepare: async (monitored) => {
      const id = await monitored.otherPolicy('Young hand', OPT_IN);
      await attach(monitored, id);
      return id;
    },
    act: async (monitored, { policyId }) => {
      await detach(monitored, policyId);
      await attach(monitored, policyId);
    },
    restore: async (monitored, { otherId }) => detach(monitored, otherId),
    accounts: ALL,
    reason: () => 'everything without an entry of its own is opted in by policy "Young hand" on the root',
    seen: ({ rootId }, { policyId }) => [`DetachPolicy ${policyId} ${rootId}`, `AttachPolicy ${policyId} ${rootId}`],
    repair: 'ignores',
  },
];

/** Does what is done before, and keeps what it was about. */
export async function prepared(monitored: Monitored, weakening: Pick<Weakening, 'prepare'>): Promise<Prepared> {
  const { policyId } = monitored;
  const { Policy } = await monitored.act('DescribePolicy', { PolicyId: policyId });
  return { policyId, content: Policy.Content, otherId: await weakening.prepare?.(monitored) ?? '' };
}
