/** What starts the function: EventBridge itself, a queue full of what EventBridge sent, or AWS Config. */
export interface MonitoringEvent {
  readonly Records?: { readonly body: string }[];

  /** AWS Config only. */
  readonly resultToken?: string;
  readonly invokingEvent?: string;
  readonly accountId?: string;
}

/** A call or an incident in the organization, out of CloudTrail. */
export interface Change {
  readonly name: string;
  readonly by: string;
  readonly at: string;
  readonly byCloudFormation: boolean;

  /** What it was about: policies, policy types, roots, OUs and accounts. */
  readonly ids: string[];
}

/** What happened; nothing when a schedule started the function. */
export function changesIn({ Records = [] }: MonitoringEvent): Change[] {
  return Records.map(({ body }) => {
    const { eventName, userIdentity = {}, eventTime, requestParameters } = JSON.parse(body).detail;
    return {
      name: eventName,
      by: userIdentity.arn ?? userIdentity.invokedBy ?? 'AWS',
      at: eventTime,
      byCloudFormation: userIdentity.invokedBy === 'cloudformation.amazonaws.com',
      ids: Object.values<any>(requestParameters ?? {}).filter((value) => /^[\w-]+$/.test(value)),
    };
  }).sort((a, b) => (a.at < b.at ? -1 : 1));
}
