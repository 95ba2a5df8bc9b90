import { readFileSync } from 'fs';
import { App, BootstraplessSynthesizer } from 'aws-cdk-lib';
import { FEATURES } from './every-feature';

/**
 * Run in a process of its own: synthesizes every feature without and with the CDK's recommended feature flags, and prints the templates
 * as the CDK wrote them.
 */
function synthesize(): Record<string, Record<string, string>> {
  const recommended = JSON.parse(readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));
  return Object.fromEntries(Object.entries({ plain: {}, recommended }).map(([name, context]) => {
    const app = new App({ context, analyticsReporting: false });
    const stacks = Object.values(FEATURES).map((define) => define(app, { synthesizer: new BootstraplessSynthesizer() }));
    const assembly = app.synth();
    return [name, Object.fromEntries(stacks.map(({ artifactId }) => {
      const { templateFullPath } = assembly.getStackArtifact(artifactId);
      return [artifactId, readFileSync(templateFullPath, 'utf8')];
    }))];
  }));
}

process.stdout.write(JSON.stringify({ node: process.version, flags: synthesize() }));
