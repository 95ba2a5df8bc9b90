import { type Caller } from '../caller';
import { type Clock } from '../clock';
import { refusals } from './errors';
import { checkType, refuseViolations, violation } from '../http/constraints';
import { type Exchange } from '../http/exchange';
import { type SimulatedEndpoint } from '../http/server';
import { ServiceCalls } from '../http/service-calls';
import { type ServiceFaults } from '../http/service-faults';
import { type RecordedCall } from '../organizations/organizations';

const TARGET_PREFIX = 'AmazonSSM.';
const TYPES = ['String', 'StringList', 'SecureString'];

/** Characters of a value in the standard tier. */
const MAX_VALUE = 4096;

/** Versions of a parameter that are kept. */
const MAX_VERSIONS = 100;

/** Where parameters are. */
export interface ParameterStoreOptions {
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;

  /** @default 'aws' */
  readonly partition?: string;
}

/** One version of a parameter. */
export interface ParameterVersion {
  readonly version: number;
  readonly value: string;
  readonly type: string;

  /** Simulated time. */
  readonly lastModified: number;
}

/** How a parameter is written. */
export interface PutOptions {
  /** @default - the type it has, 'String' for a new one */
  readonly type?: string;
  readonly allowedPattern?: string;

  /** @default true */
  readonly overwrite?: boolean;
}

interface Parameter {
  readonly name: string;
  readonly versions: ParameterVersion[];
  allowedPattern?: string;
}

/** AWS Systems Manager's Parameter Store: plain texts in the standard tier. */
export class ParameterStore {
  private readonly parameters = new Map<string, Parameter>();
  private readonly api: ServiceCalls;
  private readonly operations = new Map<string, (input: any, caller: Caller) => Promise<object>>([
    ['GetParameter', async (input, caller) => this.getParameter(input, caller)],
    ['PutParameter', async (input, caller) => this.putParameter(input, caller)],
  ]);

  public constructor(private readonly options: ParameterStoreOptions) {
    this.api = new ServiceCalls(options.clock, refusals);
  }

  /** Calls that arrived, in order. CloudFormation's are not among them. */
  public get calls(): RecordedCall[] {
    return this.api.recorded;
  }

  public get faults(): ServiceFaults {
    return this.api.faults;
  }

  /** Makes an endpoint answer for this service. */
  public serve(endpoint: SimulatedEndpoint): void {
    endpoint.registerJsonService(TARGET_PREFIX, async (operation, input, caller, exchange) => this.call(operation, input, caller, exchange));
    endpoint.onReset(() => {
      this.parameters.clear();
      this.api.reset();
    });
  }

  /** Calls an operation as an AWS client would. */
  public async call(operation: string, input: object, caller: Caller, exchange?: Exchange): Promise<object> {
    return this.api.run({ operation, input, caller, exchange }, async () => {
      const run = this.operations.get(operation);
      if (!run) throw refusals.unknownOperation();
      return run(input, caller);
    });
  }

  /** The latest version of a parameter. */
  public parameter(name: string): ParameterVersion | undefined {
    return this.parameters.get(name)?.versions.at(-1);
  }

  /** The versions that are still kept, oldest first. */
  public versions(name: string): readonly ParameterVersion[] {
    return this.parameters.get(name)?.versions ?? [];
  }

  /** The text of a parameter. */
  public value(name: string): string | undefined {
    return this.parameter(name)?.value;
  }

  /** Writes a new version, without asking IAM and without a trace among the calls. */
  public put(name: string, value: string, { type, allowedPattern, overwrite = true }: PutOptions = {}): ParameterVersion {
    const existing = this.parameters.get(name);
    if (existing && !overwrite) throw refusals.alreadyExists();
    if ([...value].length > MAX_VALUE) throw refusals.tooLong(MAX_VALUE);
    const pattern = allowedPattern ?? existing?.allowedPattern;
    if (pattern && !new RegExp(pattern).test(value)) throw refusals.patternMismatch();
    const parameter: Parameter = existing ?? { name, versions: [] };
    parameter.allowedPattern = pattern;
    const latest = parameter.versions.at(-1);
    const version: ParameterVersion = {
      version: (latest?.version ?? 0) + 1,
      value,
      type: type ?? latest?.type ?? 'String',
      lastModified: this.options.clock.now(),
    };
    parameter.versions.push(version);
    if (parameter.versions.length > MAX_VERSIONS) parameter.versions.shift();
    this.parameters.set(name, parameter);
    return version;
  }

