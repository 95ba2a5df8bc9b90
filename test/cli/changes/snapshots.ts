import { desiredFrom, type Choices, type Desired } from '../../../src/cli/changes/desired';
import type { Ownership } from '../../../src/cli/changes/plan';
import type { Gap, OrganizationSnapshot, PolicyTypeStatus } from '../../../src/organization';
import { parsePolicy } from '../../../src/policy';

export const ROOT = 'r-root';
export const WORKLOADS = 'ou-root-workload';
export const PRODUCTION = 'ou-root-producti';
export const SANDBOX = 'ou-root-sandbox1';
export const MANAGEMENT = '111111111111';
export const SHOP = '222222222222';
export const PLAYGROUND = '333333333333';

export interface Sketch {
  readonly policyType?: PolicyTypeStatus;
  /** In the order of attachment. No content: it could not be read. */
  readonly policies?: { id: string; name?: string; content?: string; on?: string[] }[];
  readonly gaps?: Gap[];
}

/**
 * Root
 * ├─ management
 * ├─ Workloads / Production: shop
 * └─ Sandbox: playground, and a closed account
 */
export function sketched({ policyType = 'ENABLED', policies = [], gaps = [] }: Sketch = {}): OrganizationSnapshot {
  const attachments = new Map<string, string[]>();
  for (const { id, on = [] } of policies) {
    for (const target of on) attachments.set(target, [...attachments.get(target) ?? [], id]);
  }
  return {
    organizationId: 'o-organization',
    managementAccountId: MANAGEMENT,
    rootId: ROOT,
    policyType,
    units: [
      { id: WORKLOADS, name: 'Workloads', parentId: ROOT },
      { id: PRODUCTION, name: 'Production', parentId: WORKLOADS },
      { id: SANDBOX, name: 'Sandbox', parentId: ROOT },
    ],
    accounts: [
      { id: MANAGEMENT, name: 'management', parentId: ROOT, state: 'ACTIVE' },
      { id: SHOP, name: 'shop', parentId: PRODUCTION, state: 'ACTIVE' },
      { id: PLAYGROUND, name: 'playground', parentId: SANDBOX, state: 'ACTIVE' },
      { id: '444444444444', name: 'closed', parentId: SANDBOX, state: 'CLOSED' },
    ],
    policies: policies.map(({ id, name = id, content, on = [] }) => (
      { id, name, targetIds: on, ...(content === undefined ? {} : { content, document: parsePolicy(content) }) }
    )),
    attachments,
    gaps,
  };
}

/** The desired policy of choices that are right. */
export function desired(choices: Choices = {}): Desired {
  const result = desiredFrom(choices);
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result.desired;
}

export function owning(...ids: string[]): Ownership {
  return { own: new Set(ids), unknown: new Map() };
}
