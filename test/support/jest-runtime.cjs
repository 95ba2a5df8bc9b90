const { createRequire, isBuiltin } = require('node:module');
const { default: Runtime } = require('jest-runtime');

/** Source text of a test file that replaces a global which packages use as well. */
const REPLACES_GLOBALS = /\bjest\s*\.(useFakeTimers|(spyOn|replaceProperty)\((Math|Date|process|globalThis|console)\b)/;

/**
 * Jest's module loader, except that packages from node_modules are loaded once per worker instead of once per test file.
 *
 * Most test files use aws-cdk-lib. Loading it takes 0.2 s of CPU, and its functions are slow until V8 has optimized them again: the test files that
 * synthesize need 40 % less CPU this way. Modules of this repository are still loaded for each test file.
 *
 * - Tests and packages share `process.env`. Changes are undone after each test file.
 * - A test file that replaces a global (fake timers, `jest.spyOn(Math, 'random')`) loads packages of its own, so that they see the replacement.
 * - Tests and packages share `Date`. Other objects that a package creates are not instances of the test file's `Error` or `Object`: use `toEqual()`
 *   instead of `toStrictEqual()`.
 */
module.exports = class SharedPackagesRuntime extends Runtime {
  constructor(config, environment, resolver, transformer, cacheFS, coverageOptions, testPath, globalConfig) {
    super(config, environment, resolver, transformer, cacheFS, coverageOptions, testPath, globalConfig);
    this.sharesPackages = !REPLACES_GLOBALS.test(cacheFS.get(testPath));
    this.restoreEnvironment = shareEnvironment(environment.global.process);
    environment.global.Date = Date;
  }

  requireModule(from, moduleName, options, isRequireActual) {
    if (this.sharesPackages && !options?.isInternalModule && isPackage(moduleName)) return createRequire(from)(moduleName);
    return super.requireModule(from, moduleName, options, isRequireActual);
  }

  teardown() {
    this.restoreEnvironment();
    super.teardown();
  }
};

function isPackage(moduleName) {
  return moduleName !== undefined && !/^[./]/.test(moduleName) && !isBuiltin(moduleName);
}

/** Makes the test file's `process.env` that of the worker; returns a function that undoes all changes. */
function shareEnvironment(sandboxProcess) {
  const before = { ...process.env };
  // Changed in place, because Node.js itself reads the variables of the process, for example TMPDIR.
  const replace = (replacement) => {
    for (const name of Object.keys(process.env)) {
      if (!(name in replacement)) delete process.env[name];
    }
    Object.assign(process.env, replacement);
  };
  Object.defineProperty(sandboxProcess, 'env', { configurable: true, enumerable: true, get: () => process.env, set: replace });
  return () => replace(before);
}
