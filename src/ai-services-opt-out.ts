import { Annotations, CfnResource, Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { Construct } from 'constructs';
import type { ChildOverrides } from './child-overrides';
import { OptOutPolicyDocument } from './opt-out-policy-document';
import { OptOutScope } from './opt-out-scope';
import { POLICY_TYPE } from './policy';
import { finalProperties } from './private/final-properties';
import { PolicyTypeFunction } from './private/policy-type-function';
import { uniquePolicyName } from './private/unique-policy-name';
import { validateProps } from './private/validate-props';
import { warnIfDeleted, warningsFor } from './private/warnings';

/**
 * What to opt out of, where, and how.
 */
export interface AiServicesOptOutProps {
  /**
   * The services that the policy opts out of.
   *
   * @default - every service, those included that AWS adds in future
   */
  readonly services?: OptOutScope;

  /**
   * Whether policies on OUs and accounts may opt back in.
   *
   * @default - they may not: the policy is locked
   */
  readonly childOverrides?: ChildOverrides;

  /**
   * The whole content of the policy, instead of `services` and `childOverrides`.
   *
   * @default - made from `services` and `childOverrides`
   */
  readonly document?: OptOutPolicyDocument;

  /**
   * Where the policy is attached: ids of a root (`r-abcd`), OUs (`ou-abcd-12345678`) or accounts (12 digits). Tokens pass.
   *
   * @default - the organization root, found during deployment: every account, the management account included
   */
  readonly targetIds?: string[];

  /**
   * The policy's name, 1 to 128 characters, unique among the organization's AI services opt-out policies.
   *
   * A deployment fails when another policy has that name, and says so.
   *
   * @default - stack name, construct path and the first block of the stack's UUID, which no other stack has
   */
  readonly policyName?: string;

  /**
   * The policy's description, up to 512 characters.
   *
   * @default - says that the policy opts out of AI service data use and which library made it
   */
  readonly description?: string;

  /**
   * What becomes of the policy when the stack is deleted or no longer contains it. The policy type stays enabled in any case.
   *
   * `RETAIN_ON_UPDATE_OR_DELETE` keeps it, but lets a failed first deployment clean up after itself. `DESTROY` opts the organization back in.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * How long to wait for the policy type to be enabled, 1 to 14 minutes.
   *
   * @default Duration.minutes(5)
   */
  readonly enablementTimeout?: Duration;

  /**
   * Where the function logs, for example to encrypt with an own key. All instances of a stack share it.
   *
   * @default - a log group that keeps its events for one month and is deleted with the stack
   */
  readonly logGroup?: ILogGroup;

  /**
   * The function's role. It is used as it is: it needs the permissions listed in the README. All instances of a stack share it.
   *
   * @default - a role that allows exactly the calls that the function makes
   */
  readonly role?: IRole;
}

/** Frozen: with another text, an upgrade would update every policy that has no description of its own. */
const DEFAULT_DESCRIPTION = 'Opts out of AI service data use. Managed by cdk-ai-services-opt-out.';

/**
 * Opts an AWS organization out of AI services' use of its content.
 *
 * Enables the policy type `AISERVICES_OPT_OUT_POLICY`, waits until it is enabled, and attaches a policy of that type. Deploy it in the
 * management account or a delegated administrator account, in any commercial Region.
 *
 * Deleting it never opts anybody back in unless `removalPolicy` is `DESTROY`.
 *
 * @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_ai-opt-out.html
 */
export class AiServicesOptOut extends Construct {
  /**
   * The policy's id, `p-…`.
   *
   * @attribute
   */
  public readonly policyId: string;

  /**
   * The policy's ARN.
   *
   * @attribute
   */
  public readonly policyArn: string;

  /**
   * The policy's name.
   */
  public readonly policyName: string;

  /**
   * The id of the organization's root, `r-…`, found during deployment.
   *
   * @attribute
   */
  public readonly rootId: string;

  /**
   * The organization's id, `o-…`, found during deployment.
   *
   * @attribute
   */
  public readonly organizationId: string;

  /**
   * The id of the organization's management account, found during deployment.
   *
   * @attribute
   */
  public readonly managementAccountId: string;

  /**
   * The content of the policy.
   */
  public readonly document: OptOutPolicyDocument;

  /**
   * @throws when props are out of range or exclude each other, when the stack's Region does not offer the policy type, and when another
   * instance in the stack says the opposite for the same target.
   */
  public constructor(scope: Construct, id: string, props: AiServicesOptOutProps = {}) {
    super(scope, id);
    validateProps(this, props);

    const timeout = props.enablementTimeout ?? Duration.minutes(5);
    this.document = props.document ?? OptOutPolicyDocument.fromScope(props.services ?? OptOutScope.allServices(), props.childOverrides);
    this.policyName = props.policyName ?? uniquePolicyName(this);
    const sharedFunction = PolicyTypeFunction.of(this, { timeout, logGroup: props.logGroup, role: props.role });

    // Properties may not change with this library's version, or every upgrade would be an Update.
    const policyType: CfnResource = new CfnResource(this, 'PolicyType', {
      type: 'Custom::AiServicesOptOutPolicyType',
      properties: {
        ServiceToken: sharedFunction.functionArn,
        ServiceTimeout: timeout.toSeconds() + 90,
        // A change of the policy's final properties, also by an aspect or an override, must invoke the checks first.
        // Not cached: references to other stacks are only replaced after the first resolution.
        Policy: Lazy.uncachedAny({ produce: () => propertiesFor(policyType, policy) }),
        PolicyResource: Lazy.string({ produce: () => policy.logicalId }),
        EnablementTimeout: timeout.toSeconds(),
      },
    });
    this.rootId = policyType.getAtt('RootId').toString();
    this.organizationId = policyType.getAtt('OrganizationId').toString();
    this.managementAccountId = policyType.getAtt('ManagementAccountId').toString();

    const policy: CfnPolicy = new CfnPolicy(this, 'Resource', {
      name: this.policyName,
      type: POLICY_TYPE,
      description: props.description ?? DEFAULT_DESCRIPTION,
      content: this.document.toJson(),
      targetIds: props.targetIds ?? [this.rootId],
    });
    policy.applyRemovalPolicy(props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    let warned = false;
    policy.node.addValidation({
      validate: () => {
        // A second synthesis validates again.
        if (!warned) warnIfDeleted(policy);
        warned = true;
        return [];
      },
    });
    // With explicit targets nothing refers to the enablement, but attaching still needs it.
    policy.node.addDependency(policyType);
    this.policyId = policy.attrId;
    this.policyArn = policy.attrArn;

    sharedFunction.add({ scope: this, document: this.document, policyName: this.policyName, targetIds: props.targetIds, policyType, policy });
    for (const { code, message } of warningsFor(props, this.document)) {
      Annotations.of(this).addWarningV2(`cdk-ai-services-opt-out:${code}`, message);
    }
  }
}

/**
 * Returns the policy's final properties for the custom resource that checks them. A reference to that custom resource would be circular, so it
 * becomes the name of the attribute: `RootId` for the default target.
 */
function propertiesFor(policyType: CfnResource, policy: CfnPolicy): object {
  const id = Stack.of(policyType).resolve(policyType.logicalId);
  const reference = new RegExp(`\\{"Fn::GetAtt":\\["${id}","(\\w+)"\\]\\}`, 'g');
  return JSON.parse(JSON.stringify(finalProperties(policy)).replace(reference, '"$1"'));
}
