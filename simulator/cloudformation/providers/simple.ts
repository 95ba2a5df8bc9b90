import { uuidFrom } from '../../lambda/identifiers';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';

/** AWS::CDK::Metadata: a note to AWS that does nothing. */
export class MetadataProvider implements ResourceProvider {
  public readonly types = ['AWS::CDK::Metadata'];

  public async create(context: ResourceContext): Promise<PhysicalResource> {
    return { physicalId: uuidFrom(context.stack.id, context.logicalId), attributes: {} };
  }

  public async update(_context: ResourceContext, { physicalId, attributes }: ResourceUpdate): Promise<PhysicalResource> {
    return { physicalId, attributes };
  }

  public async delete(): Promise<void> {
    // Nothing exists.
  }
}

/** AWS::KMS::Key: an id for others to refer to. */
export class KmsKeyProvider implements ResourceProvider {
  public readonly types = ['AWS::KMS::Key'];

  public async create(context: ResourceContext): Promise<PhysicalResource> {
    const physicalId = uuidFrom('kms', context.stack.id, context.logicalId);
    const arn = context.account.arn('kms', `key/${physicalId}`);
    await context.account.ask('kms:CreateKey', '*');
    context.created(physicalId);
    await context.account.takeTime();
    return { physicalId, attributes: { Arn: arn, KeyId: physicalId } };
  }

  public async update({ account }: ResourceContext, { physicalId, attributes }: ResourceUpdate): Promise<PhysicalResource> {
    await account.takeTime();
    return { physicalId, attributes };
  }

  public async delete({ account }: ResourceContext, physicalId: string): Promise<void> {
    await account.ask('kms:ScheduleKeyDeletion', account.arn('kms', `key/${physicalId}`));
    await account.takeTime();
  }
}

/** AWS::SSM::Parameter with a plain text in it. */
export class SsmParameterProvider implements ResourceProvider {
  public readonly types = ['AWS::SSM::Parameter'];

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    const name: string = properties.Name ?? `CFN-${account.generatedName(context, 256)}`;
    await account.ask('ssm:PutParameter', this.arn(context, name));
    if (account.ssmParameters.has(name)) throw new HandlerError('The parameter already exists.', 'AlreadyExists');
    account.ssmParameters.set(name, String(properties.Value));
    context.created(name);
    await account.takeTime();
    return { physicalId: name, attributes: { Type: properties.Type, Value: String(properties.Value) } };
  }

  public async update(context: ResourceContext, { physicalId, properties, previous }: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    if (properties.Name !== previous.Name) return 'replace';
    await context.account.ask('ssm:PutParameter', this.arn(context, physicalId));
    context.account.ssmParameters.set(physicalId, String(properties.Value));
    await context.account.takeTime();
    return { physicalId, attributes: { Type: properties.Type, Value: String(properties.Value) } };
  }

  public async delete(context: ResourceContext, name: string): Promise<void> {
    await context.account.ask('ssm:DeleteParameter', this.arn(context, name));
    context.account.ssmParameters.delete(name);
    await context.account.takeTime();
  }

  private arn({ account }: ResourceContext, name: string): string {
    return account.arn('ssm', `parameter/${name.replace(/^\//, '')}`);
  }
}
