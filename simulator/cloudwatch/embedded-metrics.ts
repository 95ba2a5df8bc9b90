import { isObject } from '../organizations/input';

/** One value of a metric. */
export interface Datum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Record<string, string>;

  /** Milliseconds since the epoch, as the function wrote it. */
  readonly time: number;
  readonly value: number;
  readonly unit: string;
}

/** What a log line says. */
export interface ReadLine {
  readonly data: Datum[];

  /** Why CloudWatch would make no metric of it. */
  readonly problems: string[];
}

/** Units that CloudWatch knows. */
export const UNITS: readonly string[] = [
  'Seconds', 'Microseconds', 'Milliseconds',
  ...['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes', 'Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits', 'Count']
    .flatMap((unit) => [unit, `${unit}/Second`]),
  'Percent', 'None',
];

const MAX_EVENT_BYTES = 1_048_576;
const MAX_DIMENSIONS = 30;
const MAX_METRICS = 100;
const MAX_VALUES = 100;

/** CloudWatch takes values from so long ago. */
const MAX_AGE_MS = 14 * 24 * 3_600_000;

/** And values from so far in the future. */
const MAX_AHEAD_MS = 2 * 3_600_000;

/**
 * Reads a log line in the embedded metric format. Undefined: it is just a line.
 *
 * The whole line has to be one JSON object; a time stamp or a request id before it makes it text.
 */
export function readEmbeddedMetrics(line: string, now: number): ReadLine | undefined {
  if (!line.trimStart().startsWith('{')) return undefined;
  let root: unknown;
  try {
    root = JSON.parse(line);
  } catch {
    return line.includes('"_aws"') ? { data: [], problems: ['the line is not one JSON object'] } : undefined;
  }
  if (!isObject(root) || !('_aws' in root)) return undefined;
  const problems: string[] = [];
  const data = read(root, now, problems);
  if (Buffer.byteLength(line) > MAX_EVENT_BYTES) problems.push('the line is longer than 1 MiB');
  return { data: problems.length === 0 ? data : [], problems };
}

function read(root: Record<string, unknown>, now: number, problems: string[]): Datum[] {
  const metadata = root._aws;
  if (!isObject(metadata)) {
    problems.push('_aws is no object');
    return [];
  }
  const { Timestamp: time, CloudWatchMetrics: directives } = metadata;
  if (typeof time !== 'number' || !Number.isInteger(time)) problems.push('Timestamp is no whole number of milliseconds');
  else if (time < now - MAX_AGE_MS) problems.push('Timestamp is more than two weeks ago: it has to be in milliseconds');
  else if (time > now + MAX_AHEAD_MS) problems.push('Timestamp is more than two hours in the future');
  if (!Array.isArray(directives)) {
    problems.push('CloudWatchMetrics is no list');
    return [];
  }
  return directives.flatMap((directive) => readDirective(root, directive, time as number, problems));
}

function readDirective(root: Record<string, unknown>, directive: unknown, time: number, problems: string[]): Datum[] {
  if (!isObject(directive)) {
    problems.push('a member of CloudWatchMetrics is no object');
    return [];
  }
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = directive;
  if (!isText(namespace, 255) || /^:/.test(namespace)) problems.push('Namespace is no text of 1 to 255 characters');
  else if (namespace.startsWith('AWS/')) problems.push(`Namespace ${namespace} is AWS's own`);
  if (!Array.isArray(metrics)) problems.push('Metrics is no list');
  else if (metrics.length > MAX_METRICS) problems.push(`there are more than ${MAX_METRICS} metrics`);
  if (!Array.isArray(sets) || sets.length === 0) problems.push('Dimensions is no list of lists');
  const dimensionSets = (Array.isArray(sets) ? sets : []).map((set) => readDimensions(root, set, problems));
  return (Array.isArray(metrics) ? metrics : []).flatMap((metric) => (
    readMetric(root, metric, problems).flatMap(({ name, value, unit }) => (
      dimensionSets.map((dimensions) => ({ namespace: String(namespace), name, dimensions, time, value, unit }))
    ))
  ));
}

function readDimensions(root: Record<string, unknown>, set: unknown, problems: string[]): Record<string, string> {
  if (!Array.isArray(set)) {
    problems.push('a member of Dimensions is no list');
    return {};
  }
  if (set.length > MAX_DIMENSIONS) problems.push(`there are more than ${MAX_DIMENSIONS} dimensions`);
  const dimensions: Record<string, string> = {};
  for (const name of set) {
    const value = isText(name, 255) && name !== '_aws' ? root[name] : undefined;
    if (isText(value, 1024)) dimensions[name] = value;
    else problems.push(`dimension ${JSON.stringify(name)} has no text as its value`);
  }
  return dimensions;
}

function readMetric(root: Record<string, unknown>, metric: unknown, problems: string[]): Array<{ name: string; value: number; unit: string }> {
  if (!isObject(metric) || !isText(metric.Name, 1024)) {
    problems.push('a metric has no name');
    return [];
  }
  const { Name: name, Unit: unit = 'None', StorageResolution: resolution = 60 } = metric as { Name: string; Unit?: string; StorageResolution?: number };
  if (!UNITS.includes(unit)) problems.push(`metric ${name} has the unknown unit ${JSON.stringify(unit)}`);
  if (![1, 60].includes(resolution)) problems.push(`metric ${name} has the storage resolution ${JSON.stringify(resolution)}, not 1 or 60`);
  const target = name === '_aws' ? undefined : root[name];
  const values = Array.isArray(target) ? target : [target];
  if (!values.every((value) => typeof value === 'number') || values.length === 0) {
    problems.push(`metric ${name} has no number as its value`);
    return [];
  }
  if (values.length > MAX_VALUES) problems.push(`metric ${name} has more than ${MAX_VALUES} values`);
  return values.map((value) => ({ name, value, unit }));
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= max;
}
