package example;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import com.fasterxml.jackson.databind.ObjectMapper;

import io.github.aiservicesoptout.cdk.AiService;
import io.github.aiservicesoptout.cdk.AiServicesOptOut;
import io.github.aiservicesoptout.cdk.AiServicesOptOutConfigRule;
import io.github.aiservicesoptout.cdk.AiServicesOptOutMonitor;
import io.github.aiservicesoptout.cdk.AllServicesOptions;
import io.github.aiservicesoptout.cdk.AttachedOptOutPolicy;
import io.github.aiservicesoptout.cdk.ChildOverrides;
import io.github.aiservicesoptout.cdk.EffectiveOptOut;
import io.github.aiservicesoptout.cdk.OptOutDecision;
import io.github.aiservicesoptout.cdk.OptOutLevel;
import io.github.aiservicesoptout.cdk.OptOutPolicyDocument;
import io.github.aiservicesoptout.cdk.OptOutPolicyProblem;
import io.github.aiservicesoptout.cdk.OptOutScope;
import io.github.aiservicesoptout.cdk.OptOutSetting;
import io.github.aiservicesoptout.cdk.UsageWidgetsOptions;
import software.amazon.awscdk.App;
import software.amazon.awscdk.BootstraplessSynthesizer;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.Dashboard;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.config.MaximumExecutionFrequency;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.sns.Topic;

/** The same in every language: see README.md beside the folders. What changes here changes in all of them. */
public final class Apps {
    private static final String OUT = System.getenv("CDK_OUTDIR");
    private static final String LEX_OPT_IN = "{\"services\":{\"lex\":{\"opt_out_policy\":{\"@@assign\":\"optIn\"}}}}";
    private static final String MISTAKEN = "{\n  \"services\": {\"lex\": {\"opt_out_policy\": {\"@@assign\": \"optout\"}}}\n}";

    private Apps() {
    }

    private static void oneLine(final App app) {
        new AiServicesOptOut(new Stack(app, "OneLine"), "OptOut");
    }

    private static void everyProp(final App app) {
        Stack stack = new Stack(app, "EveryProp");
        AiServicesOptOut optOut = AiServicesOptOut.Builder.create(stack, "OptOut")
            .services(OptOutScope.allServices(AllServicesOptions.builder().optIn(List.of(AiService.LEX)).build()))
            .childOverrides(ChildOverrides.allowedFor(List.of(AiService.POLLY, AiService.of("newservice"))))
            .targetIds(List.of("ou-abcd-12345678", "111122223333"))
            .policyName("AiServicesOptOut")
            .description("Opts out of everything but Lex — “for good”")
            .removalPolicy(RemovalPolicy.DESTROY)
            .enablementTimeout(Duration.minutes(10))
            .logGroup(LogGroup.fromLogGroupName(stack, "LogGroup", "/governance/ai-opt-out"))
            .role(Role.fromRoleArn(stack, "Role", "arn:aws:iam::111122223333:role/AiOptOut"))
            .build();
        output(stack, "PolicyId", optOut.getPolicyId());
        output(stack, "PolicyArn", optOut.getPolicyArn());
        output(stack, "PolicyName", optOut.getPolicyName());
        output(stack, "RootId", optOut.getRootId());
        output(stack, "OrganizationId", optOut.getOrganizationId());
        output(stack, "ManagementAccountId", optOut.getManagementAccountId());
        output(stack, "Document", optOut.getDocument().toString());

        AiServicesOptOut.Builder.create(new Stack(app, "Document"), "OptOut")
            .document(OptOutPolicyDocument.fromJson(LEX_OPT_IN))
            .build();
    }

    private static void monitorAndRule(final App app) {
        Stack stack = Stack.Builder.create(app, "MonitorAndRule").env(Environment.builder().region("us-east-1").build()).build();
        Topic topic = Topic.Builder.create(stack, "Changes").enforceSsl(true).build();
        LogGroup logGroup = LogGroup.Builder.create(stack, "Logs").retention(RetentionDays.ONE_YEAR).build();
        OptOutScope services = OptOutScope.services(List.of(AiService.REKOGNITION, AiService.TEXTRACT));
        AiServicesOptOutMonitor monitor = AiServicesOptOutMonitor.Builder.create(stack, "Monitor")
            .interval(Duration.hours(1))
            .services(services)
            .spotChecks(100)
            .alarmActions(List.of(new SnsAction(topic)))
            .notificationTopic(topic)
            .repair(new AiServicesOptOut(stack, "OptOut"))
            .logGroup(logGroup)
            .build();
        AiServicesOptOutConfigRule rule = AiServicesOptOutConfigRule.Builder.create(stack, "Rule")
            .configRuleName("ai-opt-out")
            .description("Nobody is opted in")
            .maximumExecutionFrequency(MaximumExecutionFrequency.SIX_HOURS)
            .services(services)
            .logGroup(logGroup)
            .build();
        UsageWidgetsOptions usage = UsageWidgetsOptions.builder().accountIds(List.of("111122223333")).region("us-east-1").build();
        Dashboard.Builder.create(stack, "Overview").widgets(List.of(monitor.widgets(), monitor.usageWidgets(usage))).build();
        Alarm.Builder.create(stack, "Many")
            .metric(monitor.metricNotOptedOut(MetricOptions.builder().period(Duration.hours(1)).build()))
            .threshold(10)
            .evaluationPeriods(1)
            .build();
        output(stack, "NotOptedOut", monitor.getNotOptedOutAlarm().getAlarmArn());
        output(stack, "RuleName", rule.getConfigRuleName());
        output(stack, "RuleArn", rule.getConfigRuleArn());
        output(stack, "RuleId", rule.getConfigRuleId());
        output(stack, "Compliance", rule.getConfigRuleComplianceType());

        Stack given = new Stack(app, "GivenRole");
        AiServicesOptOutMonitor.Builder.create(given, "Monitor")
            .role(Role.fromRoleArn(given, "Role", "arn:aws:iam::111122223333:role/AiOptOut"))
            .build();
    }

