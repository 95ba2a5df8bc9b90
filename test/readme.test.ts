import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { AiService, AiServicesOptOut } from '../src';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const readme = read('README.md');
const manifest = JSON.parse(read('package.json'));

function template(): any {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Stack');
  new AiServicesOptOut(stack, 'OptOut');
  return app.synth().getStackByName('Stack').template;
}

/** The rows of the table that follows a text, as cells without code marks. */
function tableAfter(text: string): string[][] {
  const [, ...lines] = readme.slice(readme.indexOf(text)).split('\n');
  const rows = lines.slice(lines.findIndex((line) => line.startsWith('|')));
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(2, end).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim().replace(/`/g, '')));
}

describe('what the README says', () => {
  test('of the function\'s role is what the role allows', () => {
    const { Statement } = (Object.values<any>(template().Resources).find(({ Type }) => Type === 'AWS::IAM::Role')).Properties.Policies[0].PolicyDocument;
    const granted = Statement.flatMap(({ Action }: any) => Action).sort();
    const listed = tableAfter('<!-- function-role -->').flatMap(([actions]) => {
      const [first, ...others] = actions.split(', ');
      const service = first.split(':')[0];
      return [first, ...others.map((action) => (action.includes(':') ? action : `${service}:${action}`))];
    });
    expect(listed.sort()).toEqual(granted);
  });

  test('of errors are texts that the function can answer', () => {
    const handler = read('assets/handlers/policy-type/index.js');
    // What stands between the values that the function fills in.
    const words = (text: string) => text.replace(/AISERVICES_OPT_OUT_POLICY/g, '…').split(/…|"|: /).map((part) => part.replace(/[:;.]$/, '').trim());
    const fromHandler = tableAfter('| The deployment says').filter(([, , remedy]) => remedy).map(([message]) => message)
      .filter((message) => !/from the policy$/.test(message));
    expect(fromHandler.length).toBeGreaterThan(8);
    for (const message of fromHandler) {
      // Numbers and codes stand for whatever AWS says.
      for (const part of words(message.replace(/\b5\b|optOut|optIn|ConcurrentModificationException|PENDING_/g, '…')).filter((text) => text.length > 2)) {
        expect(handler).toContain(part);
      }
    }
  });

  test('of versions is what is declared', () => {
    const [cdk, constructs, node] = tableAfter('## Versions');
    expect(cdk[1]).toBe(manifest.peerDependencies['aws-cdk-lib'].replace('^', ''));
    expect(constructs[1]).toBe(manifest.peerDependencies.constructs.replace('^', ''));
    expect(node[1]).toBe(/\d+/.exec(manifest.engines.node)![0]);
    const newest = JSON.parse(read('test/newest/package.json')).dependencies;
    expect(cdk[2]).toBe(`${cdk[1]}, ${newest['aws-cdk-lib']}`);
    expect(constructs[2]).toBe(`${constructs[1]}, ${newest.constructs}`);
  });

  test('of packages is what is published', () => {
    const { python, java, dotnet, go } = manifest.jsii.targets;
    expect(readme).toContain(`pip install ${python.distName}`);
    expect(readme).toContain(`from ${python.module} import`);
    expect(readme).toContain(`${java.maven.groupId}:${java.maven.artifactId}`);
    expect(readme).toContain(`.NET (\`${dotnet.packageId}\`)`);
    expect(readme).toContain(go.moduleName);
  });

  test('of the number of services and resources is right', () => {
    expect(readme).toContain(`each of the ${AiService.documented().length} services`);
    expect(readme).toContain('It defines five resources');
    expect(Object.keys(template().Resources).filter((id) => id !== 'CDKMetadata')).toHaveLength(5);
  });

  test('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path);
    expect(links.length).toBeGreaterThan(2);
    for (const path of links) expect(() => read(path)).not.toThrow();
    const anchors = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    const headings = [...readme.matchAll(/^##+ (.+)$/gm)].map(([, text]) => text.toLowerCase().replace(/[^a-z0-9 -]/g, '').replace(/ /g, '-'));
    for (const anchor of anchors) expect(headings).toContain(anchor);
  });
});
