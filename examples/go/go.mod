module example/ai-opt-out-app

go 1.25

require (
	github.com/ai-services-opt-out/cdk-ai-services-opt-out-go/cdkaiservicesoptout v1.0.0
	github.com/aws/aws-cdk-go/awscdk/v2 v2.240.0
	github.com/aws/constructs-go/constructs/v10 v10.5.1
	github.com/aws/jsii-runtime-go v1.140.0
)
