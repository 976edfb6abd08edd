//! What changes or refuses requests on their way in.

use super::List;

views! {
    /// One webhook of a MutatingWebhookConfiguration or a ValidatingWebhookConfiguration.
    Webhook {
        /// Its name.
        name: text,
        /// The URL that is called; empty where a service is.
        url: text,
        /// The namespace of the service that is called.
        service_namespace: text,
        /// The service that is called.
        service_name: text,
        /// `Fail` or `Ignore`.
        failure_policy: text,
        /// What it is called for.
        rules: list(WebhookRule),
        /// The JSON text; empty selects all.
        namespace_selector: text,
        /// The JSON text; empty selects all.
        object_selector: text,
        /// The CEL expressions that must hold.
        match_conditions: texts,
        /// Whether it brings certificate authorities of its own.
        has_ca_bundle: value(bool),
    }

    /// What a webhook is called for.
    WebhookRule {
        /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `*`.
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
        /// Of a binding.
        policy_name: text,
        /// Of a binding: `Deny`, `Warn`, `Audit`.
        actions: texts,
        /// CEL expressions.
        expressions: texts,
    }

    /// An APIService: who answers for an API group.
    ApiServiceFacts {
        /// The API group.
        group: text,
        /// Its version.
        version: text,
        /// The namespace of the service that answers.
        service_namespace: text,
        /// The service that answers; empty is the API server itself.
        service_name: text,
        /// Whether the service's certificate is not checked.
        insecure_skip_tls_verify: value(bool),
        /// Whether it brings certificate authorities of its own.
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
