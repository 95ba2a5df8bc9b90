const { relative } = require('node:path');

const FILES = 5;

/** Prints how long the slowest test files took, below the summary of jest. */
module.exports = class SlowestFilesReporter {
  /** @param {import('@jest/types').Config.GlobalConfig} config */
  constructor(config) {
    this.rootDir = config.rootDir;
  }

  /**
   * @param {unknown} _contexts
   * @param {import('@jest/test-result').AggregatedResult} results
   */
  onRunComplete(_contexts, { testResults }) {
    const files = testResults
      .map(({ testFilePath, perfStats }) => ({ path: relative(this.rootDir, testFilePath), seconds: (perfStats.end - perfStats.start) / 1000 }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, FILES);
    if (files.length < 2) return;
    const lines = files.map(({ path, seconds }) => `  ${seconds.toFixed(1).padStart(6)} s  ${path}\n`);
    // Jest calls its own summary last, in the same turn of the event loop.
    setImmediate(() => process.stderr.write(`\nSlowest files:\n${lines.join('')}`));
  }
};
