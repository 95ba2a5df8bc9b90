import { isAiServicesOptOutPolicy } from './admission/ai-services-opt-out';
import { isObject } from './input';

/** Policy types that have effective policies: those that AWS calls declarative or management policies. */
export const EFFECTIVE_POLICY_TYPES = [
  'TAG_POLICY', 'BACKUP_POLICY', 'AISERVICES_OPT_OUT_POLICY', 'CHATBOT_POLICY', 'DECLARATIVE_POLICY_EC2', 'SECURITYHUB_POLICY',
  'INSPECTOR_POLICY', 'UPGRADE_ROLLOUT_POLICY', 'BEDROCK_POLICY', 'S3_POLICY', 'NETWORK_SECURITY_DIRECTOR_POLICY',
];

/** Every policy type of the service model. */
export const POLICY_TYPES = ['SERVICE_CONTROL_POLICY', 'RESOURCE_CONTROL_POLICY', ...EFFECTIVE_POLICY_TYPES];

/** The most policies of one type that an organization can have. */
export const MAX_POLICIES = 1000;

const AI_SERVICES_OPT_OUT = 'AISERVICES_OPT_OUT_POLICY';

// AWS's limits are not imported from src/, so that tests find a wrong limit there.
const MAX_CHARACTERS: Record<string, number> = {
  [AI_SERVICES_OPT_OUT]: 2_500,
  SERVICE_CONTROL_POLICY: 10_240,
  RESOURCE_CONTROL_POLICY: 5_120,
};
const MAX_ATTACHMENTS: Record<string, number> = {
  [AI_SERVICES_OPT_OUT]: 5,
  TAG_POLICY: 10,
};

/** The most characters that a policy can have, white space included. */
export function maxCharacters(type: string): number {
  return MAX_CHARACTERS[type] ?? 10_000;
}

/** The most policies of a type on one root, OU or account. Types without a documented limit have none. */
export function maxAttachments(type: string): number {
  return MAX_ATTACHMENTS[type] ?? Infinity;
}

/** Whether AWS accepts a content. Size is not checked. For types other than the AI services opt-out, any JSON object is accepted. */
export function admits(type: string, content: string): boolean {
  if (type === AI_SERVICES_OPT_OUT) return isAiServicesOptOutPolicy(content);
  try {
    return isObject(JSON.parse(content));
  } catch {
    return false;
  }
}
