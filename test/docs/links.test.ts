import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, DOCUMENTS, linksOf, read, ROOT, type Link } from './markdown';

const LINKS = DOCUMENTS.flatMap(linksOf);
const place = ({ document, line, target }: Link) => `${document}:${line}: ${target}`;

/** A path from the root of the project, and an anchor. */
function resolved({ document, target }: Link): [path: string, anchor: string | undefined] {
  const [path, anchor] = target.split('#') as [string, string | undefined];
  return [path === '' ? document : normalize(join(dirname(document), path)), anchor];
}

describe('links between documents', () => {
  const inside = LINKS.filter(({ target }) => !/^[a-z]+:/.test(target));

  test('are found', () => {
    expect(inside.length).toBeGreaterThan(100);
    expect(inside.some(({ target }) => target.startsWith('#'))).toBe(true);
  });

  test('lead to files that exist', () => {
    expect(inside.filter((link) => !existsSync(join(ROOT, resolved(link)[0]))).map(place)).toEqual([]);
  });

  test('lead to headings that exist', () => {
    const dead = inside.filter((link) => {
      const [path, anchor] = resolved(link);
      return anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).includes(anchor);
    });
    expect(dead.map(place)).toEqual([]);
  });

  test('of an answer lead to a test of that name', () => {
    const proofs = inside.filter(({ title }) => title !== undefined);
    expect(proofs.length).toBeGreaterThan(10);
    const names = (link: Link) => readFileSync(join(ROOT, resolved(link)[0]), 'utf8');
    expect(proofs.filter((link) => !names(link).includes(`test('${link.title}`)).map(({ title, ...link }) => `${place(link)} "${title}"`)).toEqual([]);
  });
});

test('links to other sites are https, without tracking and without a version of the language', () => {
  const outside = LINKS.filter(({ target }) => /^[a-z]+:/.test(target));
  expect(outside.length).toBeGreaterThan(30);
  expect(outside.filter(({ target }) => !/^https:\/\//.test(target) || /utm_|[?&]ref=/.test(target)).map(place)).toEqual([]);
  expect(outside.filter(({ target }) => /docs\.aws\.amazon\.com\/[a-z]{2}_[a-z]{2}\//.test(target)).map(place)).toEqual([]);
});

test('every document in docs can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const document of reached) {
    for (const link of linksOf(document)) {
      const [path] = resolved(link);
      if (DOCUMENTS.includes(path)) reached.add(path);
    }
  }
  expect(DOCUMENTS.filter((document) => !reached.has(document))).toEqual([]);
});

test('the README links each document in docs itself', () => {
  const linked = linksOf('README.md').map((link) => resolved(link)[0]);
  expect(DOCUMENTS.filter((document) => document.startsWith('docs/') && !linked.includes(document))).toEqual([]);
});

test('the questions and answers have a source each', () => {
  const answers = read('docs/faq.md').split(/\n(?=\*\*)/).slice(1);
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((answer) => !/\]\(/.test(answer)).map((answer) => answer.split('\n')[0])).toEqual([]);
});
