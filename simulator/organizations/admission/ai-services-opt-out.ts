import { hasDuplicateKeys } from './duplicate-keys';
import { isObject } from '../input';

/** Service keys that CreatePolicy accepted when they were recorded, on 13 September 2026. */
const RECORDED_KEYS = [
  'aidevops', 'aiops', 'awssupplychain', 'biodiscovery', 'chimesdkvoiceanalytics', 'cloudwatch', 'codeguruprofiler', 'codewhisperer',
  'comprehend', 'config', 'connect', 'connectamd', 'connectdecision', 'connecthealth::operations', 'connecthealth::training',
  'connectoptimization', 'contactlens', 'datazone', 'default', 'dms', 'entityresolution', 'finopsagent', 'frauddetector', 'glue', 'guardduty',
  'lex', 'polly', 'q', 'quicksightq', 'rekognition', 'scenariodiscovery', 'securityhub', 'securitylake', 'textract', 'transcribe', 'transform',
  'translate', 'workspaces',
];

/** Service keys that were documented later. */
const DOCUMENTED_KEYS = ['connecttalent'];

const CHILD_CONTROL = '@@operators_allowed_for_child_policies';
const OPERATORS = ['@@all', '@@none', '@@assign', '@@append', '@@remove'];

/** Whether a parsed value is what the grammar has at its place. */
type Rule = (value: unknown) => boolean;

const setting = members({ '@@assign': (value) => value === 'optIn' || value === 'optOut' });
const service = members({ opt_out_policy: setting });
const services = members(Object.fromEntries([...RECORDED_KEYS, ...DOCUMENTED_KEYS].map((key) => [key, service])));
const content = members({ 'services': services, '@@assign': isFlat, '@@append': isFlat, '@@remove': isFlat });

/**
 * Whether CreatePolicy and UpdatePolicy accept a text as the content of an AI services opt-out policy. Size is not checked.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out_syntax.html
 */
export function isAiServicesOptOutPolicy(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text);
    return content(document) && Object.hasOwn(document as object, 'services') && !hasDuplicateKeys(text);
  } catch {
    return false;
  }
}

/** An object with none but these members, each optional. Every object may have a child control as well. */
function members(rules: Record<string, Rule>): Rule {
  const byKey = new Map(Object.entries({ ...rules, [CHILD_CONTROL]: isChildControl }));
  return (value) => isObject(value) && Object.entries(value).every(([key, member]) => byKey.get(key)?.(member) ?? false);
}

function isChildControl(value: unknown): boolean {
  return Array.isArray(value)
    && value.length > 0
    && value.every((word) => OPERATORS.includes(word))
    && new Set(value).size === value.length
    && (value.length === 1 || !value.includes('@@none'));
}

/** A scalar, or a list of scalars: what CreatePolicy accepts for a value operator on the whole document. */
function isFlat(value: unknown): boolean {
  return [value].flat().every((item) => typeof item !== 'object' || item === null);
}
