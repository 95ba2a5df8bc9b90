/** An event as EventBridge hands it on. */
export interface BusEvent {
  readonly 'version': '0';
  readonly 'id': string;
  readonly 'detail-type': string;
  readonly 'source': string;
  readonly 'account': string;

  /** Whole seconds, as EventBridge writes it. */
  readonly 'time': string;
  readonly 'region': string;
  readonly 'resources': string[];
  readonly 'detail': Record<string, any>;
}

/** What a service says about an event; the bus knows the rest. */
export interface NewEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: Record<string, any>;
  readonly resources?: string[];

  /**
   * When it happened.
   *
   * @default - now
   */
  readonly time?: number;
}

/** A moment as events write it. */
export function eventTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
