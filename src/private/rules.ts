import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { OptOutError } from './errors';
import { isPlaceholder } from './placeholders';
import { unsupportedPartitionOf } from '../policy';

/** What a prop must not be, and what to say if it is. */
export interface Rule {
  readonly broken: boolean;
  readonly message: () => string;
}

/** Reports everything that is wrong with the props at once. */
export function check(scope: IConstruct, rules: Rule[]): void {
  const broken = rules.filter((rule) => rule.broken).map((rule) => rule.message());
  if (broken.length > 0) throw new OptOutError('PropsInvalid', broken.join('\n'), scope);
}

/** Whether a text is there and has its final value: it is no token and no placeholder of a lookup. */
export function known(text: string | undefined): text is string {
  return text !== undefined && !Token.isUnresolved(text) && !isPlaceholder(text);
}

export function supportedRegion(region: string): Rule {
  const partition = known(region) ? unsupportedPartitionOf(region) : undefined;
  return {
    broken: partition !== undefined,
    message: () => `the stack's Region must not be in partition ${partition}, got ${region}; AWS does not offer AI services opt-out policies there`,
  };
}
