//! Admission webhooks and policies, APIServices, and CustomResourceDefinitions.

use wardline_event::model::{
    AdmissionPolicy, ApiServiceFacts, CustomResourceDefinition, Webhook, WebhookRule,
};

use super::read::{at, flag, objects, selector, string, text, texts, texts_of};
use crate::json::Json;

pub(super) fn webhooks<'v>(body: impl Json<'v>) -> Vec<Webhook> {
    objects(body, "webhooks").map(webhook).collect()
}

fn webhook<'v>(item: impl Json<'v>) -> Webhook {
    let client = at(item, &["clientConfig"]);
    let service = at(client, &["service"]);
    Webhook {
        name: text(item, "name"),
        url: text(client, "url"),
        service_namespace: text(service, "namespace"),
        service_name: text(service, "name"),
        failure_policy: text(item, "failurePolicy"),
        rules: objects(item, "rules").map(rule).collect(),
        namespace_selector: selector(item, "namespaceSelector"),
        object_selector: selector(item, "objectSelector"),
        match_conditions: texts_of(item, "matchConditions", "expression"),
        has_ca_bundle: !text(client, "caBundle").is_empty(),
    }
}

fn rule<'v>(item: impl Json<'v>) -> WebhookRule {
    WebhookRule {
        operations: texts(item, "operations"),
        api_groups: texts(item, "apiGroups"),
        resources: texts(item, "resources"),
    }
}

pub(super) fn policy<'v>(body: impl Json<'v>) -> AdmissionPolicy {
    let spec = at(body, &["spec"]);
    let mut expressions = Vec::new();
    for list in ["variables", "matchConditions", "validations"] {
        expressions.extend(texts_of(spec, list, "expression"));
    }
    for mutation in objects(spec, "mutations") {
        let kinds = ["applyConfiguration", "jsonPatch"];
        let texts = kinds.map(|kind| string(at(mutation, &[kind, "expression"])));
        expressions.extend(texts.into_iter().filter(|text| !text.is_empty()));
    }
    expressions.extend(texts_of(spec, "auditAnnotations", "valueExpression"));
    AdmissionPolicy {
        failure_policy: text(spec, "failurePolicy"),
        policy_name: text(spec, "policyName"),
        actions: texts(spec, "validationActions"),
        expressions,
    }
}

pub(super) fn api_service<'v>(body: impl Json<'v>) -> ApiServiceFacts {
    let spec = at(body, &["spec"]);
    let service = at(spec, &["service"]);
    ApiServiceFacts {
        group: text(spec, "group"),
        version: text(spec, "version"),
        service_namespace: text(service, "namespace"),
        service_name: text(service, "name"),
        insecure_skip_tls_verify: flag(spec, "insecureSkipTLSVerify"),
        has_ca_bundle: !text(spec, "caBundle").is_empty(),
    }
}

pub(super) fn custom_resource_definition<'v, J: Json<'v>>(body: J) -> CustomResourceDefinition {
    let spec = at(body, &["spec"]);
    let conversion = at(spec, &["conversion"]);
    // The first path is that of `apiextensions.k8s.io/v1`, the second of `v1beta1`.
    let client = [&["webhook", "clientConfig"][..], &["webhookClientConfig"]]
        .iter()
        .map(|path| at(conversion, path))
        .find(|client| client.is_object())
        .unwrap_or(J::absent());
    let service = at(client, &["service"]);
    CustomResourceDefinition {
        group: text(spec, "group"),
        plural: text(at(spec, &["names"]), "plural"),
        scope: text(spec, "scope"),
        conversion: text(conversion, "strategy"),
        conversion_url: text(client, "url"),
        conversion_service_namespace: text(service, "namespace"),
        conversion_service_name: text(service, "name"),
    }
}
