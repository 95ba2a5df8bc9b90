import type { Caller } from '../../caller';
import type { Rules } from '../input';
import type { Settings } from '../settings';
import type { FeatureSet, Organization } from '../state/organization';

/**
 * Which accounts may call an operation, whatever their identity policies say:
 * - `anyone`: every account of the organization;
 * - `administrators`: the management account, and member accounts as far as that was delegated to them;
 * - `management`: the management account alone;
 * - `outsiders`: an account that is in no organization yet.
 */
export type Callers = 'anyone' | 'administrators' | 'management' | 'outsiders';

/** The same for an operation where it depends on the request. */
export type CallersOf<Input> = (input: Input, caller: Caller) => Callers;

/** What IAM is asked before an operation runs. */
export interface Question {
  /**
   * Without the service prefix.
   *
   * @default - the operation itself
   */
  readonly action?: string;

  /** @default ['*'] */
  readonly resources?: string[];

  /** @default - no condition keys */
  readonly context?: Record<string, string | string[]>;
}

/** What an operation works with beside its input. */
export interface Context {
  readonly operation: string;
  readonly organization: Organization;
  readonly caller: Caller;
  readonly settings: Settings;
  readonly now: number;

  /** Starts the organization. */
  found(managementAccountId: string, featureSet: FeatureSet): Organization;
}

/** One operation of the API: who may call it, what it is sent, what IAM is asked, what it does. */
export interface Operation<Input = object, Output = object> {
  readonly callers: Callers | CallersOf<Input>;
  readonly input: Rules;
  asks?(input: Input, context: Context): Question[];

  /** Runs without a pause, so that two calls never see each other's half-done work. Answers what an SDK would return. */
  run(input: Input, context: Context): Output;
}

/** Gives a group of operations their types from the SDK's, and takes them away again for the dispatcher. */
export function operation<Input, Output>(definition: Operation<Input, Output>): Operation {
  return definition as unknown as Operation;
}

/** The condition keys of a request that carries tags. */
export function tagContext(tags: readonly { Key?: string; Value?: string }[] | undefined): Record<string, string | string[]> {
  if (!tags?.length) return {};
  return {
    'aws:TagKeys': tags.map(({ Key }) => Key!),
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value!])),
  };
}
