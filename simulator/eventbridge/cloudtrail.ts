import { eventTime } from './event';
import { type EventBus } from './event-bus';
import { type Caller } from '../caller';
import { hash, uuidFrom } from '../lambda/identifiers';
import { type AnsweredCall, type EffectivePolicyValidation, type MembershipChange, type Organizations, type OrganizationsObserver } from '../organizations/organizations';

/** How long events take. */
export interface EventDelays {
  /**
   * Simulated milliseconds until what CloudTrail records reaches the bus.
   *
   * @default 10000
   */
  readonly cloudTrailDelayMs?: number;
}

const EVENT_SOURCE = 'organizations.amazonaws.com';

/** Organizations exists once, and this is where its events are. */
const REGION = 'us-east-1';

/** What CloudTrail shows of these members. */
const MASKED = ['Email', 'AccountName'];

/** Turns what happens in an organization into events on a bus, as CloudTrail does: in us-east-1 only, and a call's event only in the account that called. */
export class CloudTrail implements OrganizationsObserver {
  private sequence = 0;
  private readonly end: () => void;

  public constructor(private readonly organizations: Organizations, private readonly bus: EventBus, private readonly delayMs: number) {
    this.end = bus.region === REGION ? organizations.observe(this) : () => {};
  }

  public answered(call: AnsweredCall): void {
    if (call.caller.accountId === this.bus.accountId) this.put('AWS API Call via CloudTrail', apiCall(call), call.time);
  }

  public membership(change: MembershipChange): void {
    this.putServiceEvent(...membershipEvent(change));
  }

  public effectivePolicyValidated(validation: EffectivePolicyValidation): void {
    this.putServiceEvent('EffectivePolicyValidation', validation.time, true, validationDetails(validation));
  }

  /** Records nothing more. */
  public close(): void {
    this.end();
  }

  private putServiceEvent(eventName: string, time: number, readOnly: boolean, details: object): void {
    if (this.organizations.managementAccountId !== this.bus.accountId) return;
    this.put('AWS Service Event via CloudTrail', serviceEvent(eventName, this.bus.accountId, time, readOnly, details), time);
  }

  private put(detailType: string, detail: Record<string, unknown>, time: number): void {
    const { accountId } = this.bus;
    this.sequence += 1;
    const ids = {
      ...(detail.eventType === 'AwsApiCall' && { requestID: uuidFrom('cloudtrail-request', accountId, String(this.sequence)) }),
      eventID: uuidFrom('cloudtrail-event', accountId, String(this.sequence)),
    };
    this.bus.put({ source: 'aws.organizations', detailType, detail: { ...detail, ...ids }, time }, this.delayMs);
  }
}

function apiCall({ operation, input, output, error, caller, time }: AnsweredCall): Record<string, unknown> {
  const origin = caller.invokedBy ?? '192.0.2.0';
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(caller, time),
    eventTime: eventTime(time),
    eventSource: EVENT_SOURCE,
    eventName: operation,
    awsRegion: REGION,
    sourceIPAddress: origin,
    userAgent: caller.invokedBy ?? 'aws-sdk',
    ...(error && { errorCode: error.code, errorMessage: error.message }),
    requestParameters: elements(input),
    responseElements: isReadOnly(operation) || !output ? null : elements(output),
    readOnly: isReadOnly(operation),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: caller.accountId,
    eventCategory: 'Management',
  };
}

function userIdentity({ accountId, arn, invokedBy }: Caller, time: number): Record<string, unknown> {
  const identity = { arn, accountId, accessKeyId: `ASIA${hash(arn).slice(0, 16).toUpperCase()}` };
  const invoked = invokedBy === undefined ? {} : { invokedBy };
  const [, roleName, sessionName] = /:assumed-role\/([^/]+)\/(.+)$/.exec(arn) ?? [];
  if (roleName === undefined) {
    if (arn.endsWith(':root')) return { type: 'Root', principalId: accountId, ...identity, ...invoked };
    return { type: 'IAMUser', principalId: `AIDA${accountId}USER`, ...identity, userName: arn.split('/').at(-1), ...invoked };
  }
  const principalId = `AROA${accountId}ROLE`;
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${sessionName}`,
    ...identity,
    sessionContext: {
      sessionIssuer: { type: 'Role', principalId, arn: `arn:aws:iam::${accountId}:role/${roleName}`, accountId, userName: roleName },
      attributes: { creationDate: eventTime(time), mfaAuthenticated: 'false' },
    },
    ...invoked,
  };
}

function serviceEvent(eventName: string, accountId: string, time: number, readOnly: boolean, serviceEventDetails: object): Record<string, unknown> {
  return {
    eventVersion: '1.11',
    userIdentity: { accountId, invokedBy: 'AWS Internal' },
    eventTime: eventTime(time),
    eventSource: EVENT_SOURCE,
    eventName,
    awsRegion: REGION,
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: null,
    readOnly,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: accountId,
    serviceEventDetails,
    eventCategory: 'Management',
  };
}

/** The members of the details are documented, their exact place in the event is not. */
function membershipEvent({ accountId, method, time }: MembershipChange): [string, number, boolean, object] {
  return method === 'Created' || method === 'Invited'
    ? ['AccountJoinedOrganization', time, false, { accountId, joinedMethod: method, joinedTime: longTime(time) }]
    : ['AccountDepartedOrganization', time, false, { accountId, departedMethod: method, departedTime: longTime(time) }];
}

function validationDetails({ accountId, policyType, state, time }: EffectivePolicyValidation): object {
  return {
    accountId,
    policyType,
    state,
    requestTimestamp: longTime(time),
    info: state === 'INVALID'
      ? 'All validation errors listed'
      : 'Previous effective policy validation error(s) resolved for this account/policyType',
  };
}

/** Members as CloudTrail writes them: names in lower camel case, no members without a value, nothing for nothing. */
function elements(members: object): unknown {
  return Object.keys(members).length === 0 ? null : lowerCamel(members);
}

function lowerCamel(value: unknown): unknown {
  if (value instanceof Date) return longTime(value.getTime());
  if (Array.isArray(value)) return value.map(lowerCamel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)
    .map(([name, member]) => [name[0].toLowerCase() + name.slice(1), MASKED.includes(name) ? '****' : lowerCamel(member)]));
}

/** Kept, because making one takes longer than all of the event. */
const LONG_TIME = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' });

/** For example `Jul 17, 2025, 2:53:40 PM`. */
function longTime(milliseconds: number): string {
  return LONG_TIME.format(milliseconds).replaceAll('\u202f', ' ');
}

function isReadOnly(operation: string): boolean {
  return /^(List|Describe)/.test(operation);
}
