import { ASSIGN, CONTROL, type EffectiveDocument, type PolicyDocument, type Setting } from '../../src/policy';

/** Locks the node that it stands in. */
export const NONE = { [CONTROL]: ['@@none'] };

/** The entry of one service. */
export function entry(setting: Setting, control: object = {}) {
  return { opt_out_policy: { ...control, [ASSIGN]: setting } };
}

/** A document of these entries. */
export function documentOf(services: object): PolicyDocument {
  return { services } as PolicyDocument;
}

/** A document without locks, as it is written by hand. */
export function unlocked(settings: Record<string, Setting>): PolicyDocument {
  return documentOf(Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, entry(setting)])));
}

/** The content of a policy without locks. */
export function unlockedContent(settings: Record<string, Setting>): string {
  return JSON.stringify(unlocked(settings));
}

/** AWS's own document: opt out of everything, locked at all three levels. */
export const FULL_LOCK = documentOf({ ...NONE, default: { ...NONE, ...entry('optOut', NONE) } });

/** The content of a policy with AWS's own document. */
export const LOCKED = JSON.stringify(FULL_LOCK);

/** Locked at `default` and its value, so that child policies can add entries for single services. */
export const OPEN_SERVICES = documentOf({ default: { ...NONE, ...entry('optOut', NONE) } });

/** Locked at `services` only: child policies can change what is set, but cannot add entries. */
export const ONLY_SERVICES_LOCKED = documentOf({ ...NONE, default: entry('optOut') });

/** An effective policy. */
export function effective(settings: Record<string, Setting>): EffectiveDocument {
  return { services: Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, { opt_out_policy: setting }])) };
}

/** The effective policy of an account that is opted out of everything. */
export const OPTED_OUT = effective({ default: 'optOut' });
