import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** What people read before they have the sources open. */
export const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).sort().map((name) => `docs/${name}`)];

export interface Block {
  readonly document: string;
  /** Where it begins, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** The anchor of the second-level heading above it. */
  readonly section: string;
  /** What a reader would save it as: `<!-- file: … -->` above it. */
  readonly file?: string;
  /** Other marks above it, for tests: `<!-- name -->`. */
  readonly marks: string[];
}

export interface Link {
  readonly document: string;
  readonly line: number;
  readonly target: string;
  readonly title?: string;
}

export function read(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

/** Every fenced block of a document, also those inside lists. */
export function blocksOf(document: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let marks: string[] = [];
  let open: { line: number; indent: string; language: string; lines: string[] } | undefined;
  read(document).split('\n').forEach((line, index) => {
    const fence = /^(\s*)```(\S*)$/.exec(line);
    if (open && fence) {
      const text = open.lines.map((inner) => (inner.startsWith(open!.indent) ? inner.slice(open!.indent.length) : inner)).join('\n');
      const file = marks.map((mark) => /^file: (.+)$/.exec(mark)?.[1]).find((name) => name !== undefined);
      blocks.push({
        document, line: open.line, language: open.language, text, section, marks: marks.filter((mark) => !mark.startsWith('file: ')), ...(file === undefined ? {} : { file }),
      });
      open = undefined;
      marks = [];
    } else if (open) {
      open.lines.push(line);
    } else if (fence) {
      open = { line: index + 1, indent: fence[1]!, language: fence[2]!, lines: [] };
    } else {
      const mark = /^\s*<!-- (.+) -->$/.exec(line)?.[1];
      if (mark !== undefined) marks.push(mark);
      else if (line.trim() !== '') marks = [];
      const heading = /^## (.+)$/.exec(line)?.[1];
      if (heading !== undefined) section = anchorOf(heading);
    }
  });
  if (open) throw new Error(`${document}:${open.line}: the block is not closed`);
  return blocks;
}

/** The one block that a test looks for. */
export function marked(document: string, mark: string): Block {
  const found = blocksOf(document).filter(({ marks }) => marks.includes(mark));
  if (found.length !== 1) throw new Error(`${document} has ${found.length} blocks below <!-- ${mark} -->`);
  return found[0]!;
}

/** The anchors that GitHub makes of the headings. */
export function anchorsOf(document: string): string[] {
  return [...withoutBlocks(document).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
}

export function linksOf(document: string): Link[] {
  return withoutBlocks(document).split('\n').flatMap((line, index) => (
    [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)(?: "([^"]*)")?\)/g)].map(([, target, title]) => ({
      document, line: index + 1, target: target!, ...(title === undefined ? {} : { title }),
    }))
  ));
}

/** Without the blocks, and with as many lines. */
function withoutBlocks(document: string): string {
  let inside = false;
  return read(document).split('\n').map((line) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) inside = !inside;
    return isFence || inside ? '' : line;
  }).join('\n');
}

function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[^\p{L}\p{N} _-]/gu, '').replace(/ /g, '-');
}
