import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Language } from './language';
import { onlyFile } from '../packages';
import { quoted } from '../run';
import { GO, NODE } from '../toolchains';

/**
 * The versions that our module asks for at least, which not every Go module proxy serves with a checksum. Excluded, they count as not asked
 * for, and the versions that the example and the CDK name are taken: so this is one version of the CDK above the floor.
 */
const NOT_SERVED_EVERYWHERE = [
  'github.com/aws/aws-cdk-go/awscdk/v2@v2.239.0',
  'github.com/aws/constructs-go/constructs/v10@v10.5.0',
  'github.com/cdklabs/awscdk-asset-node-proxy-agent-go/nodeproxyagentv6/v2@v2.1.3',
];

export const GO_LANGUAGE: Language = {
  name: 'go',
  title: 'Go',
  tools: [NODE, GO],
  apps: 'go run ./apps',
  async install(folder, packages, shell) {
    const manifest = onlyFile(await packages.of('go'), 'go.mod');
    const module = /^module (.*)$/m.exec(readFileSync(manifest, 'utf8'))![1]!;
    const exclusions = NOT_SERVED_EVERYWHERE.map((version) => `-exclude=${version}`).join(' ');
    await shell.run(`go mod edit ${quoted(`-replace=${module}=${dirname(manifest)}`)} ${exclusions}`, folder);
    await shell.run('go mod tidy', folder);
    await shell.run(`go vet ./... ${module}/...`, folder);
  },
};
