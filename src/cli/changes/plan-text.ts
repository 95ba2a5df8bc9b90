import type { ChangePlan } from './change';
import { describe, type AccountEffect } from './effects';
import { count, counted, wrapped } from './layout';
import type { OrganizationSnapshot } from '../../organization/snapshot';
import { Tree } from '../../organization/tree';
import { visible } from '../../text/visible';

/** Accounts of one group that are listed one by one. Those that would be opted in again always are. */
const LISTED = 20;

/** What would be done and what comes of it, for people. */
export function planText(snapshot: OrganizationSnapshot, plan: ChangePlan, effects: AccountEffect[]): string {
  const others = snapshot.accounts.length - effects.length;
  const size = counted(effects.length, 'active account') + (others > 0 ? `, ${count(others)} not active and left out below` : '');
  return [
    wrapped('', `Organization ${snapshot.organizationId}, ${size}`),
    changesText(plan),
    ...(plan.blockers.length > 0 ? [listText('This cannot be done:', plan.blockers)] : [effectsText(snapshot, effects)]),
    ...(plan.warnings.length > 0 ? [listText('Warnings:', plan.warnings)] : []),
  ].join('\n');
}

function changesText({ changes }: ChangePlan): string {
  if (changes.length === 0) return 'Nothing to do.\n';
  const width = Math.max(...changes.map(({ operation }) => operation.length));
  const lines = changes.map(({ operation, sentence }, index) => wrapped(`  ${index + 1}. ${operation.padEnd(width)}  `, sentence));
  return `Calls to be made, in this order:\n${lines.join('')}`;
}

function listText(title: string, sentences: string[]): string {
  return `${title}\n${sentences.map((sentence) => wrapped('  - ', sentence)).join('')}`;
}

/** Accounts by what changes for them: those that lose come first. */
function effectsText(snapshot: OrganizationSnapshot, effects: AccountEffect[]): string {
  if (effects.length === 0) return 'The effect on the accounts is unknown: the accounts could not be listed.\n';
  const groups = new Map<string, AccountEffect[]>();
  for (const effect of effects) {
    const title = effect.changes ? `: ${describe(effect.before)} -> ${describe(effect.after)}` : ` without a change: ${describe(effect.after)}`;
    const group = groups.get(title);
    if (group) group.push(effect);
    else groups.set(title, [effect]);
  }
  const rank = ({ optedIn, changes }: AccountEffect) => (optedIn.length > 0 ? 0 : changes ? 1 : 2);
  const sorted = [...groups].sort(([, [one]], [, [other]]) => rank(one) - rank(other));
  const tree = new Tree(snapshot);
  const unsure = effects.filter(({ certain }) => !certain).length;
  return `What becomes of the accounts:\n${sorted.map(([title, group]) => groupText(tree, title, group)).join('')}`
    + (unsure === 0 ? '' : wrapped('  ', `For ${counted(unsure, 'account')} this is not certain: some policy could not be read, or the outcome rests `
      + 'on behaviour of AWS that nobody has recorded. "ai-opt-out verify" asks AWS afterwards.'));
}

function groupText(tree: Tree, title: string, group: AccountEffect[]): string {
  const [{ optedIn, changes }] = group;
  const warning = optedIn.length > 0 ? 'WARNING, opted in again: ' : '';
  const head = wrapped('  ', `${warning}${counted(group.length, 'account')}${title}`);
  if (!changes) return head;
  if (group.length <= LISTED || optedIn.length > 0) return head + group.map(({ account }) => `    ${account.id}  ${visible(account.name)}\n`).join('');
  const units = new Map<string, number>();
  for (const { account } of group) {
    const unit = tree.pathText(account.parentId);
    units.set(unit, (units.get(unit) ?? 0) + 1);
  }
  const width = Math.max(...[...units.values()].map((size) => count(size).length));
  return head + [...units].map(([unit, size]) => `    ${count(size).padStart(width)} in ${visible(unit)}\n`).join('');
}
