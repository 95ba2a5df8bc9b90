import type { SimulatedAws } from '../../simulator/cloudformation/simulated-aws';

/** A scene on a simulated AWS. */
export interface Scene {
  readonly aws: SimulatedAws;
}

interface SharedScene<T> {
  readonly scene: T;
  readonly restore: () => Promise<void>;
  inUse: boolean;
}

/** Each has two servers and all that was deployed. */
const MAX_SCENES = 8;

/**
 * Scenes that are set up once and given to every test that wants the same, restored to how they were.
 *
 * A scene is known by a key that holds everything it is made from. Without a key, and while another test still uses the scene, a test gets one of its own.
 */
export class SharedScenes<T extends Scene> {
  private readonly scenes = new Map<string, SharedScene<T>>();

  public constructor() {
    afterAll(async () => {
      await Promise.all([...this.scenes.values()].map(async ({ scene }) => scene.aws.close()));
      this.scenes.clear();
    });
  }

  /** The scene of that key, made by `setUp` if there is none. */
  public async take(key: string | undefined, setUp: () => Promise<T>): Promise<T> {
    const shared = key === undefined ? undefined : this.scenes.get(key);
    if (shared && !shared.inUse) {
      shared.inUse = true;
      return shared.scene;
    }
    const scene = await setUp();
    if (key !== undefined && !shared) {
      await this.makeRoom();
      this.scenes.set(key, { scene, restore: await scene.aws.save(), inUse: true });
    }
    return scene;
  }

  /** A test is done with its scene. */
  public async giveBack(scene: T): Promise<void> {
    const shared = [...this.scenes.values()].find((candidate) => candidate.scene === scene);
    if (!shared) return scene.aws.close();
    await shared.restore();
    shared.inUse = false;
  }

  private async makeRoom(): Promise<void> {
    const [key, oldest] = [...this.scenes].find(([, { inUse }]) => !inUse) ?? [];
    if (this.scenes.size < MAX_SCENES || key === undefined) return;
    this.scenes.delete(key);
    await oldest!.scene.aws.close();
  }
}

/** A text that holds all of a value, or nothing where it has functions or instances in it. */
export function keyOf(value: unknown): string | undefined {
  return isPlain(value) ? JSON.stringify(value) : undefined;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  const prototype = Object.getPrototypeOf(value);
  return (Array.isArray(value) || prototype === null || prototype === Object.prototype) && Object.values(value).every(isPlain);
}