    private static void output(final Stack stack, final String id, final String value) {
        CfnOutput.Builder.create(stack, id).value(value).build();
    }

    private static String nameOf(final OptOutSetting setting) {
        return setting == null ? null : setting.name();
    }

    private static Map<String, Object> values() {
        OptOutPolicyDocument document = OptOutPolicyDocument.fromScope(OptOutScope.services(List.of(AiService.TEXTRACT)));
        EffectiveOptOut effective = EffectiveOptOut.evaluate(List.of(
            OptOutLevel.builder()
                .name("Root")
                .policies(List.of(AttachedOptOutPolicy.builder()
                    .name("everyone")
                    .document(OptOutPolicyDocument.fromScope(OptOutScope.allServices()))
                    .build()))
                .build(),
            OptOutLevel.builder()
                .policies(List.of(AttachedOptOutPolicy.builder().document(OptOutPolicyDocument.fromJson(LEX_OPT_IN)).build()))
                .build()));
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("key", AiService.LEX.getKey());
        values.put("name", AiService.LEX.toString());
        values.put("covers", AiService.LEX.getCovers());
        values.put("unknown", AiService.of("newservice").getIsDocumented());
        values.put("documented", AiService.documented().stream().map(AiService::getKey).toList());
        values.put("coversFutureServices", OptOutScope.allServices().getCoversFutureServices());
        values.put("document", document.toString());
        values.put("documentJson", document.toJson());
        values.put("characters", document.getCharacters());
        values.put("namedServices", document.getNamedServices().stream().map(AiService::getKey).toList());
        values.put("defaultSetting", nameOf(document.getDefaultSetting()));
        values.put("textract", nameOf(document.settingFor(AiService.TEXTRACT)));
        values.put("lex", nameOf(document.settingFor(AiService.LEX)));
        values.put("problems", OptOutPolicyDocument.problemsIn(MISTAKEN).stream().map(Apps::problem).toList());
        values.put("optedOutOfEverything", effective.getOptedOutOfEverything());
        values.put("decisions", effective.getDecisions().stream().map(Apps::decision).toList());
        values.put("effectiveLex", nameOf(effective.settingFor(AiService.LEX)));
        values.put("effectiveJson", effective.toJson());
        return values;
    }

    private static Map<String, Object> problem(final OptOutPolicyProblem problem) {
        return Map.of("path", problem.getPath(), "message", problem.getMessage(), "line", problem.getLine(), "column", problem.getColumn());
    }

    private static Map<String, Object> decision(final OptOutDecision decision) {
        return Map.of(
            "key", decision.getKey(),
            "setting", nameOf(decision.getSetting()),
            "level", decision.getLevel(),
            "policy", decision.getPolicy(),
            "overruled", decision.getOverruled(),
            "certain", decision.getCertain());
    }

    private static Map<String, Object> errors() {
        Map<String, Object> errors = new LinkedHashMap<>();
        errors.put("noTargets", messageOf(() -> AiServicesOptOut.Builder.create(new Stack(), "Bad").targetIds(List.of()).build()));
        errors.put("snapshot", messageOf(() ->
            AiServicesOptOut.Builder.create(new Stack(), "Bad").removalPolicy(RemovalPolicy.SNAPSHOT).build()));
        errors.put("twoThings", messageOf(() -> AiServicesOptOut.Builder.create(new Stack(), "Bad")
            .targetIds(List.of("root"))
            .enablementTimeout(Duration.seconds(30))
            .build()));
        errors.put("fiveMinutes", messageOf(() ->
            AiServicesOptOutMonitor.Builder.create(new Stack(), "Bad").interval(Duration.minutes(5)).build()));
        errors.put("ruleName", messageOf(() -> AiServicesOptOutConfigRule.Builder.create(new Stack(), "Bad").configRuleName(" ").build()));
        errors.put("badKey", messageOf(() -> AiService.of("Bad Key")));
        errors.put("noServices", messageOf(() -> OptOutScope.services(List.of())));
        errors.put("mistaken", messageOf(() -> OptOutPolicyDocument.fromJson(MISTAKEN)));
        return errors;
    }

    private static String messageOf(final Runnable act) {
        try {
            act.run();
            return null;
        } catch (RuntimeException error) {
            return error.getMessage();
        }
    }

    private static void synthesize(final String name, final Consumer<App> define) {
        App app = App.Builder.create()
            .outdir(Path.of(OUT, name).toString())
            .defaultStackSynthesizer(BootstraplessSynthesizer.Builder.create().build())
            .build();
        define.accept(app);
        app.synth();
    }

    public static void main(final String[] args) throws IOException {
        synthesize("one-line", Apps::oneLine);
        synthesize("every-prop", Apps::everyProp);
        synthesize("monitor-and-rule", Apps::monitorAndRule);
        new ObjectMapper().writeValue(new File(OUT, "answers.json"), Map.of("values", values(), "errors", errors()));
    }
}
