export { AiService } from './ai-service';
export { AiServicesOptOut, type AiServicesOptOutProps } from './ai-services-opt-out';
export { ChildOverrides } from './child-overrides';
export { EffectiveOptOut, type AttachedOptOutPolicy, type OptOutDecision, type OptOutLevel } from './effective-opt-out';
export { AiServicesOptOutConfigRule, type AiServicesOptOutConfigRuleProps } from './monitoring/ai-services-opt-out-config-rule';
export { AiServicesOptOutMonitor, type AiServicesOptOutMonitorProps } from './monitoring/ai-services-opt-out-monitor';
export { type UsageWidgetsOptions } from './monitoring/usage-widgets';
export { OptOutPolicyDocument, OptOutSetting, type FromJsonOptions, type OptOutPolicyProblem } from './opt-out-policy-document';
export { OptOutScope, type AllServicesOptions } from './opt-out-scope';
