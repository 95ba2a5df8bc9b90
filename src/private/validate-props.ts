import { RemovalPolicy, Stack, Token, type Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { check, supportedRegion, known, type Rule } from './rules';
import {
  CHILD_OVERRIDES, DOCUMENT, DURATION, LOG_GROUP, REMOVAL_POLICY, requireTypes, ROLE, SCOPE, TEXT, type TypeOrList,
} from './types';
import type { AiServicesOptOutProps } from '../ai-services-opt-out';
import { policyNameProblem } from '../policy';

const TYPES: Record<keyof AiServicesOptOutProps, TypeOrList> = {
  services: SCOPE,
  childOverrides: CHILD_OVERRIDES,
  document: DOCUMENT,
  targetIds: [TEXT],
  policyName: TEXT,
  description: TEXT,
  removalPolicy: REMOVAL_POLICY,
  enablementTimeout: DURATION,
  logGroup: LOG_GROUP,
  role: ROLE,
};

/** The ids that a policy can be attached to, as the Organizations service model has them. */
const TARGET_ID = /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12})$/;

const MAX_DESCRIPTION = 512;

/** Reports everything that is wrong with the props at once. Tokens pass: what they stand for is known only at deployment. */
export function validateProps(scope: IConstruct, props: AiServicesOptOutProps): void {
  requireTypes(props, TYPES, [], scope);
  const { document, services, childOverrides, targetIds, policyName, description, removalPolicy, enablementTimeout } = props;
  const ids = targetIds === undefined || Token.isUnresolved(targetIds) ? undefined : targetIds.filter(known);
  const malformed = (ids ?? []).filter((id) => !TARGET_ID.test(id));
  const twice = (ids ?? []).filter((id, index, all) => all.indexOf(id) !== index);

  const rules: Rule[] = [
    {
      broken: document !== undefined && services !== undefined,
      message: () => 'document and services exclude each other, got both; leave one out',
    },
    {
      broken: document !== undefined && childOverrides !== undefined,
      message: () => 'document and childOverrides exclude each other, got both; the document has its own controls, so leave childOverrides out',
    },
    {
      broken: document !== undefined && !document.defaultSetting && document.namedServices.every((service) => !document.settingFor(service)),
      message: () => 'document sets nothing; give it at least one entry with {"opt_out_policy": {"@@assign": "optOut"}}',
    },
    {
      broken: targetIds !== undefined && ids !== undefined && targetIds.length === 0,
      message: () => 'targetIds must name at least one root, OU or account, got an empty list; leave it out for the organization root',
    },
    {
      broken: malformed.length > 0,
      message: () => 'targetIds must be a root id (r-abcd), an OU id (ou-abcd-12345678) or an account id (12 digits), '
        + `got ${malformed.map((id) => JSON.stringify(id)).join(', ')}`,
    },
    {
      broken: twice.length > 0,
      message: () => `targetIds names ${[...new Set(twice)].join(', ')} more than once; name each target once`,
    },
    {
      broken: known(policyName) && policyNameProblem(policyName) !== undefined,
      message: () => `policyName ${policyNameProblem(policyName!)}`,
    },
    {
      broken: known(description) && description.length > MAX_DESCRIPTION,
      message: () => `description must have at most ${MAX_DESCRIPTION} characters, got ${description!.length}`,
    },
    {
      broken: enablementTimeout !== undefined && !isTimeout(enablementTimeout),
      message: () => 'enablementTimeout must be 1 to 14 minutes in whole seconds, '
        + `got ${enablementTimeout!.isUnresolved() ? 'a token, which cannot set the timeout of a function' : enablementTimeout!.toHumanString()}`,
    },
    {
      broken: removalPolicy === RemovalPolicy.SNAPSHOT,
      message: () => 'removalPolicy must be RETAIN_ON_UPDATE_OR_DELETE, RETAIN or DESTROY, got SNAPSHOT; a policy has no snapshots',
    },
    supportedRegion(Stack.of(scope).region),
  ];
  check(scope, rules);
}

function isTimeout(duration: Duration): boolean {
  if (duration.isUnresolved()) return false;
  const seconds = duration.toSeconds({ integral: false });
  return Number.isInteger(seconds) && seconds >= 60 && seconds <= 14 * 60;
}
