import { isActive } from '../../organization';
import type { Account, OrganizationSnapshot } from '../../organization/snapshot';
import { Tree, type Level } from '../../organization/tree';
import { DEFAULT, evaluate, type Decision, type PolicyLevel, type Setting } from '../../policy';

/** What governs an account: the setting for everything, and those services that have another one. Empty where no policy says anything. */
export interface Settings {
  readonly [key: string]: Setting;
}

/** What becomes of one account. */
export interface AccountEffect {
  readonly account: Account;
  readonly before: Settings;
  readonly after: Settings;
  /** Services (or `default`) for which the account was opted out and will not be any more. */
  readonly optedIn: string[];
  /** Whether anything changes. */
  readonly changes: boolean;
  /** False if something could not be read, or if the result depends on a rule that is documented but not recorded. */
  readonly certain: boolean;
}

interface View {
  readonly settings: Settings;
  readonly certain: boolean;
}

/** Before and after for every active account. The effective policy of a suspended or closed one does not matter. */
export function effectsOf(before: OrganizationSnapshot, after: OrganizationSnapshot): AccountEffect[] {
  const was = viewer(before);
  const will = viewer(after);
  const compared = new Map<string, Omit<AccountEffect, 'account'>>();
  return before.accounts.filter(({ state }) => isActive(state)).map((account) => {
    // Accounts beside each other have the same levels unless they carry policies themselves: 10,000 accounts are a handful of comparisons.
    const own = [before, after].some(({ attachments }) => (attachments.get(account.id)?.length ?? 0) > 0);
    const place = own ? account.id : account.parentId;
    let effect = compared.get(place);
    if (!effect) compared.set(place, effect = compare(was(account), will(account)));
    return { account, ...effect };
  });
}

function viewer(snapshot: OrganizationSnapshot): (account: Account) => View {
  const tree = new Tree(snapshot);
  // Without the type, no policy has any effect.
  if (snapshot.policyType !== 'ENABLED') return () => ({ settings: {}, certain: snapshot.policyType !== 'UNKNOWN' });
  return (account) => {
    const { levels, missing } = tree.levelsOf(account.id);
    const decisions = evaluate(levels.map(readable));
    return { settings: settingsFrom(decisions), certain: !missing && decisions.every(({ certain }) => certain) };
  };
}

function readable({ name, policies }: Level): PolicyLevel {
  return { name, policies: policies.filter(({ document }) => document) as PolicyLevel['policies'] };
}

/** Without the entries that say the same as `default`. */
function settingsFrom(decisions: Decision[]): Settings {
  const settings = new Map(decisions.flatMap(({ key, winner }) => (winner ? [[key, winner.setting]] : [])));
  const byDefault = settings.get(DEFAULT);
  return Object.fromEntries([...settings].filter(([key, setting]) => key === DEFAULT || setting !== byDefault));
}

function compare(was: View, will: View): Omit<AccountEffect, 'account'> {
  const { settings: before } = was;
  const { settings: after } = will;
  const keys = [...new Set([DEFAULT, ...Object.keys(before), ...Object.keys(after)])];
  const changed = keys.filter((key) => settingFor(before, key) !== settingFor(after, key));
  return {
    before,
    after,
    optedIn: changed.filter((key) => settingFor(before, key) === 'optOut'),
    changes: changed.length > 0,
    certain: was.certain && will.certain,
  };
}

/** Where nothing is said, AWS may use the content; it is not the same as `optIn`, which somebody wrote. */
function settingFor(settings: Settings, key: string): Setting | undefined {
  return settings[key] ?? settings[DEFAULT];
}

/** In words: what an account is opted out of. */
export function describe(settings: Settings): string {
  const { [DEFAULT]: byDefault, ...services } = settings;
  const named = (setting: Setting) => Object.keys(services).filter((key) => services[key] === setting).sort().join(', ');
  if (byDefault === 'optOut') return `opted out of everything${named('optIn') ? ` but ${named('optIn')}` : ''}`;
  return named('optOut') ? `opted out of ${named('optOut')} only` : 'not opted out';
}
