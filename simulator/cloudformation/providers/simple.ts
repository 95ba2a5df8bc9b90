import { uuidFrom } from '../../lambda/identifiers';
import { type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';

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
