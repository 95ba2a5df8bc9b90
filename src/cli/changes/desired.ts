import {
  ASSIGN, CONTROL, DEFAULT, SERVICE_KEY, compose, hintForService, isDocumentedService, lockOf, mistakesIn, openValuesIn, optOutsIn, parsePolicy,
  policyNameProblem, type PolicyDocument,
} from '../../policy';
import { howToAllow, withAllowHint } from '../allow-service';

/** What `plan` and `apply` take, as it was typed. */
export interface Choices {
  readonly service?: string[];
  readonly optIn?: string[];
  /** `true`: for everything. */
  readonly allowChildOverrides?: true | string[];
  /** Absent: the root. */
  readonly target?: string[];
  readonly name?: string;
  /** Service keys to accept although AWS does not document them. */
  readonly allowService?: string[];
  /** The file that `--policy` names, instead of the first three. */
  readonly policy?: { readonly path: string; readonly text: string };
}

/** The policy that is to be there, and where. */
export interface Desired {
  readonly name: string;
  readonly description: string;
  readonly document: PolicyDocument;
  /** Compact: white space would count against the 2,500 characters. */
  readonly content: string;
  /** Absent: the root. */
  readonly targetIds?: string[];
  readonly warnings: string[];
}

export const DEFAULT_NAME = 'AiServicesOptOut';

/** Only ever sent with a new policy, so that a description somebody gave by hand is not lost. */
const DESCRIPTION = 'Opts out of AI service data use. Managed by ai-opt-out.';

/** The ids that a policy can be attached to, as the Organizations service model has them. */
const TARGET_ID = /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12})$/;

/** Turns choices into a policy, or says everything that is wrong with them at once. */
export function desiredFrom(choices: Choices): { desired: Desired } | { problems: string[] } {
  const services = listOf(choices.service);
  const optIn = listOf(choices.optIn);
  const overrides = choices.allowChildOverrides;
  const unlockedKeys = overrides === true ? [] : listOf(overrides);
  const targetIds = choices.target && listOf(choices.target);
  const name = choices.name ?? DEFAULT_NAME;
  const nameProblem = policyNameProblem(name);

  const problems = [
    ...exclusions(choices),
    ...wrongKeys('--service', services, choices),
    ...wrongKeys('--opt-in', optIn, choices),
    ...wrongKeys('--allow-child-overrides', unlockedKeys, choices),
    ...uncovered(services, optIn, unlockedKeys),
    ...wrongTargets(targetIds),
    ...(nameProblem === undefined ? [] : [`--name ${nameProblem}`]),
    ...(choices.policy ? mistakesInFile(choices.policy, choices) : []),
  ];
  if (problems.length > 0) return { problems };

  const document = choices.policy ? parsePolicy(choices.policy.text) : compose({
    byDefault: services.length === 0,
    optOut: [...services].sort(),
    optIn: [...optIn].sort(),
    unlocked: overrides === true,
    unlockedKeys: [...unlockedKeys].sort(),
  });
  if (setsNothing(document)) {
    return { problems: [`--policy ${choices.policy!.path} sets nothing; give it at least one entry with {"opt_out_policy": {"${ASSIGN}": "optOut"}}`] };
  }
  const content = JSON.stringify(document);
  return { desired: { name, description: DESCRIPTION, document, content, targetIds, warnings: advice(document) } };
}

/** Several values may follow one option or be joined by commas. */
function listOf(values: string[] | undefined): string[] {
  return (values ?? []).flatMap((value) => value.split(','));
}

function exclusions({ service, optIn, allowChildOverrides, policy }: Choices): string[] {
  const given = [service && '--service', optIn && '--opt-in', allowChildOverrides && '--allow-child-overrides'].filter(Boolean);
  if (policy && given.length > 0) {
    return [`--policy and ${given.join(', ')} exclude each other: the file says it all; leave one side out`];
  }
  if (service && optIn) {
    return ['--opt-in goes with opting out of everything, and --service opts out of the named services only; leave one of them out'];
  }
  return [];
}

function wrongKeys(option: string, keys: string[], { allowService = [] }: Choices): string[] {
  const twice = [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
  const wrong = keys.flatMap((key) => {
    if (key === DEFAULT) return `${option} takes service keys, and "${DEFAULT}" stands for all services; leave --service out for that`;
    if (!SERVICE_KEY.test(key)) {
      return `${option} takes service keys (lower-case letters and digits, such as lex), got ${JSON.stringify(key)}; ${hintForService(key)}`;
    }
    return isDocumentedService(key) || allowService.includes(key) ? []
      : `${option} names "${key}", which AWS does not document as a service key; ${hintForService(key)} (${howToAllow(key)})`;
  });
  return twice.length > 0 ? [...wrong, `${option} names ${twice.join(', ')} more than once; name each service once`] : wrong;
}

/** What may be changed below must be something that the policy sets. */
function uncovered(services: string[], optIn: string[], unlockedKeys: string[]): string[] {
  const outside = services.length === 0 ? [] : unlockedKeys.filter((key) => !services.includes(key));
  const both = unlockedKeys.filter((key) => optIn.includes(key));
  return [
    ...(outside.length === 0 ? []
      : [`--allow-child-overrides names ${outside.join(', ')}, which the policy does not cover; it covers ${services.join(', ')}`]),
    ...(both.length === 0 ? [] : [`--allow-child-overrides and --opt-in both name ${both.join(', ')}; a service that stays opted in is never locked`]),
  ];
}

function wrongTargets(targetIds: string[] | undefined): string[] {
  if (!targetIds) return [];
  const wrong = targetIds.filter((id) => !TARGET_ID.test(id));
  const twice = [...new Set(targetIds.filter((id, index) => targetIds.indexOf(id) !== index))];
  return [
    ...wrong.map((id) => `--target takes a root id (r-abcd), an OU id (ou-abcd-12345678) or an account id (12 digits), got ${JSON.stringify(id)}`),
    ...(twice.length > 0 ? [`--target names ${twice.join(', ')} more than once; name each target once`] : []),
  ];
}

function mistakesInFile({ path, text }: { path: string; text: string }, { allowService = [] }: Choices): string[] {
  return mistakesIn(text, allowService).map(withAllowHint).map((problem) => {
    const place = problem.line === undefined ? path : `${path}:${problem.line}:${problem.column}`;
    return `${place}: ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`;
  });
}

function setsNothing(document: PolicyDocument): boolean {
  return entriesOf(document).every(([, node]) => !node.opt_out_policy?.[ASSIGN]);
}

/** Returns warnings about choices that are allowed. */
function advice(document: PolicyDocument): string[] {
  const entries = entriesOf(document);
  const unknown = entries.map(([key]) => key).filter((key) => !isDocumentedService(key));
  const open = openValuesIn(document);
  return [
    ...unknown.map((key) => `AWS did not document the service key ${key} when this release was made. If AWS does not know the key, it rejects the whole policy.`),
    ...(open.length === 0 ? []
      : [`Policies on OUs and accounts below may opt back in to ${open.includes(DEFAULT) ? 'everything' : open.join(', ')}: that is not locked.`]),
    ...(optOutsIn(document).includes(DEFAULT) && !open.includes(DEFAULT) && !lockOf(document).services
      ? [`Policies on OUs and accounts below may add entries that opt single services in: "services" is not locked with "${CONTROL}": ["@@none"].`] : []),
  ];
}

function entriesOf({ services = {} }: PolicyDocument) {
  const { [CONTROL]: _control, ...entries } = services;
  return Object.entries(entries);
}
