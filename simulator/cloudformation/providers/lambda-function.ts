import { trusts } from '../../iam';
import { type LambdaFunctionProps } from '../../lambda/lambda-function';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';
import { askToRetag, hasTags } from './tags';

/** AWS::Lambda::Function with inline code. */
export class LambdaFunctionProvider implements ResourceProvider {
  public readonly types = ['AWS::Lambda::Function'];
  public readonly taggable = true;

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    const code = Properties.Code as Record<string, unknown> | undefined;
    const problems = [];
    if (code?.ZipFile === undefined) problems.push(`${logicalId}: only inline code (Code.ZipFile) is supported, assets are not`);
    if (!String(Properties.Runtime).startsWith('nodejs')) problems.push(`${logicalId}: only Node.js runtimes are supported, not ${String(Properties.Runtime)}`);
    return problems;
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account } = context;
    const name: string = properties.FunctionName ?? account.generatedName(context, 64);
    const arn = account.arn('lambda', `function:${name}`);
    await account.ask('lambda:CreateFunction', arn);
    await account.ask('iam:PassRole', properties.Role, { 'iam:PassedToService': 'lambda.amazonaws.com' });
    if (hasTags(context, properties)) await account.ask('lambda:TagResource', arn);
    if (account.aws.lambda.has(arn)) throw new HandlerError(`Function already exist: ${name}`, 'AlreadyExists');
    account.aws.lambda.put(this.configuration(context, arn, name, properties));
    context.created(name);
    await account.ask('lambda:GetFunction', arn);
    await account.takeTime();
    return { physicalId: name, attributes: { Arn: arn } };
  }

  public async update(context: ResourceContext, update: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    const { account } = context;
    const { physicalId, properties, previous, attributes } = update;
    if (properties.FunctionName !== previous.FunctionName || properties.PackageType !== previous.PackageType) return 'replace';
    const arn = account.arn('lambda', `function:${physicalId}`);
    const { Code: code, Tags: tags, ...configuration } = properties;
    const { Code: previousCode, Tags: previousTags, ...previousConfiguration } = previous;
    if (JSON.stringify(code) !== JSON.stringify(previousCode)) await account.ask('lambda:UpdateFunctionCode', arn);
    if (JSON.stringify(configuration) !== JSON.stringify(previousConfiguration)) {
      await account.ask('lambda:UpdateFunctionConfiguration', arn);
      if (properties.Role !== previous.Role) await account.ask('iam:PassRole', properties.Role, { 'iam:PassedToService': 'lambda.amazonaws.com' });
    }
    await askToRetag(context, update, arn, { tag: 'lambda:TagResource', untag: 'lambda:UntagResource' });
    account.aws.lambda.put(this.configuration(context, arn, physicalId, properties));
    await account.ask('lambda:GetFunction', arn);
    await account.takeTime();
    return { physicalId, attributes };
  }

  public async delete({ account }: ResourceContext, name: string): Promise<void> {
    const arn = account.arn('lambda', `function:${name}`);
    await account.ask('lambda:DeleteFunction', arn);
    account.aws.lambda.delete(arn);
    await account.takeTime();
  }

  private configuration({ account }: ResourceContext, arn: string, name: string, properties: any): LambdaFunctionProps {
    const role = account.roles.get(properties.Role);
    if (!role) {
      throw new HandlerError(`the role ${properties.Role} is not in the simulated account: registerRole() makes one from outside the stack known`, 'InvalidRequest');
    }
    if (role.trustPolicy && !trusts(role.trustPolicy, 'lambda.amazonaws.com')) {
      throw new HandlerError('The role defined for the function cannot be assumed by Lambda.', 'InvalidRequest');
    }
    return {
      name,
      arn,
      code: properties.Code.ZipFile,
      handler: properties.Handler,
      timeoutSeconds: Number(properties.Timeout ?? 3),
      memoryMegabytes: Number(properties.MemorySize ?? 128),
      environment: properties.Environment?.Variables,
      logGroupName: properties.LoggingConfig?.LogGroup,
      role: account.sessionOf(role, name),
    };
  }
}
