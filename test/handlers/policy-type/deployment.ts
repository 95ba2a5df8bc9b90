import { App, Stack } from 'aws-cdk-lib';
import { SimulatedAws, type SimulatedAwsOptions } from '../../../simulator/cloudformation/simulated-aws';
import type { Invocation } from '../../../simulator/lambda/lambda-function';
import type { Organizations, RecordedCall } from '../../../simulator/organizations/organizations';
import { AiServicesOptOut, OptOutPolicyDocument, type AiServicesOptOutProps } from '../../../src';
import { POLICY_TYPE } from '../../../src/policy';
import { synthesizeOnce } from '../../support/templates';

export const MANAGEMENT = '111122223333';
export const MEMBER = '222233334444';
export const STACK = 'AiOptOut';

const optOutTemplate = synthesizeOnce((props: AiServicesOptOutProps) => synthesize((stack) => new AiServicesOptOut(stack, 'OptOut', props)));

/** The template of an app with one opt-out. */
export function templateOf(props: AiServicesOptOutProps = {}): any {
  return optOutTemplate(props);
}

export function synthesize(define: (stack: Stack) => void): any {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, STACK);
  define(stack);
  return app.synth().getStackByName(STACK).template;
}

/** A document as somebody would write it by hand. */
export function unlocked(settings: Record<string, 'optIn' | 'optOut'>): string {
  const entries = Object.entries(settings).map(([key, setting]) => [key, { opt_out_policy: { '@@assign': setting } }]);
  return JSON.stringify({ services: Object.fromEntries(entries) });
}

export function documentOf(settings: Record<string, 'optIn' | 'optOut'>): OptOutPolicyDocument {
  return OptOutPolicyDocument.fromJson(unlocked(settings));
}

/** A simulated AWS that lasts for one test. */
export class Deployment {
  public static async start(options: SimulatedAwsOptions = {}): Promise<Deployment> {
    return new Deployment(await SimulatedAws.start(options));
  }

  private constructor(public readonly aws: SimulatedAws) {}

  public get organizations(): Organizations {
    return this.aws.organizations;
  }

  public async create(template: object = templateOf()) {
    return this.aws.cloudFormation.createStack({ stackName: STACK, template });
  }

  public async update(template: object) {
    return this.aws.cloudFormation.updateStack({ stackName: STACK, template });
  }

  public async delete() {
    return this.aws.cloudFormation.deleteStack(STACK);
  }

  public async administrator(operation: string, input: object): Promise<any> {
    return this.organizations.call(operation, input, { accountId: MANAGEMENT, arn: 'somebody' });
  }

  /** The calls of the function, in order. */
  public calls(): RecordedCall[] {
    return this.organizations.calls.filter(({ callerArn }) => callerArn.includes('AiServicesOptOutPolicyType'));
  }

  public callNames(): string[] {
    return this.calls().map(({ operation }) => operation);
  }

  public invocation(index = 0): Invocation {
    return this.aws.cloudFormation.invocations.at(index)!;
  }

  /** The log lines of an invocation. */
  public log(index = 0): any[] {
    return this.invocation(index).logLines.filter((line) => line.includes('{')).map((line) => JSON.parse(line.slice(line.indexOf('{'))));
  }

  /** What the function answered to the request of an invocation. */
  public answer(index = 0): any {
    const { event } = this.invocation(index);
    return JSON.parse(this.aws.cloudFormation.responses.find(({ requestId, counted }) => counted && requestId === event.RequestId)!.body);
  }

  /** Effective documents by account, once all changes have come through. */
  public async effective(): Promise<Record<string, any>> {
    await this.aws.clock.sleep(60_000);
    const result: Record<string, any> = {};
    for (const id of this.organizations.accountIds) {
      const { EffectivePolicy } = await this.administrator('DescribeEffectivePolicy', { PolicyType: POLICY_TYPE, TargetId: id });
      result[id] = JSON.parse(EffectivePolicy.PolicyContent);
    }
    return result;
  }

  public async policies(): Promise<any[]> {
    return (await this.administrator('ListPolicies', { Filter: POLICY_TYPE })).Policies;
  }

  public async close(): Promise<void> {
    await this.aws.close();
  }
}
