import { ASSIGN, CONTROL, DEFAULT, type EffectiveDocument, type PolicyDocument, type Setting } from './grammar';
import { forbidsAssign } from './locks';

/**
 * How AWS merges the policies on the way from the root to an account.
 *
 * - Levels are walked from the root down. A lower level's `@@assign` replaces what it inherits.
 * - Within a level the first attached policy that assigns a value wins, and controls intersect.
 * - A control binds the levels below, never its own policy and never a peer, and cannot be lifted below.
 * - A control beside an `@@assign` protects that value. A control on a container (`services` or a service) keeps lower levels from adding
 *   members and freezes nothing that is already there. One on the document has nothing to guard: every document has `services`.
 * - Only the forbidden part of a document is dropped; the rest of it applies.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
 */
export interface PolicyLevel {
  /** How people know this root, OU or account. */
  readonly name: string;
  /** In the order in which they were attached. */
  readonly policies: LevelPolicy[];
}

export interface LevelPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** A value that some policy assigned. */
export interface Assignment {
  readonly setting: Setting;
  readonly level: string;
  readonly policy: string;
}

/**
 * Why an assignment has no effect:
 * - `replaced`: a lower level assigned another one;
 * - `peer`: a policy attached earlier to the same target assigned one;
 * - `locked`: a level above does not allow this value to be changed;
 * - `container`: a level above does not allow this entry to be added.
 */
export type Overruling = 'replaced' | 'peer' | 'locked' | 'container';

/** Hears of every assignment that has no effect. */
export type OverrulingListener = (key: string, assignment: Assignment, why: Overruling) => void;

/** The operators that lower levels may use on a node; absent means all. */
type Allowed = Set<string> | undefined;

/** The assignment that holds for each entry, `default` among them. */
export function merge(levels: PolicyLevel[], overrule: OverrulingListener = () => {}): Map<string, Assignment> {
  const winners = new Map<string, Assignment>();
  // The nodes that exist, by path: /services, /services/lex, /services/lex/opt_out_policy. Keys hold no slash.
  let above = new Map<string, Allowed>();

  for (const { name: level, policies } of levels) {
    const here = new Map(above);
    const inherited = new Map(winners);
    const permitted = (path: string) => above.get(path)?.has(ASSIGN) ?? true;
    // Takes a node and its control over, unless it is new and a control from above keeps its parent from growing.
    const enter = (path: string, control?: string[]) => {
      if (!above.has(path) && !permitted(path.slice(0, path.lastIndexOf('/')))) return false;
      here.set(path, intersect(here.get(path), control));
      return true;
    };

    for (const { name: policy, document } of policies) {
      const { [CONTROL]: control, ...services } = document.services ?? {};
      const open = enter('/services', control);
      for (const [key, service] of Object.entries(services)) {
        const { opt_out_policy: node } = service;
        const path = `/services/${key}/opt_out_policy`;
        const entered = open && enter(`/services/${key}`, service[CONTROL]) && node && enter(path, node[CONTROL]);
        const setting = node?.[ASSIGN];
        if (!setting) continue;

        const assignment = { setting, level, policy };
        const before = inherited.get(key);
        const why = !entered ? 'container' : !permitted(path) ? 'locked' : winners.get(key) !== before ? 'peer' : undefined;
        if (why) {
          overrule(key, assignment, why);
        } else {
          if (before) overrule(key, before, 'replaced');
          winners.set(key, assignment);
        }
      }
    }
    above = here;
  }
  return winners;
}

/** What governs a service: its own entry, or else the one for `default`. Nothing where no policy says anything: AWS's own default. */
export function governing(winners: Map<string, Assignment>, key: string): Assignment | undefined {
  return winners.get(key) ?? winners.get(DEFAULT);
}

/** Whether a document alone opts out of all that another one alone opts out of. */
export function coversAll(document: PolicyDocument, other: PolicyDocument): boolean {
  const [ours, theirs] = [document, other].map((alone) => merge([{ name: '', policies: [{ name: '', document: alone }] }]));
  return [DEFAULT, ...ours.keys(), ...theirs.keys()].every((key) => (
    governing(theirs, key)?.setting !== 'optOut' || governing(ours, key)?.setting === 'optOut'
  ));
}

