import { type BusEvent } from './event';

/** A fault that was added. */
export interface EventFault {
  /** Events it has struck so far. */
  readonly strikes: number;
  remove(): void;
}

interface AddedFault extends EventFault {
  readonly eventName?: string;
  readonly times: number;

  /** Absent: the event is lost. */
  readonly duplicateAfterMs?: number;
  strikes: number;
}

/** What goes wrong, on purpose, with events on their way to the bus. Delivery is a best effort in AWS too. */
export class EventFaults {
  private added: AddedFault[] = [];

  /**
   * Loses events of a name: a CloudTrail `eventName`, or a detail type.
   *
   * @param eventName every event when it is undefined
   * @param times how many; 1 by default
   */
  public lose(eventName?: string, times = 1): EventFault {
    return this.add({ eventName, times });
  }

  /** Delivers events of a name twice, the second time so much later. */
  public duplicate(eventName: string | undefined, afterMs: number, times = 1): EventFault {
    return this.add({ eventName, times, duplicateAfterMs: afterMs });
  }

  public clear(): void {
    this.added = [];
  }

  /** After how many milliseconds, on top of the usual ones, an event arrives. Counts it. */
  public deliveriesOf(event: BusEvent): number[] {
    const names = namesOf(event);
    const fault = this.added.find(({ eventName, strikes, times }) => strikes < times && (eventName === undefined || names.includes(eventName)));
    if (!fault) return [0];
    fault.strikes += 1;
    return fault.duplicateAfterMs === undefined ? [] : [0, fault.duplicateAfterMs];
  }

  private add(options: Pick<AddedFault, 'eventName' | 'times' | 'duplicateAfterMs'>): EventFault {
    const fault: AddedFault = {
      ...options,
      strikes: 0,
      remove: () => {
        this.added = this.added.filter((other) => other !== fault);
      },
    };
    this.added.push(fault);
    return fault;
  }
}

function namesOf(event: BusEvent): unknown[] {
  return [event.detail.eventName, event['detail-type']];
}
