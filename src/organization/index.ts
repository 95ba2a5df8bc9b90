/** Reading an organization and finding out which of its accounts are really opted out. No SDK, no CDK: calls go through what is handed in. */
export { organizationsClient, sendThrough, SDK_CONFIGURATION } from './organizations-client';
export type { OrganizationsClient, OrganizationsClientOptions, Send } from './organizations-client';
export { readOrganization } from './read-organization';
export type { ReadOptions } from './read-organization';
export { isActive } from './read-tree';
export { PolicyPaths } from './policy-paths';
export type { Level, PolicyPath } from './policy-paths';
export { gatherEvidence } from './evidence';
export type { Evidence, VerifyOptions } from './evidence';
export type { Judgement } from './judgement';
export { verifyOrganization } from './verify';
export { describeError, isDenied, OrganizationsError } from './errors';
export type { OrganizationsErrorCode } from './errors';
export type { Clock } from './clock';
export type { Phase, Progress, ProgressListener } from './progress';
export type * from './snapshot';
export type * from './verification';
