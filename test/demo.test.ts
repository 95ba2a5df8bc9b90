import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const demo = (...args: string[]) => spawnSync(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...args], {
  cwd: join(__dirname, '..'),
  encoding: 'utf8',
  env: { ...process.env, NO_COLOR: '1' },
});

describe('the demo', () => {
  const { status, stdout, stderr } = demo();

  test('ends well', () => {
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toContain('Everything is as it should be.');
    expect(stdout.match(/✔ 25 of 25 accounts are opted out of everything/g)).toHaveLength(6);
    // The moment after somebody has detached the policy.
    expect(stdout.match(/✘.*/g)).toEqual(['✘ 25 of 25 accounts are no longer opted out']);
  });

  test('can be read in 80 columns', () => {
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says what the template contains and lists every account before and after', () => {
    expect(stdout).toMatch(/5 resources, 0 assets, [\d,]+ bytes\. The policy, 221 characters:/);
    expect(stdout.match(/^ {2}\d{12} .* not opted out +opted out$/gm)).toHaveLength(25);
    expect(stdout).toContain('No updates are to be performed.');
  });

  test('shows what the monitor said and did about the policy that somebody detached', () => {
    expect(stdout).toMatch(/\d+ s later, a message to the topic:\n\n {4}AI opt-out: undone and repaired, all 25 accounts are opted out\n/);
    expect(stdout).toMatch(/DetachPolicy p-\w+ r-\w+ by\n {4}arn:aws:iam::111122223333:user\/somebody/);
    expect(stdout).toMatch(/^ {2}Repairs +1, 0$/m);
    expect(stdout.match(/^ {2}(NotOptedOut|Unknown|VerificationAge) +OK$/gm)).toHaveLength(3);
  });

  test('prints the same every time', () => {
    expect(demo().stdout).toBe(stdout);
  });
});
