import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AiServicesOptOut, AiServicesOptOutMonitor } from '../src';

const app = new App();
const stack = new Stack(app, 'AiOptOut');

const optOut = new AiServicesOptOut(stack, 'OptOut');
const topic = new Topic(stack, 'Changes', { enforceSSL: true });

new AiServicesOptOutMonitor(stack, 'Monitor', {
  repair: optOut,
  notificationTopic: topic,
});
