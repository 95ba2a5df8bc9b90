import { BootstraplessSynthesizer, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AiServicesOptOut, AiServicesOptOutConfigRule } from '../../src';
import { monitorIn, MONITORING_HANDLER, SHARED, US_EAST_1 } from '../support/monitoring';
import { HANDLER, newStack } from '../support/stacks';

const KIB = 1024;
const LARGEST_HANDLER = 64 * KIB;

/** The size of the template as the CDK writes it, if the monitoring function's code were as large as it may get. */
function sizeOf(stack: Stack): number {
  const template = Template.fromStack(stack).toJSON();
  template.Resources[SHARED.function].Properties.Code.ZipFile = HANDLER.repeat(6).slice(0, LARGEST_HANDLER);
  return Buffer.byteLength(JSON.stringify(template, undefined, 1));
}

function portable(props = {}): Stack {
  return newStack({ ...props, synthesizer: new BootstraplessSynthesizer() });
}

function everythingIn(stack: Stack): Stack {
  const notificationTopic = new Topic(stack, 'Topic', { enforceSSL: true });
  monitorIn(stack, { repair: new AiServicesOptOut(stack, 'OptOut'), notificationTopic });
  new AiServicesOptOutConfigRule(stack, 'Rule');
  return stack;
}

test('the function\'s code has at most 64 KiB', () => {
  expect(Buffer.byteLength(MONITORING_HANDLER)).toBeLessThanOrEqual(LARGEST_HANDLER);
});

test('a template with everything has at most 150 KB', () => {
  expect(sizeOf(everythingIn(newStack()))).toBeLessThanOrEqual(150_000);
  expect(sizeOf(everythingIn(portable(US_EAST_1)))).toBeLessThanOrEqual(150_000);
});

test('there are no assets', () => {
  const stack = everythingIn(newStack());
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toMatch(/S3Bucket|S3Key|cdk-hnb659fds-assets/);
});
