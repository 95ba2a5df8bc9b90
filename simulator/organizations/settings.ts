/** How the simulated organization behaves. Every setting may be changed at any time. */
export interface Settings {
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
}

export const DEFAULT_SETTINGS: Settings = {
  enableDelayMs: 0,
  disableDelayMs: 0,
  effectivePolicyDelayMs: 2500,
  pageSize: 20,
  emptyPages: [],
};
