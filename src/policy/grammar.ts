/**
 * The words of an AI services opt-out policy.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
 */

/** The policy type as the Organizations API spells it. */
export const POLICY_TYPE = 'AISERVICES_OPT_OUT_POLICY';

/** Characters a policy of this type may have, white space included. */
export const MAX_POLICY_CHARACTERS = 2500;

/** Policies of this type that a root, OU or account may have attached to itself. */
export const MAX_POLICIES_PER_TARGET = 5;

export const ASSIGN = '@@assign';
export const CONTROL = '@@operators_allowed_for_child_policies';

/** What `CONTROL` may list. */
export const CONTROL_WORDS = ['@@all', '@@none', ASSIGN, '@@append', '@@remove'];

/** The entry for every service that has none of its own, future ones included. */
export const DEFAULT = 'default';

export type Setting = 'optIn' | 'optOut';

/** A key that AWS could use for a service. Two documented keys contain `::`. */
export const SERVICE_KEY = /^[a-z0-9]+(::[a-z0-9]+)*$/;

interface Controlled {
  readonly [CONTROL]?: string[];
}

export interface SettingNode extends Controlled {
  readonly [ASSIGN]?: Setting;
}

export interface ServiceNode extends Controlled {
  readonly opt_out_policy?: SettingNode;
}

/** The content of a policy, parsed. */
export interface PolicyDocument extends Controlled {
  readonly services?: Controlled & { readonly [key: string]: ServiceNode };
}

/** What DescribeEffectivePolicy answers: operators resolved, controls gone. */
export interface EffectiveDocument {
  readonly services?: { readonly [key: string]: { readonly opt_out_policy: Setting } };
}
