import { ASSIGN, CONTROL, DEFAULT, forbidsAssign, lockOf, openValuesIn, type PolicyDocument, type PolicyProblem } from '../../policy';

/** Returns how child policies could undo what a document sets, and locks that keep them from opting out. */
export function lockHoles(document: PolicyDocument): PolicyProblem[] {
  const services = document.services ?? {};
  const lock = lockOf(document);
  const open = openValuesIn(document);
  const optsOutByDefault = services[DEFAULT]?.opt_out_policy?.[ASSIGN] === 'optOut';
  const holes: PolicyProblem[] = [];
  const add = (path: string, message: string) => holes.push({ path, message });

  for (const [key, { opt_out_policy: node }] of Object.entries(services)) {
    const path = `services.${key}.opt_out_policy`;
    if (open.includes(key)) {
      add(path, `not locked: a policy on an OU or account below can set it to optIn; add "${CONTROL}": ["@@none"] beside ${ASSIGN}`);
    }
    if (node?.[ASSIGN] === 'optIn' && forbidsAssign(node)) add(path, 'locked to optIn: no OU or account below can opt out of it');
  }
  if (optsOutByDefault && !lock.services) {
    add('services', 'not locked: a policy below can add an entry such as "lex" with optIn, which wins over "default" for that service; '
      + `add "${CONTROL}": ["@@none"] in "services"`);
  }
  if (optsOutByDefault && lock.services && lock.value && !lock.default) {
    add(`services.${DEFAULT}`, `the third lock of AWS's own example is missing; it protects no value, but security checks look for it: add "${CONTROL}": ["@@none"] in "default"`);
  }
  if (lock.services && services[DEFAULT]?.opt_out_policy?.[ASSIGN] === undefined) {
    add('services', 'locked without a value for "default": no OU or account below can opt out of a service that is not named here');
  }
  return holes;
}
