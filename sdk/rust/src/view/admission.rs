//! Webhooks, admission policies, API services, and custom resource definitions.

use super::List;

views! {
    /// One webhook of a MutatingWebhookConfiguration or a ValidatingWebhookConfiguration.
    Webhook {
        /// Its name.
        name: text,
        /// The URL that is called; empty if a service is called.
        url: text,
        /// The namespace of the service that is called.
        service_namespace: text,
        /// The service that is called.
        service_name: text,
        /// `Fail` or `Ignore`.
        failure_policy: text,
        /// The requests that it is called for.
        rules: list(WebhookRule),
        /// JSON text; empty selects all.
        namespace_selector: text,
        /// The JSON text; empty selects all.
        object_selector: text,
        /// The CEL expressions that must hold.
        match_conditions: texts,
        /// Whether it has certificate authorities of its own.
        has_ca_bundle: value(bool),
    }

    /// One entry of `rules` of a webhook.
    WebhookRule {
        /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`, or `*`.
        operations: texts,
        /// The API groups.
        api_groups: texts,
        /// The resources, as `pods/exec`, with `*` for all.
        resources: texts,
    }

    /// A ValidatingAdmissionPolicy or MutatingAdmissionPolicy, or a binding of one.
    AdmissionPolicy {
        /// `Fail` or `Ignore`.
        failure_policy: text,
        /// The policy that a binding names; empty for a policy.
        policy_name: text,
        /// The validation actions of a binding: `Deny`, `Warn`, `Audit`.
        actions: texts,
        /// CEL expressions.
        expressions: texts,
    }

    /// An APIService.
    ApiServiceFacts {
        /// The API group.
        group: text,
        /// Its version.
        version: text,
        /// The namespace of the service that serves the API group.
        service_namespace: text,
        /// The service that serves the API group; empty for the API server itself.
        service_name: text,
        /// Whether the service's certificate is not checked.
        insecure_skip_tls_verify: value(bool),
        /// Whether it has certificate authorities of its own.
        has_ca_bundle: value(bool),
    }

    /// A CustomResourceDefinition.
    CustomResourceDefinition {
        /// The API group.
        group: text,
        /// The resource, in the plural.
        plural: text,
        /// `Namespaced` or `Cluster`.
        scope: text,
        /// `None` or `Webhook`.
        conversion: text,
        /// The URL of the conversion webhook.
        conversion_url: text,
        /// The namespace of its service.
        conversion_service_namespace: text,
        /// Its service.
        conversion_service_name: text,
    }
}
