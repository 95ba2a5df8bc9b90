import type { AiServicesOptOutProps } from '../ai-services-opt-out';
import type { OptOutPolicyDocument } from '../opt-out-policy-document';
import { ASSIGN, CONTROL, DEFAULT, type PolicyDocument } from '../policy';

/** Advice about a choice that is allowed. The code is public: consumers acknowledge warnings by it. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** What a platform team should know about its choices before it deploys them. */
export function warningsFor(props: AiServicesOptOutProps, document: OptOutPolicyDocument): Warning[] {
  const warnings: Warning[] = [];
  const { [CONTROL]: _control, ...entries } = (document.toJson() as PolicyDocument).services ?? {};
  const settings = Object.entries(entries).map(([key, { opt_out_policy: node }]) => ({
    key, setting: node?.[ASSIGN], locked: locks(node?.[CONTROL]),
  }));

  const unlocked = settings.filter(({ setting, locked }) => setting === 'optOut' && !locked).map(({ key }) => key);
  if (props.childOverrides?._all || (props.document && unlocked.length > 0)) {
    warnings.push({
      code: 'childOverridesAllowed',
      message: `policies on OUs and accounts may opt back in (${unlocked.join(', ')} not locked), so this policy guarantees nothing by itself; `
        + 'use ChildOverrides.denied(), or allowedFor() for single services',
    });
  }
  const { [CONTROL]: control } = (document.toJson() as PolicyDocument).services ?? {};
  if (props.document && document.defaultSetting === 'optOut' && !unlocked.includes(DEFAULT) && !locks(control)) {
    warnings.push({
      code: 'childEntriesAllowed',
      message: 'policies on OUs and accounts may add entries for single services and so opt them in, because "services" has no control; '
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
  const empty = settings.filter(({ setting, locked }) => !setting && locked).map(({ key }) => key);
  if (empty.length > 0) {
    warnings.push({
      code: 'lockWithoutSetting',
      message: `the document locks ${empty.join(', ')} without setting anything; add {"${ASSIGN}": "optOut"} beside the control, or drop the entry`,
    });
  }
  return warnings;
}

/** Whether a control keeps lower levels from assigning. */
function locks(control: string[] | undefined): boolean {
  return control !== undefined && !control.includes(ASSIGN) && !control.includes('@@all');
}