  public delete(name: string): void {
    this.parameters.delete(name);
  }

  public arn(name: string): string {
    const { partition = 'aws', region, accountId } = this.options;
    return `arn:${partition}:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`;
  }

  private async getParameter({ Name }: { Name?: unknown }, caller: Caller): Promise<object> {
    checkType('name', Name, 'string');
    refuseViolations([violation('name', Name, { required: true, min: 1, max: 2048 })]);
    const { name, selector } = this.selected(Name as string);
    await this.api.authorize(caller, 'ssm:GetParameter', this.arn(name));
    const parameter = this.parameters.get(name);
    if (!parameter) throw refusals.notFound();
    const found = selector === undefined ? parameter.versions.at(-1)! : this.versionOf(parameter, selector);
    return {
      Parameter: {
        Name: name,
        Type: found.type,
        Value: found.value,
        Version: found.version,
        ...(selector !== undefined && { Selector: `:${selector}` }),
        LastModifiedDate: new Date(found.lastModified),
        ARN: this.arn(name),
        DataType: 'text',
      },
    };
  }

  private async putParameter(input: any, caller: Caller): Promise<object> {
    const { Name, Value, Type, Overwrite, AllowedPattern, Tags } = input;
    for (const [path, value] of Object.entries({ name: Name, value: Value, type: Type, allowedPattern: AllowedPattern })) checkType(path, value, 'string');
    checkType('overwrite', Overwrite, 'boolean');
    refuseViolations([
      violation('name', Name, { required: true, min: 1, max: 2048 }),
      violation('value', Value, { required: true, min: 1 }),
      violation('type', Type, { values: TYPES }),
    ]);
    await this.api.authorize(caller, 'ssm:PutParameter', this.arn(Name), { 'ssm:Overwrite': String(Overwrite ?? false) });
    if (Tags?.length > 0) {
      await this.api.authorize(caller, 'ssm:AddTagsToResource', this.arn(Name));
      if (Overwrite) throw refusals.tagsAndOverwrite();
    }
    checkParameterName(Name);
    if (Type === 'SecureString') throw refusals.unsupportedType(Type);
    if (!this.parameters.has(Name) && Type === undefined) throw refusals.typeRequired();
    const { version } = this.put(Name, Value, { type: Type, allowedPattern: AllowedPattern, overwrite: Overwrite ?? false });
    return { Version: version, Tier: 'Standard' };
  }

  /** `name`, `name:version`, and the same with the ARN instead of the name. */
  private selected(text: string): { name: string; selector?: string } {
    const [, path, name = path, selector] = /^(?:arn:[^:]+:ssm:[^:]*:[^:]*:parameter\/([^:]+)|([^:]+))(?::(.+))?$/.exec(text) ?? [];
    if (name === undefined) throw refusals.notQualified();
    // The ARN of /a/b and that of a parameter without slashes look alike.
    return { name: name === path && !this.parameters.has(name) ? `/${path}` : name, selector };
  }

  private versionOf({ name, versions }: Parameter, selector: string): ParameterVersion {
    if (!/^\d+$/.test(selector)) throw refusals.labelNotFound(name, selector);
    const found = versions.find(({ version }) => version === Number(selector));
    if (!found) throw refusals.versionNotFound(name, selector);
    return found;
  }
}

/**
 * Refuses what can not be a parameter's name.
 *
 * @throws AwsError
 */
export function checkParameterName(name: string): void {
  if (/^\/?(aws|ssm)/i.test(name)) throw refusals.reservedName();
  if (name.includes('/') && !name.startsWith('/')) throw refusals.notQualified();
  if (!/^\/?[\w.-]+(\/[\w.-]+)*$/.test(name)) throw refusals.badName();
}
