import type { SingleBar } from 'cli-progress';
import type { CommandContext, Output } from './command-context';
import type { Phase, Progress, ProgressListener } from '../organization/progress';

/** What a person sees while waiting. Goes to stderr, so that the answer can be piped. */
export interface ProgressDisplay {
  readonly onProgress: ProgressListener;
  /** Takes away what is on the screen; also after a failure. */
  stop(): void;
}

const PHASES: Record<Phase, string> = {
  organization: 'reading the organization',
  policies: 'reading policies',
  accounts: 'listing accounts',
  units: 'reading the tree',
  effective: 'asking AWS for effective policies',
  settling: 'waiting for answers to settle',
};

export function progressDisplay(context: CommandContext, quiet = false): ProgressDisplay {
  if (quiet) return { onProgress: () => {}, stop: () => {} };
  return context.stderr.isTTY ? bar(context.stderr) : lines(context);
}

/** One line that moves. */
function bar({ stream }: Output): ProgressDisplay {
  const { SingleBar: Bar, Presets } = require('cli-progress') as typeof import('cli-progress');
  let phase: Phase | undefined;
  let current: SingleBar | undefined;
  const stop = () => current?.stop();
  process.once('exit', stop);

  return {
    onProgress: (progress) => {
      if (progress.kind === 'retry') {
        current?.update({ note: ` (AWS: ${retryInWords(progress)})` });
        return;
      }
      const { done, total } = progress;
      if (progress.phase !== phase) {
        stop();
        phase = progress.phase;
        const format = total === undefined ? `${PHASES[phase]} {value}{note}` : `${PHASES[phase]} [{bar}] {value} of {total}{note}`;
        current = new Bar({ stream, format, hideCursor: true, clearOnComplete: true, barsize: 24, linewrap: false }, Presets.legacy);
        current.start(total ?? 0, done, { note: '' });
      } else {
        if (total !== undefined) current?.setTotal(total);
        current?.update(done, { note: '' });
      }
    },
    stop: () => {
      stop();
      process.off('exit', stop);
    },
  };
}

const BETWEEN_LINES = 5_000;

/** A line now and then, for logs. */
function lines({ stderr, now }: CommandContext): ProgressDisplay {
  let phase: Phase | undefined;
  let tenth = 0;
  let lastLine = 0;
  const say = (text: string) => {
    lastLine = now().getTime();
    stderr.write(`${text}\n`);
  };
  const longAgo = () => now().getTime() - lastLine >= BETWEEN_LINES;

  return {
    onProgress: (progress) => {
      if (progress.kind === 'retry') {
        if (longAgo()) say(`AWS: ${retryInWords(progress)}`);
        return;
      }
      const { done, total } = progress;
      if (progress.phase !== phase) {
        phase = progress.phase;
        tenth = 0;
        say(`${PHASES[phase]}${total !== undefined && total > 1 ? ` (${total})` : ''}`);
      } else if (total && Math.floor((done * 10) / total) > tenth && longAgo()) {
        tenth = Math.floor((done * 10) / total);
        say(`${PHASES[phase]}: ${done} of ${total}`);
      }
    },
    stop: () => {},
  };
}

function retryInWords({ operation, error, inMilliseconds }: Extract<Progress, { kind: 'retry' }>): string {
  return `${error.split(':')[0]} for ${operation}, trying again in ${Math.max(1, Math.round(inMilliseconds / 1000))} s`;
}
