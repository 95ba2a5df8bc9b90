import { USAGE_METRICS } from '../../src/monitoring/usage-metrics';
import { SERVICES } from '../../src/policy';

/** Namespace, metric and dimensions: what makes a metric in CloudWatch. */
function schema(metric: (typeof USAGE_METRICS)[number]): string {
  return [metric.namespace, metric.metricName, ...[...metric.dimensions].sort()].join(' ');
}

test('there are metrics, ordered by service', () => {
  const services = USAGE_METRICS.map((metric) => metric.service);
  expect(services).not.toHaveLength(0);
  expect(services).toEqual([...services].sort());
});

describe.each(USAGE_METRICS.map((metric) => [`${metric.service} ${schema(metric)}`, metric] as const))('%s', (_, metric) => {
  test('is of a documented service', () => {
    expect(Object.keys(SERVICES)).toContain(metric.service);
  });

  test('has a namespace of AWS', () => {
    expect(metric.namespace).toMatch(/^AWS\/[A-Z][A-Za-z]+$/);
  });

  test('has a metric name and dimension names that a SEARCH expression takes as they are', () => {
    expect(metric.metricName).toMatch(/^[A-Za-z0-9]+$/);
    expect(metric.dimensions.join('')).toMatch(/^[A-Za-z]+$/);
  });

  test('names each dimension once', () => {
    expect(new Set(metric.dimensions).size).toBe(metric.dimensions.length);
  });

  test('adds up what is counted and takes the peak of what is concurrent', () => {
    expect(metric.statistic).toBe(metric.metricName.startsWith('Concurrent') ? 'Maximum' : 'Sum');
  });

  test('has a source in the AWS documentation', () => {
    expect(metric.source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/[a-z0-9]+\/latest\/[a-z]+\/[a-z0-9_-]+\.html$/);
  });

  test('has a title', () => {
    expect(metric.title).toMatch(/^(AWS|Amazon) .+: .+$/);
  });
});

test.each([
  ['metric', schema],
  ['title', (metric: (typeof USAGE_METRICS)[number]) => metric.title],
])('no %s is there twice', (_, of) => {
  const values = USAGE_METRICS.map(of);
  expect(new Set(values).size).toBe(values.length);
});
