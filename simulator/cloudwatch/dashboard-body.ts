import { isObject } from '../organizations/input';

const WIDGET_TYPES = ['alarm', 'custom', 'explorer', 'log', 'metric', 'text'];
const GRID_WIDTH = 24;
const MAX_HEIGHT = 1000;
const MAX_WIDGETS = 500;

/** What is wrong with a dashboard's body; every problem begins with where it is. */
export function dashboardProblems(body: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return ['the body is not valid JSON'];
  }
  if (!isObject(parsed) || !Array.isArray(parsed.widgets)) return ['/widgets: should be an array'];
  if (parsed.widgets.length > MAX_WIDGETS) return [`/widgets: should have at most ${MAX_WIDGETS}`];
  return parsed.widgets.flatMap((widget, index) => widgetProblems(widget).map((problem) => `/widgets/${index}${problem}`));
}

function widgetProblems(widget: unknown): string[] {
  if (!isObject(widget)) return [': should be an object'];
  const { type, properties } = widget;
  const problems = placementProblems(widget);
  if (typeof type !== 'string' || !WIDGET_TYPES.includes(type)) problems.push(`/type: should be one of ${WIDGET_TYPES.join(', ')}`);
  if (!isObject(properties)) return [...problems, '/properties: should be an object'];
  if (type === 'text' && typeof properties.markdown !== 'string') problems.push('/properties/markdown: should be a string');
  if (type === 'log' && typeof properties.query !== 'string') problems.push('/properties/query: should be a string');
  if ((type === 'log' || type === 'metric') && typeof properties.region !== 'string') problems.push('/properties/region: should be a string');
  if (type === 'alarm' && !isListOf(properties.alarms, isArn)) problems.push('/properties/alarms: should be an array of ARNs');
  if (type === 'metric') problems.push(...metricProblems(properties));
  return problems;
}

function placementProblems({ x, y, width, height }: Record<string, unknown>): string[] {
  const isWithin = (value: unknown, least: number, most: number) => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
  const problems: string[] = [];
  // Without a place a widget comes where there is room.
  if ((x !== undefined || y !== undefined) && !(isWithin(x, 0, GRID_WIDTH - 1) && isWithin(y, 0, Infinity))) problems.push('/x, /y: should be whole numbers');
  if (width !== undefined && !isWithin(width, 1, GRID_WIDTH)) problems.push(`/width: should be 1 to ${GRID_WIDTH}`);
  if (height !== undefined && !isWithin(height, 1, MAX_HEIGHT)) problems.push(`/height: should be 1 to ${MAX_HEIGHT}`);
  if (Number(x ?? 0) + Number(width ?? 0) > GRID_WIDTH) problems.push(`/width: reaches beyond the ${GRID_WIDTH} columns`);
  return problems;
}

function metricProblems({ metrics, annotations }: Record<string, unknown>): string[] {
  if (metrics === undefined) {
    // A widget that shows an alarm has no metrics of its own.
    const alarms = isObject(annotations) ? annotations.alarms : undefined;
    return isListOf(alarms, isArn) ? [] : ['/properties: should have metrics or annotations with alarms'];
  }
  if (!Array.isArray(metrics)) return ['/properties/metrics: should be an array'];
  return metrics.flatMap((metric, index) => metricLineProblems(metric).map((problem) => `/properties/metrics/${index}: ${problem}`));
}

/** `[namespace, name, dimension, value, …, {options}]`, or one expression. */
function metricLineProblems(metric: unknown): string[] {
  if (!Array.isArray(metric) || metric.length === 0) return ['should be an array'];
  const last: unknown = metric.at(-1);
  const texts = isObject(last) ? metric.slice(0, -1) : metric;
  if (texts.length === 0) return isObject(last) && typeof last.expression === 'string' ? [] : ['should have an expression'];
  if (!texts.every((text) => typeof text === 'string' && text !== '')) return ['should be made of strings'];
  if (texts.includes('...')) return [];
  if (texts.length < 2) return ['should have a namespace and a metric name'];
  return texts.length % 2 === 0 ? [] : ['should have a value for every dimension'];
}

function isListOf(value: unknown, isMember: (member: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isMember);
}

function isArn(value: unknown): boolean {
  return typeof value === 'string' && /^arn:[^:]+:cloudwatch:/.test(value);
}
