import type { Clock } from '../../simulator/clock';
import { machineClock } from '../../src/organization/clock';

/**
 * The machine's time, but a sleep ends at once and the time has passed then.
 *
 * The commands pace their calls and wait for changes to take effect, which takes seconds in real time.
 */
export class SkippingRealClock implements Clock {
  private skipped = 0;

  public now(): number {
    return Date.now() + this.skipped;
  }

  public async sleep(milliseconds: number): Promise<void> {
    const end = this.now() + milliseconds;
    // Requests that are under way get on meanwhile.
    await new Promise((resolve) => { setImmediate(resolve); });
    // Others may sleep at the same time: what they have skipped counts for all.
    this.skipped += Math.max(0, end - this.now());
  }
}

const { now, sleep } = machineClock;

/** Commands that run in this process are paced by this clock until the end of the test. */
export function paceCommandsBy(clock: Clock): void {
  machineClock.now = () => clock.now();
  machineClock.sleep = async (milliseconds) => clock.sleep(milliseconds);
}

afterEach(() => { Object.assign(machineClock, { now, sleep }); });
