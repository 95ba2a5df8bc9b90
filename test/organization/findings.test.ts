import { scene, start, startOptedOut } from './scene';
import { FULL_LOCK, unlocked } from '../support/documents';

describe('an unlocked opt-out beside a locked one on the same target', () => {
  test.each([['before', true], ['after', false]])('(attached %s it) is a duplicate, because AWS combines the controls', async (_, first) => {
    const { zone } = start();
    const attach = (name: string, document: typeof FULL_LOCK) => scene.policy(name, document, zone.rootId);
    const older = first ? attach('Old script', unlocked({ default: 'optOut' })) : undefined;
    const ours = attach('Ours', FULL_LOCK);
    const leftover = older ?? attach('Old script', unlocked({ default: 'optOut' }));
    scene.policy('Child', unlocked({ default: 'optIn' }), zone.sandboxUnitId);

    const verification = await scene.verify();

    expect(verification.status).toBe('optedOut');
    expect(verification.findings.map(({ code }) => code)).not.toContain('policyUnlocked');
    expect(verification.findings).toContainEqual(expect.objectContaining({ code: 'policyDuplicate', severity: 'warning', ids: [leftover, ours] }));
    expect(verification.findings.find(({ code }) => code === 'policyDuplicate')!.message)
      .toMatch(/^policy "Old script" is not locked, but policy "Ours" on the same target is.*: child policies cannot undo either.*detach it/);
    expect(verification.checklist.find(({ id }) => id === 'locked')).toMatchObject({ passed: true });
    expect([...new Set(verification.accounts.map(({ reason }) => reason))]).toEqual([expect.stringMatching(/^opted out by policy "(Old script|Ours)" on the root, locked$/)]);
  });

  test('is not locked by one that is attached elsewhere', async () => {
    const { zone } = start();
    scene.policy('Old script', unlocked({ default: 'optOut' }), zone.rootId);
    scene.policy('Ours', FULL_LOCK, zone.workloadsUnitId);

    const verification = await scene.verify();

    expect(verification.findings.map(({ code }) => code)).toEqual(['policyUnlocked']);
    expect(verification.checklist.find(({ id }) => id === 'locked')).toMatchObject({ passed: false, detail: expect.stringContaining('"Old script": adding services open') });
  });
});

describe('findings about services that are not required', () => {
  test('are information', async () => {
    const { zone } = startOptedOut();
    scene.policy('Open', unlocked({ default: 'optOut', lex: 'optIn' }), zone.sandboxUnitId);
    scene.policy('Lex', unlocked({ lex: 'optIn' }), zone.sandboxUnitId);

    const required = await scene.verify({ services: ['lex'] });
    const other = await scene.verify({ services: ['rekognition', 'textract'] });

    const aboutLex = ({ findings }: typeof other) => findings.filter(({ message }) => message.includes('lex'));
    expect(aboutLex(required).some(({ severity }) => severity !== 'info')).toBe(true);
    expect(aboutLex(other).length).toBeGreaterThan(0);
    expect(aboutLex(other).map(({ severity }) => severity)).toEqual(aboutLex(other).map(() => 'info'));
    expect(other.status).toBe('optedOut');
  });

  test('are errors where they are about the default that a required service depends on', async () => {
    const { zone } = start();
    scene.policy('OptOut', unlocked({ default: 'optOut' }), zone.rootId);
    scene.policy('OptIn', unlocked({ default: 'optIn' }), zone.sandboxUnitId);
    const { findings } = await scene.verify({ services: ['rekognition'] });
    expect(findings[0]).toMatchObject({ code: 'overriddenBelow', severity: 'error' });
  });
});

describe('evidence that was asked for and not obtained', () => {
  test('fails the check: spot checks', async () => {
    startOptedOut({ accounts: 600 });
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');
    const { checklist } = await scene.verify({ spotChecks: 3 });
    expect(checklist.find(({ id }) => id === 'evidence')).toMatchObject({ passed: false, detail: expect.stringContaining('3 of 3 spot checks had no result') });
  });

  test('fails the check: the effective policies of all accounts', async () => {
    startOptedOut();
    scene.organizations.faults.accessDenied('DescribeEffectivePolicy');
    const { checklist } = await scene.verify({ evidence: 'effective' });
    expect(checklist.find(({ id }) => id === 'evidence')).toMatchObject({
      passed: false, detail: expect.stringContaining('the effective policies of 6 accounts were asked for and could not be read'),
    });
  });
});