/** What becomes of one entry. */
export interface Decision {
  readonly key: string;
  /** The assignment that holds for the service, be it by the entry for `default`. */
  readonly winner?: Assignment;
  readonly overruled: (Assignment & { readonly why: Overruling })[];
  /** Whether the setting is the same however AWS handles unrecorded cases. */
  readonly certain: boolean;
}

/** A decision with its reasons for every entry that some policy names, sorted by key. */
export function evaluate(levels: PolicyLevel[]): Decision[] {
  const overruled = new Map<string, Decision['overruled']>();
  const winners = merge(levels, (key, assignment, why) => {
    overruled.set(key, [...overruled.get(key) ?? [], { ...assignment, why }]);
  });
  const possible = possibleSettings(levels);
  const settingsOf = (key: string) => [...possible.get(key) ?? [undefined]];

  return [...new Set([...winners.keys(), ...overruled.keys()])].sort().map((key) => ({
    key,
    winner: governing(winners, key),
    overruled: overruled.get(key) ?? [],
    certain: new Set(settingsOf(key).flatMap((setting) => setting ?? settingsOf(DEFAULT))).size === 1,
  }));
}

/**
 * Returns the settings that each entry can have, depending on how AWS handles unrecorded cases; `undefined` stands for no entry.
 *
 * - Recorded: an assignment replaces what it inherits; a control beside a value locks it; a control on a service locks no value in it.
 * - Not recorded: which of several peers wins; what a control on `services` or on the document does; whether a control on a service keeps
 *   a value from being added to it; what `@@assign` on the document does.
 */
function possibleSettings(levels: PolicyLevel[]): Map<string, Set<Setting | undefined>> {
  const possible = new Map<string, Set<Setting | undefined>>();
  const settingsOf = (key: string) => possible.get(key) ?? new Set([undefined]);
  const locked = new Set<string>();
  const perhapsLocked = new Set<string>();
  const closedServices = new Set<string>();
  let closed = false;

  for (const { policies } of levels) {
    const documents = policies.map(({ document }) => document);
    const open = [...possible.keys()].filter((key) => !locked.has(key));
    if (documents.some((document) => ASSIGN in document)) open.forEach((key) => settingsOf(key).add(undefined));

    // The control of `services` is among them. It does no harm, because a list has neither settings nor a control.
    const entries = documents.flatMap(({ services = {} }) => Object.entries(services));
    for (const [key] of new Map(entries)) {
      const nodes = entries.filter(([other]) => other === key).map(([, node]) => node);
      const assigned = nodes.flatMap(({ opt_out_policy: node }) => node?.[ASSIGN] ?? []);
      const perhapsDropped = closed || perhapsLocked.has(key) || (closedServices.has(key) && settingsOf(key).has(undefined));
      if (assigned.length > 0 && !locked.has(key)) possible.set(key, new Set([...perhapsDropped ? settingsOf(key) : [], ...assigned]));
      if (nodes.some(({ opt_out_policy: node }) => forbidsAssign(node))) (perhapsDropped ? perhapsLocked : locked).add(key);
      if (nodes.some(forbidsAssign)) closedServices.add(key);
    }
    closed ||= documents.some((document) => forbidsAssign(document) || forbidsAssign(document.services));
  }
  return possible;
}

/** What DescribeEffectivePolicy answers for the account at the end of these levels. */
export function effectiveDocument(levels: PolicyLevel[]): EffectiveDocument {
  const services = [...merge(levels)].map(([key, { setting }]) => [key, { opt_out_policy: setting }]);
  return services.length === 0 ? {} : { services: Object.fromEntries(services) };
}

function intersect(allowed: Allowed, control: string[] | undefined): Allowed {
  if (!control || control.includes('@@all')) return allowed;
  return new Set(control.filter((operator) => allowed?.has(operator) ?? true));
}
