import { readdirSync, readFileSync } from 'fs';
import { join, relative } from 'path';
import { loadESLint, type Linter } from 'eslint';

const PROJECT = join(__dirname, '..');

/** The rules that keep layers apart. The others may want types, which a planted text has none of. */
const RULES = ['import/no-restricted-paths', 'no-restricted-imports', 'no-console'];

/** Lints a text as if it stood in a file. */
async function lint(file: string, text: string): Promise<Linter.LintMessage[]> {
  const ESLint = await loadESLint({ useFlatConfig: false });
  const filePath = join(PROJECT, file);
  const { parser, plugins, settings, rules } = await new ESLint({ cwd: PROJECT }).calculateConfigForFile(filePath);
  const eslint = new ESLint({
    cwd: PROJECT,
    useEslintrc: false,
    overrideConfig: { parser, plugins, settings, parserOptions: { sourceType: 'module' }, rules: Object.fromEntries(RULES.map((rule) => [rule, rules[rule] ?? 'off'])) },
  });
  const [result] = await eslint.lintText(`${text}\n`, { filePath });
  return result!.messages;
}

const PURE = 'pure';
const INDEPENDENT = 'The simulator is independent of the product.';
const IN_AWS = 'What runs in AWS or reads an organization does not import the CDK.';

describe('layers', () => {
  test.each([
    ['src/policy/planted.ts', "import { AiService } from '../ai-service';", 'import/no-restricted-paths', PURE],
    ['src/text/planted.ts', "import { POLICY_TYPE } from '../policy';", 'import/no-restricted-paths', PURE],
    ['src/text/planted.ts', "import { readFileSync } from 'fs';", 'no-restricted-imports', PURE],
    ['src/policy/planted.ts', "import { OptOutError } from '../private/errors';", 'import/no-restricted-paths', PURE],
    ['src/policy/planted.ts', "import { Stack } from 'aws-cdk-lib';", 'no-restricted-imports', PURE],
    ['src/policy/planted.ts', "import { Role } from 'aws-cdk-lib/aws-iam';", 'no-restricted-imports', PURE],
    ['src/policy/planted.ts', "import { Construct } from 'constructs';", 'no-restricted-imports', PURE],
    ['src/policy/planted.ts', "import { readFileSync } from 'fs';", 'no-restricted-imports', PURE],
    ['src/policy/planted.ts', "import { OrganizationsClient } from '@aws-sdk/client-organizations';", 'no-restricted-imports', PURE],
    ['src/handlers/planted/index.ts', "import { Stack } from 'aws-cdk-lib';", 'no-restricted-imports', IN_AWS],
    ['src/handlers/planted/index.ts', "import { Construct } from 'constructs';", 'no-restricted-imports', IN_AWS],
    ['src/organization/planted.ts', "import { Stack } from 'aws-cdk-lib';", 'no-restricted-imports', IN_AWS],
    ['src/planted.ts', "import { problemsOf } from '../simulator/iam';", 'import/no-restricted-paths', 'The simulator is a development tool'],
    ['src/private/planted.ts', "import { problemsOf } from '../../simulator/iam';", 'import/no-restricted-paths', 'The simulator is a development tool'],
    ['simulator/planted.ts', "import { AiService } from '../src';", 'import/no-restricted-paths', INDEPENDENT],
    ['simulator/organizations/planted.ts', "import { effectivePolicy } from '../../src/policy';", 'import/no-restricted-paths', INDEPENDENT],
    ['simulator/planted.ts', "import { figuresOf } from '../demo/figures';", 'import/no-restricted-paths', INDEPENDENT],
    ['src/planted.ts', "import { version } from './cli/version';", 'import/no-restricted-paths', 'Nothing imports the CLI.'],
    ['src/organization/planted.ts', "import { version } from '../cli/version';", 'import/no-restricted-paths', 'Nothing imports the CLI.'],
    ['src/handlers/planted/index.ts', "import { version } from '../../cli/version';", 'import/no-restricted-paths', 'Nothing imports the CLI.'],
    ['src/planted.ts', 'console.log(1);', 'no-console', 'Unexpected console statement'],
  ])('fails for %s with %s', async (file, text, ruleId, message) => {
    expect(await lint(file, text)).toEqual(expect.arrayContaining([
      expect.objectContaining({ ruleId, message: expect.stringContaining(message) }),
    ]));
  });

  test.each([
    ['src/policy/planted.ts', "export { parse } from '@humanwhocodes/momoa';\nexport * from './grammar';"],
    ['src/handlers/planted/index.ts', "export * from '../../policy';"],
    ['src/planted.ts', "export * from './policy';"],
    ['src/cli/planted.ts', "export * from '../organization';"],
    ['demo/planted.ts', "export * from '../src';\nexport * from '../simulator/iam';"],
  ])('pass for %s with %s', async (file, text) => {
    expect(await lint(file, text)).toEqual([]);
  });
});

test('nothing in the simulator imports anything of the product', () => {
  const simulator = join(PROJECT, 'simulator');
  const files = readdirSync(simulator, { recursive: true, encoding: 'utf8' }).filter((file) => /\.[cm]?[jt]s$/.test(file));
  const imports = files.flatMap((file) => {
    const specifiers = [...readFileSync(join(simulator, file), 'utf8').matchAll(/(?:from|import|require)\s*\(?\s*['"](\.[^'"]*)['"]/g)].map(([, specifier]) => specifier!);
    return specifiers.map((specifier) => ({ file, imported: relative(simulator, join(simulator, file, '..', specifier)) }));
  });
  expect(imports.length).toBeGreaterThan(50);
  expect(imports.filter(({ imported }) => imported.startsWith('..'))).toEqual([]);
});
