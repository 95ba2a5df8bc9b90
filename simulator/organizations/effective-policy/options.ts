/**
 * How AWS merges policies where it documents nothing, or where no recorded answer confirms the documentation.
 * Rules that were recorded are not options. The defaults are in `DEFAULT_INHERITANCE`.
 */
export interface InheritanceOptions {
  /**
   * Which `@@assign` takes effect if several policies on one target assign a value to the same node.
   * That the first attached policy wins is documented (inheritance examples, example 6), and recorded for the root but not for OUs and accounts.
   */
  peerPrecedence: 'firstAttached' | 'lastAttached';

  /**
   * Which child controls on a container (`services` or one service) keep child policies from adding members to it.
   * Documented for `["@@none"]` (AI services opt-out syntax, example 1). For other lists without `@@assign` nothing is documented.
   */
  membersBlockedBy: 'controlsWithoutAssign' | 'noneOnly' | 'nothing';

  /**
   * Whether a member without a value, as in `"lex": {}`, exists for child policies.
   * A member that does not exist is a new one, so a control on its container can block it.
   */
  membersWithoutValue: 'exist' | 'doNotExist';

  /** What a child control on `services` restricts: adding services, or every operator below it. Recorded for a control on one service: its members. */
  servicesControl: 'members' | 'descendants';

  /** What a child control on the whole document restricts: adding `services`, which every document has, or every operator below it. */
  documentControl: 'members' | 'descendants';

  /** Whether `@@assign` on the whole document, which CreatePolicy accepts, removes the inherited values that are not locked. */
  documentAssign: 'ignored' | 'replacesInherited';
}

/** What AWS documents. Where AWS documents nothing, each rule is that of the nearest recorded case. */
export const DEFAULT_INHERITANCE: InheritanceOptions = {
  peerPrecedence: 'firstAttached',
  membersBlockedBy: 'controlsWithoutAssign',
  membersWithoutValue: 'exist',
  servicesControl: 'members',
  documentControl: 'members',
  documentAssign: 'ignored',
};
