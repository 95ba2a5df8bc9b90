import { spawnSync } from 'node:child_process';
import { blocksOf, DOCUMENTS, type Block } from './markdown';

/** A command of a document, as somebody would paste it: with its continuation lines, loops and here-documents. */
export interface Command {
  readonly document: string;
  readonly line: number;
  readonly section: string;
  readonly text: string;
}

/** Every command of every document, in the order of reading. */
export function allCommands(): Command[] {
  return DOCUMENTS.flatMap(blocksOf).filter(({ language }) => language === 'sh').flatMap(commandsIn);
}

/** Bash itself says where a command ends. */
export function commandsIn({ document, line, section, text }: Block): Command[] {
  const commands: Command[] = [];
  let pending: string[] = [];
  text.split('\n').forEach((row, index, rows) => {
    if (pending.length === 0 && row.trim() === '') return;
    pending.push(row);
    const command = pending.join('\n');
    if (index < rows.length - 1 && (row.endsWith('\\') || !isComplete(command))) return;
    commands.push({ document, line: line + 1 + index - (pending.length - 1), section, text: command });
    pending = [];
  });
  return commands;
}

function isComplete(command: string): boolean {
  const { status, stderr, error } = spawnSync('bash', ['-n'], { input: `${command}\n`, encoding: 'utf8' });
  if (error) throw error;
  // Of a here-document without its end it only warns.
  return status === 0 && stderr === '';
}
