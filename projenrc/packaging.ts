import type { awscdk } from 'projen';

/**
 * What travels in the package: the compiled library, the handlers as readable JavaScript, and nothing of the workshop.
 */
export function configurePackaging(project: awscdk.AwsCdkConstructLibrary): void {
  // Handlers are inlined into templates (design decision 1), so their text must be the same on every machine: exact esbuild version,
  // not minified, the SDK taken from the Lambda runtime.
  for (const handler of ['policy-type', 'monitoring']) {
    const bundle = project.bundler.addBundle(`src/handlers/${handler}/index.ts`, {
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      externals: ['@aws-sdk/*'],
      outfile: '../index.js', // assets/handlers/<name>/index.js
      sourcemap: false,
      watchTask: false,
    });
    // The paths of our source files say nothing to who reads the template.
    bundle.bundleTask.exec(`tsx projenrc/drop-paths.ts ${bundle.outfile}`);
  }

  // One file with everything in it, so that the command needs nothing but Node.js. Minified: nobody reads it in a template.
  project.bundler.addBundle('src/cli/main.ts', {
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outfile: '../index.js', // assets/cli/index.js
    minify: true,
    sourcemap: false,
    watchTask: false,
  });
  project.package.addBin({ 'ai-opt-out': 'bin/ai-opt-out' });

  // momoa keeps positions and sees duplicate keys, which JSON.parse does not. Bundled, because jsii libraries carry what they need.
  project.addBundledDeps('@humanwhocodes/momoa@^3.3.13');

  project.npmignore!.include('/templates/');
  for (const path of ['simulator', 'demo', 'examples', 'bench', 'docs', 'projenrc', 'rosetta', '.ci', '.projenrc.ts', 'tsconfig*.json', 'lib/handlers', 'lib/cli', 'lib/organization']) {
    project.addPackageIgnore(`/${path}`);
  }
}
