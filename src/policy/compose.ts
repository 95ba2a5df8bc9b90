import { ASSIGN, CONTROL, DEFAULT, type PolicyDocument, type ServiceNode, type Setting } from './grammar';

/** What a document is to say. */
export interface Composition {
  /** Opt out of everything, future services included. */
  readonly byDefault: boolean;
  readonly optOut: string[];
  readonly optIn: string[];
  /** Nothing is locked. */
  readonly unlocked: boolean;
  /** These are not locked. */
  readonly unlockedKeys: string[];
}

/**
 * Writes the document. A lock only ever guards an opt-out, and what guards a value is the control beside its `@@assign`.
 *
 * - With a default, the three levels are locked as in AWS's own example: `services` (nobody adds an entry), `default`, and the value.
 * - Without one, `services` stays open: locked, it would keep an OU from opting out of everything.
 * - A named service carries only the inner control; once its entry has a value, there is nothing left to add to it.
 */
export function compose({ byDefault, optOut, optIn, unlocked, unlockedKeys }: Composition): PolicyDocument {
  const lock = unlocked ? {} : { [CONTROL]: ['@@none'] };
  const assign = (setting: Setting) => ({ [ASSIGN]: setting });
  const entry = (key: string): ServiceNode => {
    if (optIn.includes(key)) return { opt_out_policy: assign('optIn') };
    return { opt_out_policy: { ...(unlockedKeys.includes(key) ? {} : lock), ...assign('optOut') } };
  };
  const named = [...new Set([...optOut, ...optIn, ...unlockedKeys])].sort();
  return {
    services: {
      ...(byDefault ? { ...lock, [DEFAULT]: { ...lock, opt_out_policy: { ...lock, ...assign('optOut') } } } : {}),
      ...Object.fromEntries(named.map((key) => [key, entry(key)])),
    },
  } as PolicyDocument;
}
