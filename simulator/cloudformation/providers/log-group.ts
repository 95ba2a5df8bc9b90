import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { askToRetag, hasTags } from './tags';

/** AWS::Logs::LogGroup. */
export class LogGroupProvider implements ResourceProvider {
  public readonly types = ['AWS::Logs::LogGroup'];
  public readonly taggable = true;

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    const name: string = properties.LogGroupName ?? account.generatedName(context, 512);
    const arn = account.arn('logs', `log-group:${name}`);
    await account.ask('logs:CreateLogGroup', arn);
    if (hasTags(context, properties)) await account.ask('logs:TagResource', arn);
    if (account.logGroups.has(name)) throw new HandlerError(`Resource of type 'AWS::Logs::LogGroup' with identifier '${name}' already exists.`, 'AlreadyExists');
    account.logGroups.set(name, { logGroupClass: properties.LogGroupClass });
    context.created(name);
    await this.retain(context, name, properties);
    await account.ask('logs:DescribeLogGroups', '*');
    await account.takeTime();
    return this.describe(context, name);
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { physicalId, properties, previous } = update;
    if (properties.LogGroupName !== previous.LogGroupName) return 'replace';
    if (properties.LogGroupClass !== previous.LogGroupClass) throw new HandlerError('The class of a log group cannot be changed.', 'NotUpdatable');
    if (properties.RetentionInDays !== previous.RetentionInDays) await this.retain(context, physicalId, properties);
    const arn = context.account.arn('logs', `log-group:${physicalId}`);
    await askToRetag(context, update, arn, { tag: 'logs:TagResource', untag: 'logs:UntagResource' });
    await context.account.takeTime();
    return this.describe(context, physicalId);
  }

  public async delete({ account }: ResourceContext, name: string): Promise<void> {
    await account.ask('logs:DeleteLogGroup', account.arn('logs', `log-group:${name}`));
    account.logGroups.delete(name);
    await account.takeTime();
  }

  private async retain({ account }: ResourceContext, name: string, properties: any): Promise<void> {
    const arn = account.arn('logs', `log-group:${name}`);
    const { retentionInDays, ...group } = account.logGroups.get(name)!;
    if (properties.RetentionInDays === undefined) {
      if (retentionInDays !== undefined) await account.ask('logs:DeleteRetentionPolicy', arn);
      account.logGroups.set(name, group);
      return;
    }
    await account.ask('logs:PutRetentionPolicy', arn);
    account.logGroups.set(name, { ...group, retentionInDays: Number(properties.RetentionInDays) });
  }

  private describe({ account }: ResourceContext, name: string): PhysicalResource {
    return { physicalId: name, attributes: { Arn: account.arn('logs', `log-group:${name}:*`) } };
  }
}
