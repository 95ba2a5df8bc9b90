import { Aws } from 'aws-cdk-lib';
import { CfnConfigRule, MaximumExecutionFrequency } from 'aws-cdk-lib/aws-config';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { OptOutScope } from '../opt-out-scope';
import { MonitoringFunction } from '../private/monitoring-function';
import { validateConfigRuleProps } from '../private/validate-monitoring';

/**
 * How often to evaluate, and with what.
 */
export interface AiServicesOptOutConfigRuleProps {
  /**
   * The rule's name, 1 to 128 characters, unique in the account and Region.
   *
   * @default - a name that CloudFormation makes
   */
  readonly configRuleName?: string;

  /**
   * The rule's description, up to 256 characters.
   *
   * @default - says what the rule evaluates and which library made it
   */
  readonly description?: string;

  /**
   * How often AWS Config evaluates the rule.
   *
   * @default MaximumExecutionFrequency.TWENTY_FOUR_HOURS
   */
  readonly maximumExecutionFrequency?: MaximumExecutionFrequency;

  /**
   * The services that accounts have to be opted out of. All who share the function of a stack share it.
   *
   * @default - what the monitor of the stack requires; without one every service, those included that AWS adds in future
   */
  readonly services?: OptOutScope;

  /**
   * Where the function logs, for example to encrypt with an own key. The monitor and all rules of a stack share it.
   *
   * @default - a log group that keeps its events for one month and is deleted with the stack
   */
  readonly logGroup?: ILogGroup;

  /**
   * The function's role. It is used as it is: it needs the permissions listed in the documentation. The monitor and all rules of a stack
   * share it.
   *
   * @default - a role that allows exactly the calls that the function makes
   * @see https://github.com/ai-services-opt-out/cdk-ai-services-opt-out/blob/main/docs/monitoring.md
   */
  readonly role?: IRole;
}

/**
 * A custom rule of AWS Config: the account is compliant if every account of its organization is opted out of AI services' use of its content.
 *
 * Deploy it in the management account or a delegated administrator account, in any commercial Region where AWS Config records. It shares one
 * function with an `AiServicesOptOutMonitor` of the same stack, and works without `AiServicesOptOut`.
 *
 * @see https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
 */
export class AiServicesOptOutConfigRule extends Construct {
  /**
   * The rule's name.
   *
   * @attribute
   */
  public readonly configRuleName: string;

  /**
   * The rule's ARN.
   *
   * @attribute
   */
  public readonly configRuleArn: string;

  /**
   * The rule's id, `config-rule-…`.
   *
   * @attribute
   */
  public readonly configRuleId: string;

  /**
   * What the rule said when the stack was last deployed, for example `COMPLIANT`.
   *
   * @attribute
   */
  public readonly configRuleComplianceType: string;

  /**
   * @throws when props are out of range, when the stack's Region does not offer the policy type, and when the monitor or another rule of the
   * stack has another role or log group.
   */
  public constructor(scope: Construct, id: string, props: AiServicesOptOutConfigRuleProps = {}) {
    super(scope, id);
    validateConfigRuleProps(this, props);

    const sharedFunction = MonitoringFunction.of(this, { logGroup: props.logGroup, role: props.role });
    sharedFunction.require(this, props.services);
    sharedFunction.answerConfig();

    const permission = new CfnPermission(this, 'Permission', {
      action: 'lambda:InvokeFunction',
      functionName: sharedFunction.functionName,
      principal: 'config.amazonaws.com',
      sourceAccount: Aws.ACCOUNT_ID,
    });
    const rule = new CfnConfigRule(this, 'Resource', {
      configRuleName: props.configRuleName,
      description: props.description ?? 'Every account is opted out of AI service data use. Managed by cdk-ai-services-opt-out.',
      source: {
        owner: 'CUSTOM_LAMBDA',
        sourceIdentifier: sharedFunction.functionArn,
        sourceDetails: [{
          eventSource: 'aws.config',
          messageType: 'ScheduledNotification',
          maximumExecutionFrequency: props.maximumExecutionFrequency ?? MaximumExecutionFrequency.TWENTY_FOUR_HOURS,
        }],
      },
    });
    // AWS Config refuses a rule whose function it may not invoke.
    rule.node.addDependency(permission);
    this.configRuleName = rule.ref;
    this.configRuleArn = rule.attrArn;
    this.configRuleId = rule.attrConfigRuleId;
    this.configRuleComplianceType = rule.attrComplianceType;
  }
}
