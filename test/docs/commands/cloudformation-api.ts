import { parse } from 'yaml';
import { AwsError } from '../../../simulator/aws-error';
import type { SimulatedAws } from '../../../simulator/cloudformation/simulated-aws';

interface ChangeSet {
  readonly stackName: string;
  readonly template: Template;
  readonly parameters: Record<string, string>;
  readonly isNew: boolean;
}

interface Template {
  readonly Parameters?: Record<string, unknown>;
  readonly Resources: Record<string, { Type: string; Properties: any }>;
}

const NAMESPACE = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';

/** Bytes that a template may have where it does not come from Amazon S3. */
const MAX_BODY = 51_200;

/** What `aws cloudformation deploy` and `describe-stack-resources` call. */
export class CloudFormationApi {
  private readonly changeSets = new Map<string, ChangeSet>();

  /** What was deployed last, by the name of the stack. */
  private readonly templates = new Map<string, Template>();
  private readonly operations: Promise<unknown>[] = [];

  /** @param objects texts that were uploaded, by the last part of their keys */
  public constructor(private readonly aws: SimulatedAws, private readonly objects: ReadonlyMap<string, string>) {
    const actions: Record<string, (params: URLSearchParams) => Record<string, unknown>> = {
      GetTemplateSummary: (params) => this.summary(params),
      CreateChangeSet: (params) => this.createChangeSet(params),
      DescribeChangeSet: () => ({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE' }),
      ExecuteChangeSet: (params) => this.executeChangeSet(params),
      DescribeStackResource: (params) => this.describeStackResource(params),
      DescribeStackResources: (params) => ({ StackResources: this.resourcesOf(params) }),
    };
    for (const [action, answer] of Object.entries(actions)) {
      aws.endpoint.registerQueryAction(action, async (params) => [
        `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${xml(answer(params))}</${action}Result>`,
        `<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`,
      ].join(''));
    }
  }

  public async deploy(stackName: string, template: object): Promise<void> {
    this.templates.set(stackName, template as Template);
    const { status, failures } = await this.aws.cloudFormation.createStack({ stackName, template });
    if (status !== 'CREATE_COMPLETE') throw new Error(`${stackName} is ${status}: ${JSON.stringify(failures)}`);
  }

  /** When nothing is under way any more. */
  public async settle(): Promise<void> {
    await Promise.allSettled(this.operations);
  }

  /** What AWS Lambda says of a function in one of the stacks. */
  public functionConfiguration(name: string): object | undefined {
    for (const [stackName, { Resources }] of this.templates) {
      const { resources } = this.aws.cloudFormation.describeStack(stackName);
      const logicalId = resources.find(({ physicalId }) => physicalId === name)?.logicalId;
      if (logicalId === undefined) continue;
      const { LoggingConfig, Environment = { Variables: {} } } = Resources[logicalId]!.Properties;
      const text = (value: any) => (typeof value === 'object' ? resources.find((resource) => resource.logicalId === value.Ref)?.physicalId : value);
      const variables = Object.entries(Environment.Variables).map(([key, value]) => [key, text(value)]);
      return {
        FunctionName: name,
        LoggingConfig: { LogGroup: text(LoggingConfig.LogGroup) },
        Environment: { Variables: Object.fromEntries(variables) },
      };
    }
    return undefined;
  }

  /** Of a template, or of the stack that is there. */
  private summary(params: URLSearchParams): Record<string, unknown> {
    const template = this.templates.get(params.get('StackName') ?? '') ?? this.templateOf(params);
    return { Parameters: Object.keys(template.Parameters ?? {}).map((ParameterKey) => ({ ParameterKey })) };
  }

  private createChangeSet(params: URLSearchParams): Record<string, unknown> {
    const stackName = params.get('StackName')!;
    const id = `arn:aws:cloudformation:us-east-1:${this.aws.organizations.managementAccountId}:changeSet/${params.get('ChangeSetName')}/1`;
    const given = listed(params, 'Parameters').filter(({ ParameterValue }) => ParameterValue !== undefined);
    this.changeSets.set(id, {
      stackName,
      template: this.templateOf(params),
      parameters: Object.fromEntries(given.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue])),
      isNew: params.get('ChangeSetType') === 'CREATE',
    });
    return { Id: id, StackId: stackName };
  }

  /** Answers at once, as AWS does: who waits asks for the stack. */
  private executeChangeSet(params: URLSearchParams): Record<string, unknown> {
    const { stackName, template, parameters, isNew } = this.changeSets.get(params.get('ChangeSetName')!)!;
    const { cloudFormation } = this.aws;
    this.templates.set(stackName, template);
    const input = { stackName, template, parameters };
    this.operations.push(isNew ? cloudFormation.createStack(input) : cloudFormation.updateStack(input));
    return {};
  }

  private describeStackResource(params: URLSearchParams): Record<string, unknown> {
    const logicalId = params.get('LogicalResourceId');
    const resource = this.resourcesOf(params).find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
    if (!resource) throw new AwsError('ValidationError', `Resource ${logicalId} does not exist for stack ${params.get('StackName')}`);
    return { StackResourceDetail: resource };
  }

  private resourcesOf(params: URLSearchParams) {
    const { stackName, stackId, resources } = this.aws.cloudFormation.describeStack(params.get('StackName')!);
    return resources.map(({ logicalId, type, physicalId }) => ({
      StackName: stackName,
      StackId: stackId,
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      ResourceStatus: 'CREATE_COMPLETE',
      Timestamp: '2026-11-22T12:00:00Z',
      LastUpdatedTimestamp: '2026-11-22T12:00:00Z',
    }));
  }

  private templateOf(params: URLSearchParams): Template {
    const url = params.get('TemplateURL');
    const text = params.get('TemplateBody') ?? this.objects.get(url?.split('/').at(-1) ?? '');
    if (text === undefined) throw new AwsError('ValidationError', `there is no template at ${url}`);
    if (url === null && Buffer.byteLength(text) > MAX_BODY) {
      throw new AwsError('ValidationError', `Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${MAX_BODY}`);
    }
    return parse(text);
  }
}

/** Members of a list in a request of the Query protocol: `Parameters.member.1.ParameterKey`. */
function listed(params: URLSearchParams, name: string): Record<string, string>[] {
  const members: Record<string, string>[] = [];
  for (const [key, value] of params) {
    const [list, , index, member] = key.split('.') as [string, string, string, string];
    if (list === name) (members[Number(index) - 1] ??= {})[member] = value;
  }
  return members;
}

function xml(content: Record<string, unknown>): string {
  return Object.entries(content).map(([name, value]) => {
    if (Array.isArray(value)) return `<${name}>${value.map((member) => `<member>${xml(member)}</member>`).join('')}</${name}>`;
    const inner = typeof value === 'object' ? xml(value as Record<string, unknown>) : String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return `<${name}>${inner}</${name}>`;
  }).join('');
}
