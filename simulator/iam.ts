import { runSimulation, type RunSimulationResults } from '@cloud-copilot/iam-simulate';
import { type AuthorizationRequest, type Caller } from './caller';

/** An IAM policy document, with every intrinsic function resolved. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: any;
}

/** A policy and the name it has in its role. */
export interface NamedPolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: PolicyDocument;
}

/** The properties of an AWS::IAM::Role that decide what it may do. */
export interface RoleProperties {
  readonly AssumeRolePolicyDocument: PolicyDocument;
  readonly Policies?: NamedPolicy[];
  readonly ManagedPolicyArns?: string[];
}

/** One call that was evaluated. */
export interface EvaluatedRequest extends AuthorizationRequest {
  /** ARN of who made the call. */
  readonly principal: string;
  readonly allowed: boolean;
}

/** Who is evaluated, and what is kept of it. */
export interface AuthorizerOptions {
  readonly accountId: string;

  /** ARN of the user or role session. */
  readonly principal: string;

  /** Every evaluated request is added here. */
  readonly record?: EvaluatedRequest[];

  /** False as long as the policies have not reached every part of AWS: everything is denied. */
  readonly inEffect?: () => boolean;

  /** Runs work that needs real time; `SimulatedClock.busy` keeps simulated time from passing meanwhile. */
  readonly busy?: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Earlier decisions by everything that they depend on. An evaluation takes milliseconds, and a deployment repeats most requests of the deployments
 * before it, so the cache is shared by all simulations of this process.
 */
const decisions = new Map<string, boolean>();

/** Limits the memory of a simulator that runs for days. */
const MAX_DECISIONS = 20_000;

/** Managed policies of AWS that a simulated role may name, as far as they matter to a function. */
const MANAGED_POLICIES: Record<string, PolicyDocument> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' }],
  },
};

/**
 * A function that decides by identity policies whether a call is allowed, and records it.
 *
 * Takes the resolved properties of a role or plain policy documents. A list may still grow: it is read at every call, as IAM does.
 */
export function authorizerFor(policies: RoleProperties | PolicyDocument | PolicyDocument[], options: AuthorizerOptions): NonNullable<Caller['authorize']> {
  const busy = options.busy ?? (async (work) => work());
  return async (request) => {
    // Not memoized: the list and its documents may change between two calls.
    const documents = documentsOf(policies);
    const policyText = JSON.stringify(documents);
    // A call that touches several resources must be allowed on each of them.
    let allowed = options.inEffect?.() ?? true;
    for (const resource of request.resources) {
      if (!allowed) break;
      const key = JSON.stringify([options.accountId, options.principal, request.action, resource, request.context]) + policyText;
      allowed = decisions.get(key) ?? await busy(async () => evaluate(documents, request, resource, options));
      if (decisions.size >= MAX_DECISIONS) decisions.clear();
      decisions.set(key, allowed);
    }
    options.record?.push({ ...request, principal: options.principal, allowed });
    return allowed;
  };
}

/** Whether a trust policy lets a service assume the role. */
export function trusts(document: PolicyDocument | undefined, service: string): boolean {
  return list(document?.Statement).some((statement) => statement.Effect === 'Allow'
    && list(statement.Action).some((action) => ['sts:AssumeRole', 'sts:*', '*'].includes(action))
    && list(statement.Principal?.Service).includes(service));
}

/** Which of a role's managed policies the simulation knows nothing about. */
export function unknownManagedPolicies(arns: string[] = []): string[] {
  return arns.filter((arn) => managedPolicy(arn) === undefined);
}

/**
 * Documents of AWS's managed policies.
 *
 * @throws Error for one that the simulation does not know
 */
export function managedPolicies(arns: string[] = []): PolicyDocument[] {
  return arns.map((arn) => {
    const document = managedPolicy(arn);
    if (!document) throw new Error(`the managed policy ${arn} is unknown to the simulation`);
    return document;
  });
}

async function evaluate(documents: PolicyDocument[], request: AuthorizationRequest, resource: string, options: AuthorizerOptions): Promise<boolean> {
  const answer: RunSimulationResults = await runSimulation({
    request: {
      principal: options.principal,
      action: request.action,
      // Whether another account's resource lets the caller in is for the service to decide: only identity policies are evaluated here.
      resource: { resource, accountId: options.accountId },
      contextVariables: request.context,
    },
    identityPolicies: documents.map((policy, index) => ({ name: `policy${index}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(request.action.startsWith('kms:') && { resourcePolicy: keyPolicy(options.accountId) }),
  }, {});
  if (answer.resultType === 'error') {
    throw new Error(`${request.action} on ${resource} can not be evaluated: ${JSON.stringify(answer.errors)}`);
  }
  return answer.overallResult === 'Allowed';
}

/** Without its key policy's word nobody may use a key. This one leaves the decision to the identity policies of the account, as CDK's keys do. */
function keyPolicy(accountId: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'kms:*', Resource: '*' }],
  };
}

function documentsOf(policies: RoleProperties | PolicyDocument | PolicyDocument[]): PolicyDocument[] {
  if (Array.isArray(policies)) return policies;
  if ('Statement' in policies) return [policies];
  return [
    ...(policies.Policies ?? []).map((policy) => policy.PolicyDocument),
    ...managedPolicies(policies.ManagedPolicyArns),
  ];
}

function managedPolicy(arn: string): PolicyDocument | undefined {
  return MANAGED_POLICIES[arn.replace(/^arn:[^:]*:iam::aws:policy\//, '')];
}

function list(value: any): any[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
