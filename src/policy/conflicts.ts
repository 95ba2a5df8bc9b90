import type { Setting } from './grammar';
import { governing, merge, type Assignment, type LevelPolicy, type PolicyLevel } from './inheritance';

/** An entry of a policy, or a service that its `default` covers, that would have another setting than the policy sets. */
export interface Conflict {
  readonly key: string;
  readonly wanted: Setting;

  /** What overrides it. Absent if a control above keeps the entry from being added and no other policy sets it. */
  readonly winner?: Assignment;
}

/**
 * Returns what would override a policy on a target: controls from the levels above, and peers that were attached before it. AWS does not document the
 * order in which it lists peers, so each of them is compared alone.
 *
 * @param above the levels above the target, from the root down
 * @param target the target with the policies that were attached before
 */
export function conflictsOf(above: PolicyLevel[], { name, policies }: PolicyLevel, policy: LevelPolicy): Conflict[] {
  const wanted = merge([{ name, policies: [policy] }]);
  return [[], ...policies.map((peer) => [peer])].flatMap((earlier) => {
    const merged = merge([...above, { name, policies: [...earlier, policy] }]);
    return [...new Set([...wanted.keys(), ...merged.keys()])].flatMap((key) => {
      const want = governing(wanted, key)?.setting;
      const winner = governing(merged, key);
      return want && want !== winner?.setting ? [{ key, wanted: want, winner }] : [];
    });
  });
}
