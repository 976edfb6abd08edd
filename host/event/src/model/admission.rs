//! Admission webhooks and policies, APIServices, and CustomResourceDefinitions.

records! {
    /// One webhook of a MutatingWebhookConfiguration or a ValidatingWebhookConfiguration.
    pub struct Webhook {
        pub name: String,
        pub url: String,
        #[cfg_attr(feature = "component", component(name = "service-namespace"))]
        pub service_namespace: String,
        #[cfg_attr(feature = "component", component(name = "service-name"))]
        pub service_name: String,
        #[cfg_attr(feature = "component", component(name = "failure-policy"))]
        pub failure_policy: String,
        pub rules: Vec<WebhookRule>,
        /// JSON text; empty selects all.
        #[cfg_attr(feature = "component", component(name = "namespace-selector"))]
        pub namespace_selector: String,
        #[cfg_attr(feature = "component", component(name = "object-selector"))]
        pub object_selector: String,
        #[cfg_attr(feature = "component", component(name = "match-conditions"))]
        pub match_conditions: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "has-ca-bundle"))]
        pub has_ca_bundle: bool,
    }

    /// One entry of `rules` of a webhook.
    pub struct WebhookRule {
        pub operations: Vec<String>,
        #[cfg_attr(feature = "component", component(name = "api-groups"))]
        pub api_groups: Vec<String>,
        pub resources: Vec<String>,
    }

    /// A ValidatingAdmissionPolicy or MutatingAdmissionPolicy, or a binding of one.
    pub struct AdmissionPolicy {
        #[cfg_attr(feature = "component", component(name = "failure-policy"))]
        pub failure_policy: String,
        /// The policy that a binding names; empty for a policy.
        #[cfg_attr(feature = "component", component(name = "policy-name"))]
        pub policy_name: String,
        /// The validation actions of a binding: `Deny`, `Warn`, `Audit`.
        pub actions: Vec<String>,
        /// CEL expressions.
        pub expressions: Vec<String>,
    }

    /// An APIService.
    pub struct ApiServiceFacts {
        pub group: String,
        pub version: String,
        #[cfg_attr(feature = "component", component(name = "service-namespace"))]
        pub service_namespace: String,
        #[cfg_attr(feature = "component", component(name = "service-name"))]
        pub service_name: String,
        #[cfg_attr(feature = "component", component(name = "insecure-skip-tls-verify"))]
        pub insecure_skip_tls_verify: bool,
        #[cfg_attr(feature = "component", component(name = "has-ca-bundle"))]
        pub has_ca_bundle: bool,
    }

    /// A CustomResourceDefinition.
    pub struct CustomResourceDefinition {
        pub group: String,
        pub plural: String,
        pub scope: String,
        /// `None` or `Webhook`.
        pub conversion: String,
        #[cfg_attr(feature = "component", component(name = "conversion-url"))]
        pub conversion_url: String,
        #[cfg_attr(
            feature = "component",
            component(name = "conversion-service-namespace")
        )]
        pub conversion_service_namespace: String,
        #[cfg_attr(feature = "component", component(name = "conversion-service-name"))]
        pub conversion_service_name: String,
    }
}
