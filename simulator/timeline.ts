import { type SimulatedAws } from './cloudformation/simulated-aws';

/** One thing that happened, at a simulated time. */
interface Entry {
  readonly time: number;
  readonly text: string;
}

/** What happened in a simulation, in simulated time: calls, runs of functions with their log, events of stacks, messages. One line each, the last lines of all. */
export function timelineOf(aws: SimulatedAws, lines = 100): string {
  const entries = [
    ...aws.cloudFormation.events.map(({ time, logicalId, status, reason }) => ({ time, text: `stack    ${logicalId} ${status}${reason ? `: ${reason}` : ''}` })),
    ...aws.organizations.calls.map(({ time, operation, outcome, callerArn }) => (
      { time, text: `call     ${operation} ${outcome === 'ok' ? '' : `${outcome} `}by ${callerArn.split('/').slice(1).join('/') || callerArn}` }
    )),
    ...aws.lambda.invocations.flatMap(runOf),
    ...aws.sns.messages.map(({ time, subject }) => ({ time, text: `message  ${subject}` })),
  ].sort((left, right) => left.time - right.time);
  const shown = entries.slice(-lines);
  const omitted = entries.length - shown.length;
  return [
    ...(omitted > 0 ? [`(${omitted} earlier lines)`] : []),
    ...shown.map(({ time, text }) => `${stamp(time)}  ${text}`),
    `${stamp(aws.clock.now())}  now`,
  ].join('\n');
}

function runOf({ functionName, startedAt, durationMs, error, coldStart, logLines, trigger }: SimulatedAws['lambda']['invocations'][number]): Entry[] {
  const name = `${functionName}${trigger ? ` for ${trigger.service}` : ''}`;
  const end = error ? `fails: ${error.errorType}: ${error.errorMessage}` : 'ends';
  return [
    { time: startedAt, text: `run      ${name} begins${coldStart ? ' (cold start)' : ''}` },
    ...logLines.map((line) => logEntry(line, startedAt)),
    ...(durationMs === undefined ? [] : [{ time: startedAt + durationMs, text: `run      ${name} ${end}` }]),
  ];
}

/** A log line has its time in front, unless the function writes lines of its own form. */
function logEntry(line: string, startedAt: number): Entry {
  const [, time, text] = /^(\d{4}-\d\d-\d\dT\S+Z)\t[^\t]*\t(?:INFO\t)?([\s\S]*)$/.exec(line) ?? [];
  return time === undefined ? { time: startedAt, text: `log      ${line}` } : { time: Date.parse(time), text: `log      ${text}` };
}

function stamp(time: number): string {
  return new Date(time).toISOString().slice(5, 23).replace('T', ' ');
}
