import { CloudFormation, type CloudFormationOptions } from './cloudformation';
import { type CloudWatch } from '../cloudwatch/cloudwatch';
import { type ConfigService } from '../config/config';
import { type EventBus } from '../eventbridge/event-bus';
import { SimulatedEndpoint } from '../http/server';
import { type LambdaService } from '../lambda/lambda-service';
import { Organizations, type OrganizationsOptions } from '../organizations/organizations';
import { SavedState } from '../saved-state';
import { SimulatedClock, type SimulatedClockOptions } from '../simulated-clock';
import { type Sns } from '../sns/sns';
import { type Sqs } from '../sqs/sqs';
import { type ParameterStore } from '../ssm/parameter-store';
import { timelineOf } from '../timeline';

/** Everything that can be chosen. */
export interface SimulatedAwsOptions extends Partial<Omit<CloudFormationOptions, 'clock' | 'organizations' | 'endpoint' | 'endpointUrl'>> {
  readonly clock?: SimulatedClockOptions;
  readonly organizations?: Omit<OrganizationsOptions, 'clock'>;

  /** Sets the scene before anything is deployed. By default there is an organization with its management account. */
  readonly scene?: (organizations: Organizations) => void;
}

/** Open simulations, the most recently used one last. The test environment reads them when a test fails. */
const simulations: Set<SimulatedAws> = (globalThis as any)[Symbol.for('cdk-ai-services-opt-out.simulations')] ??= new Set();

/**
 * An organization, its endpoint and CloudFormation on one simulated clock.
 *
 *     const aws = await SimulatedAws.start();
 *     const outcome = await aws.cloudFormation.createStack({ stackName: 'OptOut', template });
 *     await aws.close();
 */
export class SimulatedAws {
  /** Starts the servers; `close()` stops them. */
  public static async start({ clock: clockOptions, organizations: settings, scene, ...rest }: SimulatedAwsOptions = {}): Promise<SimulatedAws> {
    const clock = new SimulatedClock(clockOptions);
    const organizations = new Organizations({ clock, ...settings });
    if (scene) scene(organizations);
    else organizations.createOrganization();
    const endpoint = new SimulatedEndpoint({ organizations });
    const endpointUrl = await endpoint.listen();
    const cloudFormation = new CloudFormation({ clock, organizations, endpoint, endpointUrl, ...rest });
    // A server is no state: one that starts later would be forgotten by a restore.
    await cloudFormation.listen();
    return new SimulatedAws(clock, organizations, endpoint, endpointUrl, cloudFormation);
  }

  private constructor(
    public readonly clock: SimulatedClock,
    public readonly organizations: Organizations,
    public readonly endpoint: SimulatedEndpoint,
    public readonly endpointUrl: string,
    public readonly cloudFormation: CloudFormation,
  ) {
    simulations.add(this);
  }

  /** What happened so far, for people. */
  public timeline(lines?: number): string {
    return timelineOf(this, lines);
  }

  /** The event bus of the account and Region that `cloudFormation` deploys in. */
  public get eventBridge(): EventBus {
    return this.cloudFormation.eventBridge;
  }

  /** The queues of that account and Region. */
  public get sqs(): Sqs {
    return this.cloudFormation.sqs;
  }

  public get lambda(): LambdaService {
    return this.cloudFormation.lambda;
  }

  public get ssm(): ParameterStore {
    return this.cloudFormation.ssm;
  }

  public get sns(): Sns {
    return this.cloudFormation.sns;
  }

  public get cloudWatch(): CloudWatch {
    return this.cloudFormation.cloudWatch;
  }

  public get config(): ConfigService {
    return this.cloudFormation.config;
  }

  /**
   * Saves everything as it is now, so that one deployment can serve many tests. What has been saved can be restored any number of times.
   *
   * Execution environments are not saved. They are discarded, as Lambda may at any time, so that functions start equally cold after `save` and after
   * every `restore`.
   *
   * @throws Error while something is under way: an operation of a stack, a run of a function, a delivery that is tried again
   */
  public async save(): Promise<() => Promise<void>> {
    if (!await this.clock.isIdle()) throw new Error('the simulation cannot be saved: something is under way, let time pass until it is over');
    this.lambda.discardEnvironments();
    const saved = new SavedState(this);
    return async () => {
      this.clock.halt();
      await this.lambda.abort();
      await this.clock.standStill();
      // What is under way waits for timers that are dropped with this, and never goes on.
      saved.restore();
      this.clock.resume();
      simulations.delete(this);
      simulations.add(this);
    };
  }

  /** Ends every process, timer and server. */
  public async close(): Promise<void> {
    simulations.delete(this);
    await this.cloudFormation.close();
    this.clock.stop();
    await this.endpoint.close();
  }
}
