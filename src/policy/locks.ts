import { ASSIGN, CONTROL, DEFAULT, type PolicyDocument } from './grammar';

/**
 * What child policies cannot do to the opt-outs of a document, or of all policies of one target together. The three are independent of each other.
 *
 * The child-control operators of peers combine to their intersection, whichever policy was attached first, so what one of them locks is locked.
 * Only `["@@none"]` is recorded or documented for `services` and for an entry; for a value, every list without `@@assign` is recorded as a lock.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
 */
export interface Lock {
  /** They cannot add entries, for example one that opts in. */
  readonly services: boolean;

  /** They cannot add to the entry for `default`. Protects nothing if that entry has a value; security checks look for it. */
  readonly default: boolean;

  /** They cannot change a value that opts out. True only if there is one, and every one is locked. */
  readonly value: boolean;
}

type Controlled = { readonly [CONTROL]?: readonly string[] } | undefined;

/** @param documents one document, or those of one target in the order of attachment */
export function lockOf(...documents: PolicyDocument[]): Lock {
  return {
    services: documents.some(({ services }) => forbidsEntries(services)),
    default: documents.some(({ services }) => forbidsEntries(services?.[DEFAULT])),
    value: optOutsIn(...documents).length > 0 && openValuesIn(...documents).length === 0,
  };
}

/** Returns the keys of the entries that opt out. The first document that assigns a value decides. */
export function optOutsIn(...documents: PolicyDocument[]): string[] {
  const entries = documents.flatMap(({ services = {} }) => Object.keys(services).filter((key) => key !== CONTROL)
    .map((key) => [key, services[key].opt_out_policy?.[ASSIGN]] as const));
  const settings = new Map(entries.filter(([, setting]) => setting).reverse());
  return [...new Set(entries.map(([key]) => key))].filter((key) => settings.get(key) === 'optOut');
}

/** Returns the keys of the entries that opt out and that child policies can change. */
export function openValuesIn(...documents: PolicyDocument[]): string[] {
  return optOutsIn(...documents).filter((key) => !documents.some(({ services }) => forbidsAssign(services?.[key]?.opt_out_policy)));
}

/** Whether child policies can undo an opt-out of these documents, by changing a value or by adding an entry that `default` does not reach. */
export function isOpen(...documents: PolicyDocument[]): boolean {
  return openValuesIn(...documents).length > 0 || (optOutsIn(...documents).includes(DEFAULT) && !lockOf(...documents).services);
}

/** Whether the control beside a value keeps child policies from assigning one. */
export function forbidsAssign(node: Controlled): boolean {
  const control = node?.[CONTROL];
  return control !== undefined && !control.includes('@@all') && !control.includes(ASSIGN);
}

function forbidsEntries(node: Controlled): boolean {
  return node?.[CONTROL]?.length === 1 && node[CONTROL][0] === '@@none';
}
