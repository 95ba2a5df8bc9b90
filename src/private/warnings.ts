import { Annotations, CfnDeletionPolicy } from 'aws-cdk-lib';
import type { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import type { AiServicesOptOutProps } from '../ai-services-opt-out';
import type { OptOutPolicyDocument } from '../opt-out-policy-document';
import { ASSIGN, DEFAULT, forbidsAssign, hintForService, lockOf, openValuesIn, type PolicyDocument } from '../policy';

/** Advice about a choice that is allowed. The code is public: consumers acknowledge warnings by it. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** Returns warnings about choices that are allowed but probably not intended. */
export function warningsFor(props: AiServicesOptOutProps, document: OptOutPolicyDocument): Warning[] {
  // The second synthesis has the final content.
  if (document._isPlaceholder) return [];
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
      message: `AWS did not document the service ${unknown.length === 1 ? 'key' : 'keys'} ${unknown.map((key) => `${key} (${hintForService(key)})`).join(', ')} `
        + 'when this version was released; if AWS does not accept it, the deployment fails with MalformedPolicyDocument',
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

/**
 * Warns if CloudFormation would delete the policy with its stack, whatever set that: `removalPolicy` or an aspect.
 *
 * A validation of the policy calls it, because validations run after all aspects. The warning is on the policy and not on the construct around
 * it: at aws-cdk-lib 2.239 a construct's own acknowledgement does not reach warnings that are added to it later.
 */
export function warnIfDeleted(policy: CfnPolicy): void {
  const { deletionPolicy } = policy.cfnOptions;
  if (deletionPolicy !== undefined && deletionPolicy !== CfnDeletionPolicy.DELETE) return;
  Annotations.of(policy).addWarningV2('cdk-ai-services-opt-out:policyDeletedWithStack',
    'the deletion policy of the opt-out policy is Delete, so deleting the stack, or removing the construct from it, opts the organization back in; '
    + 'use RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, exclude AWS::Organizations::Policy from RemovalPolicies, or acknowledge this');
}
