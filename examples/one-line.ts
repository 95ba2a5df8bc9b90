import { App, Stack } from 'aws-cdk-lib';
import { AiServicesOptOut } from '../src';

const app = new App();
const stack = new Stack(app, 'AiOptOut');

new AiServicesOptOut(stack, 'OptOut');
