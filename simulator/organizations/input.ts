import { refusals } from './errors';

/** What one member of a request has to look like. */
export interface Rule {
  readonly required: boolean;
  check(value: unknown, member: string): void;
}

/** The members that an operation reads. Others are ignored, as AWS does. */
export type Rules = Record<string, Rule>;

/** Ids as the service model spells them, each pattern anchored at both ends. */
const ROOT_ID = /^r-[0-9a-z]{4,32}$/;
const UNIT_ID = /^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/;
const ACCOUNT_ID = /^\d{12}$/;
const POLICY_ID = /^p-[0-9a-zA-Z_]{8,128}$/;
const RESOURCE_POLICY_ID = /^rp-[0-9a-zA-Z_]{4,128}$/;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** A text, counted in characters, not in bytes or UTF-16 units. */
export function text(limits: { min?: number; max?: number; pattern?: RegExp; reason?: string } = {}): Rule {
  return rule((value, member) => {
    if (typeof value !== 'string') throw wrongType(member, 'a string');
    const characters = [...value].length;
    if (characters < (limits.min ?? 0)) throw refusals.outOfBounds(`MIN_LENGTH_EXCEEDED:${reasonSuffix(member)}`);
    if (characters > (limits.max ?? Infinity)) throw refusals.outOfBounds(`MAX_LENGTH_EXCEEDED:${reasonSuffix(member)}`);
    if (limits.pattern && !limits.pattern.test(value)) {
      throw refusals.patternMismatch(limits.reason ?? `INVALID_PATTERN:${reasonSuffix(member)}`);
    }
  });
}

/** One of several words. */
export function choice(words: readonly string[]): Rule {
  return rule((value, member) => {
    if (typeof value !== 'string') throw wrongType(member, 'a string');
    if (!words.includes(value)) throw refusals.notAMember(reasonSuffix(member));
  });
}

/** The same member, but it has to be there. */
export function required(optional: Rule): Rule {
  return { ...optional, required: true };
}

/** A rule that looks at the value itself. */
export function rule(check: Rule['check']): Rule {
  return { required: false, check };
}

export const rootId = text({ pattern: ROOT_ID });
export const unitId = text({ pattern: UNIT_ID });
export const accountId = text({ pattern: ACCOUNT_ID });
export const parentId = text({ pattern: either(ROOT_ID, UNIT_ID) });
export const childId = text({ pattern: either(ACCOUNT_ID, UNIT_ID) });
export const servicePrincipal = text({ min: 1, max: 128, pattern: /^[\w+=,.@-]*$/ });
export const policyId = text({ pattern: POLICY_ID, reason: 'INVALID_SYNTAX_POLICY_ID' });
export const targetId = text({ max: 100, pattern: either(ROOT_ID, UNIT_ID, ACCOUNT_ID), reason: 'INVALID_PATTERN_TARGET_ID' });
export const taggableId = text({ max: 130, pattern: either(ROOT_ID, UNIT_ID, ACCOUNT_ID, POLICY_ID, RESOURCE_POLICY_ID) });

/** The two members of every List operation. */
export const paging: Rules = {
  NextToken: rule((value, member) => {
    if (typeof value !== 'string') throw wrongType(member, 'a string');
    if (value === '') throw refusals.invalidToken();
  }),
  MaxResults: rule((value, member) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(member, 'an integer');
    if (value < 1) throw refusals.outOfBounds(`MIN_VALUE_EXCEEDED:${reasonSuffix(member)}`);
    if (value > 20) throw refusals.outOfBounds(`MAX_VALUE_EXCEEDED:${reasonSuffix(member)}`);
  }),
};

const tagKey = text({ min: 1, max: 128, pattern: TAG_TEXT });
const tagValue = text({ max: 256, pattern: TAG_TEXT });

/** Tags to put on something: keys unique and not AWS's own. */
export const tags = rule((value, member) => {
  if (!Array.isArray(value)) throw wrongType(member, 'a list');
  const seen = new Set<string>();
  for (const [index, tag] of value.entries()) {
    if (!isObject(tag)) throw wrongType(member, 'a list of tags');
    // As recorded: a Reason names the second key TAGS_2_MEMBER_KEY.
    const path = `${member}_${index + 1}_Member_`;
    validate({ [`${path}Key`]: tag.Key, [`${path}Value`]: tag.Value }, { [`${path}Key`]: required(tagKey), [`${path}Value`]: required(tagValue) });
    const key = tag.Key as string;
    if (/^aws:/i.test(key)) throw refusals.systemTag();
    if (seen.has(key)) throw refusals.duplicateTagKey();
    seen.add(key);
  }
});

export const tagKeys = rule((value, member) => {
  if (!Array.isArray(value)) throw wrongType(member, 'a list');
  for (const key of value) tagKey.check(key, 'TagKey');
});

/** Throws the InvalidInputException of the first member that breaks its rule. */
export function validate(input: object, rules: Rules): void {
  for (const [member, memberRule] of Object.entries(rules)) {
    const value = (input as Record<string, unknown>)[member];
    if (value !== undefined && value !== null) {
      memberRule.check(value, member);
    } else if (memberRule.required) {
      throw refusals.inputRequired(reasonSuffix(member));
    }
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As recorded: `PolicyType` is named `POLICY_TYPE` in a Reason. */
function reasonSuffix(member: string): string {
  return member.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

function wrongType(member: string, expected: string) {
  return refusals.serialization(`${member} has to be ${expected}`);
}

function either(...patterns: RegExp[]): RegExp {
  return new RegExp(patterns.map((pattern) => `(?:${pattern.source})`).join('|'));
}
