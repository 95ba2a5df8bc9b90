import { DEFAULT_INHERITANCE, type InheritanceOptions } from './effective-policy/options';
import { DEFAULT_UNDOCUMENTED_RATE, type Rate } from './rates';

/** How the simulated organization behaves, and how it merges policies where AWS documents nothing. Every setting can be changed at any time. */
export interface Settings extends InheritanceOptions {
  /** How long EnablePolicyType leaves a type in PENDING_ENABLE. Recorded: not at all. */
  enableDelayMs: number;

  /** How long DisablePolicyType leaves a type in PENDING_DISABLE. */
  disableDelayMs: number;

  /** How long DescribeEffectivePolicy keeps answering what was true before a change. Recorded: mostly 2 to 3 seconds. */
  effectivePolicyDelayMs: number;

  /** Items in a full page. AWS never gives more than 20, and a smaller MaxResults still counts. */
  pageSize: number;

  /** List operations whose first page is empty and carries a NextToken, which AWS reserves the right to do. */
  emptyPages: string[];

  /** How long CloseAccount leaves an account in PENDING_CLOSURE. Documented: a few minutes. */
  closeDelayMs: number;

  /** Whether callers that are faster than the service's documented rates get a TooManyRequestsException. */
  throttling: boolean;

  /** The rate, per account, of the operations that AWS documents none for. */
  undocumentedRate: Rate;
}

export const DEFAULT_SETTINGS: Settings = {
  ...DEFAULT_INHERITANCE,
  enableDelayMs: 0,
  disableDelayMs: 0,
  effectivePolicyDelayMs: 2500,
  pageSize: 20,
  emptyPages: [],
  closeDelayMs: 180_000,
  throttling: false,
  undocumentedRate: DEFAULT_UNDOCUMENTED_RATE,
};
