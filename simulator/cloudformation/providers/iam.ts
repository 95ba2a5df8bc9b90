import { unknownManagedPolicies, type NamedPolicy } from '../../iam';
import { suffixFrom } from '../../lambda/identifiers';
import { type Account } from '../account';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';
import { askToRetag, hasTags } from './tags';

/** AWS::IAM::Role with inline policies. */
export class RoleProvider implements ResourceProvider {
  public readonly types = ['AWS::IAM::Role'];
  public readonly taggable = true;

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    return Properties.AssumeRolePolicyDocument === undefined ? [`${logicalId}: AssumeRolePolicyDocument is missing`] : [];
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    const name: string = properties.RoleName ?? account.generatedName(context, 64);
    const arn = roleArn(account, properties.Path, name);
    await account.ask('iam:CreateRole', arn);
    if (hasTags(context, properties)) await account.ask('iam:TagRole', arn);
    if (account.roles.has(arn)) throw new HandlerError(`Role with name ${name} already exists.`, 'AlreadyExists');
    account.roles.set(arn, { arn, name, policies: new Map(), managedPolicyArns: [], effectiveAt: account.aws.clock.now() + account.aws.iamDelayMs });
    context.created(name);
    await this.apply(account, arn, properties, {});
    await account.ask('iam:GetRole', arn);
    await account.takeTime();
    return this.describe(arn, name);
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { physicalId, properties, previous } = update;
    if (properties.RoleName !== previous.RoleName || properties.Path !== previous.Path) return 'replace';
    const arn = roleArn(context.account, properties.Path, physicalId);
    if (JSON.stringify(properties.AssumeRolePolicyDocument) !== JSON.stringify(previous.AssumeRolePolicyDocument)) {
      await context.account.ask('iam:UpdateAssumeRolePolicy', arn);
    }
    await this.apply(context.account, arn, properties, previous);
    await askToRetag(context, update, arn, { tag: 'iam:TagRole', untag: 'iam:UntagRole' });
    await context.account.takeTime();
    return this.describe(arn, physicalId);
  }

  public async delete({ account }: ResourceContext, name: string, properties: any): Promise<void> {
    const arn = roleArn(account, properties.Path, name);
    await this.apply(account, arn, {}, properties);
    await account.ask('iam:DeleteRole', arn);
    account.roles.delete(arn);
    await account.takeTime();
  }

  /** Puts what the properties name and takes away what only the previous ones named. */
  private async apply(account: Account, arn: string, properties: any, previous: any): Promise<void> {
    const unknown = unknownManagedPolicies(properties.ManagedPolicyArns);
    if (unknown.length > 0) throw new HandlerError(`the simulation does not know the managed policies ${unknown.join(', ')}`, 'InvalidRequest');
    const role = account.roles.get(arn);
    const before: NamedPolicy[] = previous.Policies ?? [];
    const after: NamedPolicy[] = properties.Policies ?? [];
    for (const { PolicyName, PolicyDocument } of after) {
      if (JSON.stringify(role?.policies.get(PolicyName)) === JSON.stringify(PolicyDocument)) continue;
      await account.ask('iam:PutRolePolicy', arn);
      role?.policies.set(PolicyName, PolicyDocument);
    }
    for (const { PolicyName } of before.filter((policy) => !after.some((other) => other.PolicyName === policy.PolicyName))) {
      await account.ask('iam:DeleteRolePolicy', arn);
      role?.policies.delete(PolicyName);
    }
    for (const policy of listed(properties.ManagedPolicyArns).filter((managed) => !listed(previous.ManagedPolicyArns).includes(managed))) {
      await account.ask('iam:AttachRolePolicy', arn, { 'iam:PolicyARN': policy });
    }
    for (const policy of listed(previous.ManagedPolicyArns).filter((managed) => !listed(properties.ManagedPolicyArns).includes(managed))) {
      await account.ask('iam:DetachRolePolicy', arn, { 'iam:PolicyARN': policy });
    }
    if (role) {
      role.trustPolicy = properties.AssumeRolePolicyDocument;
      role.managedPolicyArns = listed(properties.ManagedPolicyArns);
    }
  }

  private describe(arn: string, name: string): PhysicalResource {
    return { physicalId: name, attributes: { Arn: arn, RoleId: `AROA${suffixFrom(17, arn)}` } };
  }
}

/** AWS::IAM::Policy: an inline policy of roles that are declared beside it. */
export class IamPolicyProvider implements ResourceProvider {
  public readonly types = ['AWS::IAM::Policy'];

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    return Properties.Users || Properties.Groups ? [`${logicalId}: Users and Groups are not supported`] : [];
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const physicalId = context.account.generatedName(context, 128);
    context.created(physicalId);
    await this.put(context.account, properties, listed(properties.Roles));
    await context.account.takeTime();
    return { physicalId, attributes: { Id: physicalId } };
  }

  public async update({ account }: ResourceContext, { physicalId, properties, previous, attributes }: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    if (properties.PolicyName !== previous.PolicyName) return 'replace';
    await this.put(account, properties, listed(properties.Roles));
    await this.remove(account, properties, listed(previous.Roles).filter((name) => !listed(properties.Roles).includes(name)));
    await account.takeTime();
    return { physicalId, attributes };
  }

  public async delete({ account }: ResourceContext, _physicalId: string, properties: any): Promise<void> {
    await this.remove(account, properties, listed(properties.Roles));
    await account.takeTime();
  }

  private async put(account: Account, { PolicyName, PolicyDocument }: NamedPolicy, roleNames: string[]): Promise<void> {
    for (const name of roleNames) {
      const role = [...account.roles.values()].find((candidate) => candidate.name === name);
      if (!role) throw new HandlerError(`The role with name ${name} cannot be found.`, 'NotFound');
      await account.ask('iam:PutRolePolicy', role.arn);
      role.policies.set(PolicyName, PolicyDocument);
    }
  }

  private async remove(account: Account, { PolicyName }: NamedPolicy, roleNames: string[]): Promise<void> {
    for (const name of roleNames) {
      const role = [...account.roles.values()].find((candidate) => candidate.name === name);
      if (!role) continue;
      await account.ask('iam:DeleteRolePolicy', role.arn);
      role.policies.delete(PolicyName);
    }
  }
}

function roleArn(account: Account, path: string | undefined, name: string): string {
  return account.arn('iam', `role${path ?? '/'}${name}`, '');
}

function listed(value: string[] | undefined): string[] {
  return value ?? [];
}
