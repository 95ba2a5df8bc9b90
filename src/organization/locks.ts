import { ASSIGN, CONTROL, DEFAULT, type PolicyDocument } from '../policy/grammar';

/** What lower levels cannot do to a policy's opt-outs. The three are independent of each other. */
export interface Lock {
  /** Add entries for single services, for example one that opts in. Documented by AWS, never recorded. */
  readonly services: boolean;

  /** Add to the entry for `default`. Guards nothing once that entry holds a value; auditors' tools look for it. */
  readonly default: boolean;

  /** Change a value that opts out; true only if that holds for every one of them. */
  readonly value: boolean;
}

export function lockOf(document: PolicyDocument): Lock {
  return {
    services: closed(document.services),
    default: closed(document.services?.[DEFAULT]),
    value: optOutsIn(document).length > 0 && openValuesIn(document).length === 0,
  };
}

/** Keys of the entries that opt out. */
export function optOutsIn({ services = {} }: PolicyDocument): string[] {
  return Object.keys(services).filter((key) => key !== CONTROL && services[key].opt_out_policy?.[ASSIGN] === 'optOut');
}

/** Keys of the entries that opt out and can be changed below: only the control in the object of the assignment guards it. */
export function openValuesIn(document: PolicyDocument): string[] {
  return optOutsIn(document).filter((key) => {
    const control = document.services![key].opt_out_policy![CONTROL];
    return !control || control.includes('@@all') || control.includes(ASSIGN);
  });
}

/** Whether a container admits nothing at all: for lists that merely leave some operator out, nobody knows. */
function closed(node: { readonly [CONTROL]?: string[] } | undefined): boolean {
  return node?.[CONTROL]?.length === 1 && node[CONTROL][0] === '@@none';
}
