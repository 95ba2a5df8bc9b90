import { AwsError } from '../../aws-error';
import { FREQUENCIES, type ConfigRule } from '../../config/config';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';

/** Characters of InputParameters. */
const MAX_PARAMETERS = 1024;

/** AWS::Config::ConfigRule that runs a function periodically. */
export class ConfigRuleProvider implements ResourceProvider {
  public readonly types = ['AWS::Config::ConfigRule'];

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    const { Owner, SourceDetails = [] } = (Properties.Source ?? {}) as { Owner?: string; SourceDetails?: any[] };
    const problems: string[] = [];
    if (Owner !== 'CUSTOM_LAMBDA') problems.push(`${logicalId}: only rules with Source.Owner CUSTOM_LAMBDA are supported`);
    for (const { EventSource, MessageType, MaximumExecutionFrequency } of SourceDetails) {
      if (EventSource !== 'aws.config') problems.push(`${logicalId}: EventSource has to be aws.config`);
      if (MessageType !== 'ScheduledNotification') problems.push(`${logicalId}: only the message type ScheduledNotification is supported`);
      if (typeof MaximumExecutionFrequency === 'string' && !(MaximumExecutionFrequency in FREQUENCIES)) {
        problems.push(`${logicalId}: MaximumExecutionFrequency ${MaximumExecutionFrequency} is not one of ${Object.keys(FREQUENCIES).join(', ')}`);
      }
    }
    if (SourceDetails.length !== 1) problems.push(`${logicalId}: exactly one member of SourceDetails is supported`);
    return problems;
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    const name: string = properties.ConfigRuleName ?? account.generatedName(context, 128);
    if (account.aws.config.has(name)) throw new HandlerError(`Resource of type 'AWS::Config::ConfigRule' with identifier '${name}' already exists.`, 'AlreadyExists');
    const rule = await this.put(context, name, properties);
    context.created(name);
    await this.read(context);
    await account.takeTime();
    return describe(rule);
  }

  public async update(context: ResourceContext, { physicalId, properties, previous }: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    if (properties.ConfigRuleName !== previous.ConfigRuleName) return 'replace';
    const rule = await this.put(context, physicalId, properties);
    await this.read(context);
    await context.account.takeTime();
    return describe(rule);
  }

  public async delete({ account }: ResourceContext, name: string): Promise<void> {
    if (account.aws.config.has(name)) await account.ask('config:DeleteConfigRule', account.aws.config.rule(name).arn);
    account.aws.config.deleteRule(name);
    await account.takeTime();
  }

  /** For the attributes. Neither action has a resource type. */
  private async read({ account }: ResourceContext): Promise<void> {
    for (const action of ['config:DescribeConfigRules', 'config:DescribeComplianceByConfigRule']) await account.ask(action, '*');
  }

  private async put(context: ResourceContext, name: string, properties: any): Promise<ConfigRule> {
    const { account, logicalId } = context;
    const { SourceIdentifier, SourceDetails: [detail] } = properties.Source;
    const parameters = properties.InputParameters;
    const inputParameters = typeof parameters === 'object' ? JSON.stringify(parameters) : parameters;
    await account.ask('config:PutConfigRule', account.aws.config.ruleArn(name));
    try {
      if ([...(inputParameters ?? '')].length > MAX_PARAMETERS) {
        throw new AwsError('ValidationException', `Member must have length less than or equal to ${MAX_PARAMETERS} at 'configRule.inputParameters'`);
      }
      return await account.aws.config.putRule({
        name,
        logicalId,
        description: properties.Description,
        functionArn: SourceIdentifier,
        frequency: detail.MaximumExecutionFrequency,
        inputParameters,
      });
    } catch (error) {
      if (error instanceof AwsError) throw new Error(`${error.message} (Service: AmazonConfig; Status Code: ${error.status}; Error Code: ${error.code})`);
      throw error;
    }
  }
}

function describe({ name, arn, id }: ConfigRule): PhysicalResource {
  return { physicalId: name, attributes: { 'Arn': arn, 'ConfigRuleId': id, 'Compliance.Type': 'INSUFFICIENT_DATA' } };
}
