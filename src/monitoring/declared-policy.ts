import { Fn, Lazy, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { CfnPolicy } from 'aws-cdk-lib/aws-organizations';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import type { AiServicesOptOut } from '../ai-services-opt-out';
import { OptOutError } from '../private/errors';
import { isPlaceholder } from '../private/placeholders';

/** The name below the opt-out, and so the logical id, is frozen. */
const ID = 'Declared';

/** What a standard parameter holds. */
const MAX_CHARACTERS = 4096;

/** How long an id is that deployment makes: `p-` and ten characters, which no root id exceeds by much. */
const ID_LENGTH = 12;

/**
 * Defines the parameter that says what a policy has to be, in the policy's stack: it changes with the policy and after it, so that what
 * repair restores is never older than what CloudFormation deployed.
 */
export function declarePolicy(scope: Construct, optOut: AiServicesOptOut): CfnParameter {
  if (optOut.node.tryFindChild(ID)) {
    throw new OptOutError('RepairTaken', `repair: another AiServicesOptOutMonitor repairs ${optOut.node.path} already; let one of them repair it`, scope);
  }
  const policy = optOut.node.defaultChild as CfnPolicy;
  declaration(policy);
  return new CfnParameter(optOut, ID, {
    type: 'String',
    description: 'What the AI services opt-out policy has to be',
    // As the policy is when the template is written: an aspect may still change it.
    value: Lazy.string({ produce: () => declaration(policy) }),
  });
}

function declaration(policy: CfnPolicy): string {
  const stack = Stack.of(policy);
  const targetIds = policy.targetIds ?? [];
  const head = `{"policyId":"${policy.attrId}","targetIds":["`;
  const tail = `"],"content":${JSON.stringify(stack.resolve(policy.content))}}`;
  // Not toJsonString: it would turn a list known only at deployment into a custom resource with an asset.
  const targets = Token.isUnresolved(targetIds) ? [Fn.join('","', targetIds)] : targetIds;
  const text = head + targets.join('","') + tail;

  const characters = charactersIn(text);
  if (characters > MAX_CHARACTERS && !isPlaceholder(text)) {
    throw new OptOutError('RepairTooLarge',
      `repair keeps the policy and its ${targets.length} targets in a parameter of at most ${count(MAX_CHARACTERS)} characters, got ${count(characters)}; `
      + 'give the opt-out fewer targetIds, for example an OU instead of its accounts', policy);
  }
  return text;
}

/** Ids known only at deployment count as long as they will be. */
function charactersIn(text: string): number {
  const lengths = Tokenization.reverseString(text).mapTokens({ mapToken: () => 'x'.repeat(ID_LENGTH) });
  return String(lengths.join({ join: (left = '', right = '') => `${left}${right}` })).length;
}

function count(characters: number): string {
  return characters.toLocaleString('en-US');
}
