'use strict';
/**
 * The environment of every test file. A test that fails in the middle of a simulated scene shows what happened in it, in simulated time.
 */
const { TestEnvironment } = require('jest-environment-node');

const SIMULATIONS = Symbol.for('cdk-ai-services-opt-out.simulations');

module.exports = class SceneEnvironment extends TestEnvironment {
  handleTestEvent(event) {
    if (event.name !== 'test_fn_failure' || typeof event.error?.stack !== 'string') return;
    const simulation = [...this.global[SIMULATIONS] ?? []].at(-1);
    if (!simulation) return;
    const timeline = `What happened in simulated time:\n\n${simulation.timeline()}\n`;
    // Before the stack trace, which jest prints by itself.
    event.error.stack = event.error.stack.replace(/(\n\s+at )|$/, (trace) => `\n\n${timeline}${trace}`);
  }
};
