import type { IConstruct } from 'constructs';

/**
 * What this library throws.
 *
 * Not exported: jsii does not let a class that extends Error cross languages, so users see the message, and `code` in JavaScript.
 * (The CDK's own ValidationError is internal to it and changes between versions.)
 */
export class OptOutError extends Error {
  public constructor(public readonly code: string, message: string, scope?: IConstruct) {
    super(scope ? `${message}\n  at ${scope.node.path}` : message);
    this.name = 'OptOutError';
  }
}
