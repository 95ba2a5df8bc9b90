import { isAiServicesOptOutPolicy } from './admission/ai-services-opt-out';
import { isObject } from './input';

/** Policy types whose effective policy can be asked for: those that AWS calls declarative or management policies. */
export const EFFECTIVE_POLICY_TYPES = [
  'TAG_POLICY', 'BACKUP_POLICY', 'AISERVICES_OPT_OUT_POLICY', 'CHATBOT_POLICY', 'DECLARATIVE_POLICY_EC2', 'SECURITYHUB_POLICY',
  'INSPECTOR_POLICY', 'UPGRADE_ROLLOUT_POLICY', 'BEDROCK_POLICY', 'S3_POLICY', 'NETWORK_SECURITY_DIRECTOR_POLICY',
];

/** Every policy type of the service model. */
export const POLICY_TYPES = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY', ...EFFECTIVE_POLICY_TYPES];

/** Policies of one type in an organization. */
export const MAX_POLICIES = 1000;

const AI_SERVICES_OPT_OUT = 'AISERVICES_OPT_OUT_POLICY';

// AWS's numbers are written out here and not taken from src/, so that a wrong one there does not go unnoticed.
const MAX_CHARACTERS: Record<string, number> = {
  [AI_SERVICES_OPT_OUT]: 2_500,
  SERVICE_CONTROL_POLICY: 10_240,
  RESOURCE_CONTROL_POLICY: 5_120,
};
const MAX_ATTACHMENTS: Record<string, number> = {
  [AI_SERVICES_OPT_OUT]: 5,
  TAG_POLICY: 10,
};

/** Characters that a policy may have, white space included. */
export function maxCharacters(type: string): number {
  return MAX_CHARACTERS[type] ?? 10_000;
}

/** Policies of a type that one root, OU or account may carry. Types whose limit this project has no source for have none. */
export function maxAttachments(type: string): number {
  return MAX_ATTACHMENTS[type] ?? Infinity;
}

/** Whether AWS admits a content, its length aside. Types other than the AI services opt-out only have to be JSON objects here. */
export function admits(type: string, content: string): boolean {
  if (type === AI_SERVICES_OPT_OUT) return isAiServicesOptOutPolicy(content);
  try {
    return isObject(JSON.parse(content));
  } catch {
    return false;
  }
}
