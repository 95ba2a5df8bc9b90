import type { AiServicesOptOutProps } from '../ai-services-opt-out';
import type { OptOutPolicyDocument } from '../opt-out-policy-document';
import { ASSIGN, DEFAULT, forbidsAssign, lockOf, openValuesIn, type PolicyDocument } from '../policy';

/** Advice about a choice that is allowed. The code is public: consumers acknowledge warnings by it. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** Returns warnings about choices that are allowed but probably not intended. */
export function warningsFor(props: AiServicesOptOutProps, document: OptOutPolicyDocument): Warning[] {
  const warnings: Warning[] = [];
  const json: PolicyDocument = document.toJson();
  const unlocked = openValuesIn(json);
  if (props.childOverrides?._all || (props.document && unlocked.length > 0)) {
    warnings.push({
      code: 'childOverridesAllowed',
      message: `policies on OUs and accounts may opt back in (${unlocked.join(', ')} not locked), so this policy guarantees nothing by itself; `
        + 'use ChildOverrides.denied(), or allowedFor() for single services',
    });
  }
  if (props.document && document.defaultSetting === 'optOut' && !unlocked.includes(DEFAULT) && !lockOf(json).services) {
    warnings.push({
      code: 'childEntriesAllowed',
      message: 'policies on OUs and accounts may add entries for single services and so opt them in, because "services" is not locked; '
        + 'add "@@operators_allowed_for_child_policies": ["@@none"] under it',
    });
  }
  const unknown = document.namedServices.filter(({ isDocumented }) => !isDocumented).map(({ key }) => key);
  if (unknown.length > 0) {
    warnings.push({
      code: 'undocumentedService',
      message: `this release does not know the service ${unknown.length === 1 ? 'key' : 'keys'} ${unknown.join(', ')}; `
        + 'where AWS does not know it either, the deployment fails with MalformedPolicyDocument',
    });
  }
  const empty = Object.entries(json.services ?? {})
    .filter(([, { opt_out_policy: node }]) => forbidsAssign(node) && !node![ASSIGN]).map(([key]) => key);
  if (empty.length > 0) {
    warnings.push({
      code: 'lockWithoutSetting',
      message: `the document locks ${empty.join(', ')} without setting anything; add {"${ASSIGN}": "optOut"} beside the control, or drop the entry`,
    });
  }
  return warnings;
}
