import type { PolicyTypeStatus } from './snapshot';
import type { Decision, EffectiveDocument } from '../policy';

/** Three, never two: what is not known is not "not opted out", and even less "opted out". */
export type Status = 'optedOut' | 'notOptedOut' | 'unknown';

/**
 * Where a status comes from.
 *
 * - `effective`: the account's effective policy (DescribeEffectivePolicy).
 * - `computed`: the policies and the tree, by the rules of inheritance.
 * - `path`: computed, and the effective policy of another account with the same policies on its path agrees; or, for `notOptedOut` only, that
 *   effective policy shows the result where the rules are not certain.
 */
export type EvidenceKind = 'effective' | 'computed' | 'path';

/** Which evidence was asked for. `auto`: effective up to 500 accounts, above that computed with AWS asked where that is not certain. */
export type EvidenceMode = 'auto' | 'effective' | 'computed';

/** What was found out about an organization. The JSON output of the command line is this, so a change of shape changes `schemaVersion`. */
export interface Verification {
  readonly schemaVersion: 1;
  /** The worst of all: `optedOut` only where every active account is. */
  readonly status: Status;
  readonly summary: Summary;
  readonly organization: OrganizationFacts;
  readonly askedBy: { readonly arn: string; readonly accountId: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly evidence: EvidenceMode;
  readonly checklist: Check[];
  readonly findings: Finding[];
  readonly units: UnitFacts[];
  readonly policies: PolicyFacts[];
  /** Active accounts. */
  readonly accounts: AccountFacts[];
  /** Suspended, closed and pending ones: listed, not judged. */
  readonly inactiveAccounts: InactiveAccount[];
  /** Calls made, by operation. */
  readonly calls: Record<string, number>;
}

export interface Summary {
  readonly accounts: number;
  readonly optedOut: number;
  readonly notOptedOut: number;
  readonly unknown: number;
  readonly inactive: number;
}

export interface OrganizationFacts {
  readonly id: string;
  readonly managementAccountId: string;
  readonly rootId: string;
  readonly policyType: PolicyTypeStatus;
  /** False where a member account could only ask about itself: `accounts` is that one. */
  readonly complete: boolean;
}

/** One line of the checklist an auditor goes through. */
export interface Check {
  readonly id: 'policyTypeEnabled' | 'defaultCovered' | 'attachedToRoot' | 'locked' | 'everyAccountEffective' | 'evidence';
  readonly title: string;
  readonly passed: boolean | undefined;
  readonly detail: string;
}

export type FindingSeverity = 'error' | 'warning' | 'info';

/** Something a person should know, with what to do. */
export interface Finding {
  readonly code:
    | 'policyTypeNotEnabled' | 'policyAttachedNowhere' | 'policyOverruled' | 'policyUnlocked' | 'policyDuplicate' | 'overriddenBelow' | 'invalidEffectivePolicy'
    | 'evidenceDisagrees' | 'notRead' | 'noPolicy' | 'unstable' | 'notCovered';
  readonly severity: FindingSeverity;
  readonly message: string;
  /** Ids of accounts, OUs and policies it is about. */
  readonly ids: string[];
  /** Where the two kinds of evidence disagree: both documents. */
  readonly computed?: EffectiveDocument;
  readonly effective?: EffectiveDocument;
}

export interface UnitFacts {
  readonly id: string;
  readonly name: string;
  readonly parentId: string;
  readonly policyIds: string[];
}

export interface PolicyFacts {
  readonly id: string;
  readonly name: string;
  readonly content?: string;
  readonly characters?: number;
  readonly targetIds: string[];
  /** What the locks guard; undefined where the content could not be read. */
  readonly lock?: { readonly services: boolean; readonly default: boolean; readonly value: boolean };
}

export interface AccountFacts {
  readonly id: string;
  readonly name: string;
  readonly parentId: string;
  readonly status: Status;
  /** In words: what decided it, or why it is unknown. */
  readonly reason: string;
  readonly evidence: EvidenceKind | undefined;
  /** Per entry of the merged document; absent where nothing could be computed. */
  readonly decisions?: Decision[];
  /** The effective policy, if it was read. */
  readonly effective?: EffectiveDocument;
  /** Those on the account itself. */
  readonly policyIds: string[];
}

export interface InactiveAccount {
  readonly id: string;
  readonly name: string;
  readonly parentId: string;
  /** As AWS has it, or `LEFT` for an account that left the organization while it was verified. */
  readonly state: string;
}
