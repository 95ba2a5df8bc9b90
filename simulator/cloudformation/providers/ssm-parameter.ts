import { AwsError } from '../../aws-error';
import { checkParameterName } from '../../ssm/parameter-store';
import { HandlerError, type PhysicalResource, type ResourceContext, type ResourceProvider, type ResourceUpdate } from '../resource-provider';
import { type ResourceDefinition } from '../template';

/** AWS::SSM::Parameter with a plain text in it. */
export class SsmParameterProvider implements ResourceProvider {
  public readonly types = ['AWS::SSM::Parameter'];

  public problems(logicalId: string, { Properties = {} }: ResourceDefinition): string[] {
    const problems = ['Type', 'Value'].filter((name) => Properties[name] === undefined).map((name) => `${logicalId}: ${name} is missing`);
    if (!['String', 'StringList', undefined].includes(Properties.Type as string)) problems.push(`${logicalId}: Type ${String(Properties.Type)} is not supported`);
    if (!['Standard', undefined].includes(Properties.Tier as string)) problems.push(`${logicalId}: only the standard tier is supported`);
    return problems;
  }

  public async create(context: ResourceContext, properties: any): Promise<PhysicalResource> {
    const { account, logicalId } = context;
    const { ssm } = account.aws;
    // Unlike other generated names, without the stack's.
    const name: string = properties.Name ?? `CFN-${logicalId.slice(0, 200)}-${account.generatedName(context, 256).slice(-12)}`;
    await account.ask('ssm:PutParameter', ssm.arn(name), { 'ssm:Overwrite': 'false' });
    if (ssm.parameter(name)) throw new HandlerError('The parameter already exists.', 'AlreadyExists');
    this.put(context, name, properties);
    context.created(name);
    await account.takeTime();
    return describe(name, properties);
  }

  public async update(context: ResourceContext, { physicalId, properties, previous }: ResourceUpdate): Promise<PhysicalResource | 'replace'> {
    if (properties.Name !== previous.Name) return 'replace';
    const { account } = context;
    // CloudFormation compares templates, not what is in the parameter: a value that was written meanwhile stays as long as the template's does.
    const changes = ['Value', 'Type', 'AllowedPattern', 'Description', 'DataType', 'Tier', 'Policies']
      .some((name) => JSON.stringify(properties[name]) !== JSON.stringify(previous[name]));
    if (changes) {
      await account.ask('ssm:PutParameter', account.aws.ssm.arn(physicalId), { 'ssm:Overwrite': 'true' });
      this.put(context, physicalId, properties);
    }
    await account.takeTime();
    return describe(physicalId, properties);
  }

  public async delete({ account }: ResourceContext, name: string): Promise<void> {
    await account.ask('ssm:DeleteParameter', account.aws.ssm.arn(name));
    account.aws.ssm.delete(name);
    await account.takeTime();
  }

  private put({ account }: ResourceContext, name: string, properties: any): void {
    try {
      checkParameterName(name);
      account.aws.ssm.put(name, String(properties.Value), { type: properties.Type, allowedPattern: properties.AllowedPattern });
    } catch (error) {
      if (error instanceof AwsError) throw new HandlerError(`${error.message} (Service: Ssm, Status Code: ${error.status})`, 'InvalidRequest');
      throw error;
    }
  }
}

function describe(name: string, { Type, Value }: any): PhysicalResource {
  return { physicalId: name, attributes: { Type, Value: String(Value) } };
}
