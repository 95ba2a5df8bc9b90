// npx aws-cdk synth
package example;

import java.util.List;

import io.github.aiservicesoptout.cdk.AiService;
import io.github.aiservicesoptout.cdk.AiServicesOptOut;
import io.github.aiservicesoptout.cdk.AiServicesOptOutMonitor;
import io.github.aiservicesoptout.cdk.AllServicesOptions;
import io.github.aiservicesoptout.cdk.ChildOverrides;
import io.github.aiservicesoptout.cdk.OptOutScope;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.sns.Topic;
import software.constructs.Construct;

public final class AiOptOutApp {
    private AiOptOutApp() {
    }

    public static void main(final String[] args) {
        App app = new App();
        // AWS reports changes of an organization in this Region only.
        Environment env = Environment.builder().region("us-east-1").build();
        new AiOptOutStack(app, "AiOptOut", StackProps.builder().env(env).build());
        app.synth();
    }

    static final class AiOptOutStack extends Stack {
        AiOptOutStack(final Construct scope, final String id, final StackProps props) {
            super(scope, id, props);

            AiServicesOptOut optOut = AiServicesOptOut.Builder.create(this, "OptOut")
                .services(OptOutScope.allServices(AllServicesOptions.builder().optIn(List.of(AiService.LEX)).build()))
                .childOverrides(ChildOverrides.allowedFor(List.of(AiService.POLLY)))
                .build();

            Topic topic = Topic.Builder.create(this, "Changes").enforceSsl(true).build();
            AiServicesOptOutMonitor.Builder.create(this, "Monitor")
                .repair(optOut)
                .notificationTopic(topic)
                .interval(Duration.hours(1))
                .build();

            CfnOutput.Builder.create(this, "PolicyId").value(optOut.getPolicyId()).build();
        }
    }
}
