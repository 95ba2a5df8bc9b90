import { ASSIGN, CONTROL, DEFAULT, type PolicyDocument, type PolicyProblem } from '../../policy';

/** The three levels of AWS's own "nobody below may change it" document. */
export interface Locks {
  /** Nobody below adds an entry. */
  readonly services: boolean;
  /** Nobody below adds to the entry for `default`. */
  readonly default: boolean;
  /** Nobody below changes the value of `default`. */
  readonly value: boolean;
}

export function locksOf({ services }: PolicyDocument): Locks {
  const entry = services?.[DEFAULT];
  return { services: isLock(services?.[CONTROL]), default: isLock(entry?.[CONTROL]), value: isLock(entry?.opt_out_policy?.[CONTROL]) };
}

/** How a policy further down could undo what this one sets. */
export function lockHoles(document: PolicyDocument): PolicyProblem[] {
  const services = document.services ?? {};
  const locks = locksOf(document);
  const optsOutByDefault = services[DEFAULT]?.opt_out_policy?.[ASSIGN] === 'optOut';
  const holes: PolicyProblem[] = [];
  const add = (path: string, message: string) => holes.push({ path, message });

  for (const [key, { opt_out_policy: node }] of Object.entries(services)) {
    if (key === CONTROL || node?.[ASSIGN] === undefined) continue;
    const locked = isLock(node[CONTROL]);
    const path = `services.${key}.opt_out_policy`;
    if (node[ASSIGN] === 'optOut' && !locked) {
      add(path, `not locked: a policy on an OU or account below can set it to optIn; add "${CONTROL}": ["@@none"] beside ${ASSIGN}`);
    }
    if (node[ASSIGN] === 'optIn' && locked) add(path, 'locked to optIn: no OU or account below can opt out of it');
  }
  if (optsOutByDefault && !locks.services) {
    add('services', 'not locked: a policy below can add an entry such as "lex" with optIn, which wins over "default" for that service; '
      + `add "${CONTROL}": ["@@none"] in "services"`);
  }
  if (optsOutByDefault && locks.services && locks.value && !locks.default) {
    add(`services.${DEFAULT}`, `the third lock of AWS's own example is missing; it guards no value, but strict checks look for it: add "${CONTROL}": ["@@none"] in "default"`);
  }
  if (locks.services && services[DEFAULT]?.opt_out_policy?.[ASSIGN] === undefined) {
    add('services', 'locked without a value for "default": no OU or account below can opt out of a service that is not named here');
  }
  return holes;
}

/** A control that leaves out @@assign; @@all and no control at all allow everything. */
function isLock(control: readonly string[] | undefined): boolean {
  return control !== undefined && !control.includes('@@all') && !control.includes(ASSIGN);
}
