import { eventTime } from './event';
import { type EventBus } from './event-bus';
import { type Caller } from '../caller';
import { hash, uuidFrom } from '../lambda/identifiers';
import { type AnsweredCall, type EffectivePolicyValidation, type MembershipChange, type Organizations } from '../organizations/organizations';

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

/**
 * Turns what happens in an organization into events on a bus, as CloudTrail does: in us-east-1 only, and a call's event only in the account that called.
 *
 * @returns a function that ends it
 */
export function recordOrganizations(organizations: Organizations, bus: EventBus, delayMs: number): () => void {
  if (bus.region !== REGION) return () => {};
  let sequence = 0;
  const put = (detailType: string, detail: Record<string, unknown>, time: number) => {
    sequence += 1;
    const ids = {
      ...(detail.eventType === 'AwsApiCall' && { requestID: uuidFrom('cloudtrail-request', bus.accountId, String(sequence)) }),
      eventID: uuidFrom('cloudtrail-event', bus.accountId, String(sequence)),
    };
    bus.put({ source: 'aws.organizations', detailType, detail: { ...detail, ...ids }, time }, delayMs);
  };
  const service = (eventName: string, time: number, readOnly: boolean, serviceEventDetails: object) => {
    if (organizations.managementAccountId !== bus.accountId) return;
    put('AWS Service Event via CloudTrail', serviceEvent(eventName, bus.accountId, time, readOnly, serviceEventDetails), time);
  };
  return organizations.observe({
    answered: (call) => {
      if (call.caller.accountId === bus.accountId) put('AWS API Call via CloudTrail', apiCall(call), call.time);
    },
    membership: (change) => service(...membershipEvent(change)),
    effectivePolicyValidated: (validation) => service('EffectivePolicyValidation', validation.time, true, validationDetails(validation)),
  });
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

/** For example `Jul 17, 2025, 2:53:40 PM`. */
function longTime(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString('en-US', { timeZone: 'UTC', dateStyle: 'medium', timeStyle: 'medium' }).replaceAll('\u202f', ' ');
}

function isReadOnly(operation: string): boolean {
  return /^(List|Describe)/.test(operation);
}
