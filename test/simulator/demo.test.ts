import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const demo = (...args: string[]) => spawnSync(process.execPath, ['--import', 'tsx', 'simulator/demo.ts', ...args], {
  cwd: join(__dirname, '../..'),
  encoding: 'utf8',
  env: { ...process.env, NO_COLOR: '1' },
});

describe('the demo', () => {
  const { status, stdout, stderr } = demo();

  test('ends well', () => {
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('Everything is as it should be.');
    expect(stdout.match(/✔ 25 of 25 accounts are opted out of everything/g)).toHaveLength(3);
    expect(stdout).not.toContain('✘');
  });

  test('can be read in 80 columns', () => {
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says what the template contains and lists every account before and after', () => {
    expect(stdout).toMatch(/5 resources, 0 assets, [\d,]+ bytes\. The policy, 221 characters:/);
    expect(stdout.match(/^ {2}\d{12} .* not opted out +opted out$/gm)).toHaveLength(25);
    expect(stdout).toContain('No updates are to be performed.');
  });

  test('prints the same every time', () => {
    expect(demo().stdout).toBe(stdout);
  });
});
