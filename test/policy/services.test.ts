import { hintForService } from '../../src/policy';

test.each([
  ['rekogniton', 'did you mean "rekognition"?'],
  ['LEX', 'did you mean "lex"?'],
  ['amazonq', 'did you mean "q"?'],
  ['Amazon Q Developer', 'did you mean "q"?'],
  ['aws-transform', 'did you mean "transform"?'],
  ['devopsagent', 'did you mean "aidevops"?'],
  ['quicksight', 'did you mean "quicksightq"?'],
  ['connecthealth', 'did you mean "connecthealth::operations" or "connecthealth::training"?'],
  ['defualt', 'did you mean "default"?'],
  ['s3', '"default" stands for all services'],
  ['', '"default" stands for all services'],
  ['constructor', '"default" stands for all services'],
])('the hint for %j', (key, expected) => {
  expect(hintForService(key)).toBe(expected);
});

test.each([
  ['bedrock', /^Amazon Bedrock has no key in the policy: .*data retention mode/],
  ['amazonbedrock', /^Amazon Bedrock has no key in the policy/],
  ['bedrockagents', /^Amazon Bedrock has no key in the policy/],
  ['sagemaker', /^Amazon SageMaker AI has no key in the policy: "datazone" covers the SageMaker data agent/],
  ['kiro', /^Kiro has no key in the policy, and AWS does not document that "default" covers it/],
  ['monitron', /^Amazon Monitron has no key in the policy/],
])('%s is explained: the policy has no such key', (key, expected) => {
  expect(hintForService(key)).toMatch(expected);
});
