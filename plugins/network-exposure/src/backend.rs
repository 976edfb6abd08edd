//! What is behind a service.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::words::has_words;
use wardline_sdk::view::{ObjectFacts, ServiceFacts};

use crate::software::{self, Software};
use crate::{place, route};

/// Labels by which charts say what they install.
const LABELS: [&str; 3] = ["app.kubernetes.io/name", "k8s-app", "app"];
/// Workloads that a service is named after.
const WORKLOADS: [&str; 3] = ["deployments", "statefulsets", "daemonsets"];

/// Kubeflow's namespace, and its word in labels.
const KUBEFLOW: &str = "kubeflow";
/// Deployments of Kubeflow's manifests that serve its user interface.
const KUBEFLOW_COMPONENTS: [&str; 3] = [
    "centraldashboard",
    "ml-pipeline-ui",
    "jupyter-web-app-deployment",
];

/// Known software, and what told it: a field and its value.
pub struct Backend {
    pub software: &'static Software,
    pub field: String,
    pub value: String,
}

impl Backend {
    /// Says what told the software, where the finding does not name it anyway.
    pub fn add_to(&self, finding: Finding, event: AuditEvent<'_>) -> Finding {
        match self.field.as_str() {
            "objectRef.name" | "objectRef.namespace" | route::FIELD => finding,
            field => finding.evidence(event, field, &self.value),
        }
    }

    fn of(field: &str, value: &str) -> Option<Self> {
        software::identify(value).map(|software| Self {
            software,
            field: field.to_owned(),
            value: value.to_owned(),
        })
    }

    /// What a service stands for, by its name, labels, selector, namespace, and the images of
    /// the workloads that it is named after or selects.
    pub fn of_service(event: AuditEvent<'_>, service: ServiceFacts<'_>) -> Option<Self> {
        let name = event.name();
        Self::of("objectRef.name", name)
            .or_else(|| Self::by_labels(event))
            .or_else(|| {
                service.selector().find_map(|label| {
                    let field = format!("{}.spec.selector[{}]", place(event), label.key());
                    Self::of(&field, label.value())
                })
            })
            .or_else(|| Self::by_namespace(event.namespace(), name))
            .or_else(|| Self::kubeflow_gateway(event, name))
            .or_else(|| {
                let selected = service.selector().map(|label| label.value());
                std::iter::once(name)
                    .chain(selected)
                    .find_map(|name| Self::by_image(event, name))
            })
    }

    /// What the services behind an ingress or a route stand for; `field` is where the object
    /// names them.
    pub fn of_services<'s>(
        event: AuditEvent<'_>,
        field: &str,
        services: impl Iterator<Item = &'s str> + Clone,
    ) -> Option<Self> {
        services
            .clone()
            .find_map(|service| {
                Self::of(field, service).or_else(|| Self::by_namespace(event.namespace(), service))
            })
            .or_else(|| Self::by_labels(event))
            .or_else(|| Self::of("objectRef.name", event.name()))
            .or_else(|| {
                services
                    .into_iter()
                    .find_map(|service| Self::by_image(event, service))
            })
    }

    fn by_labels(event: AuditEvent<'_>) -> Option<Self> {
        let bodies = [
            ("requestObject", event.requested()),
            ("responseObject", event.resulting()),
        ];
        bodies.into_iter().find_map(|(place, body)| {
            let body = body?;
            LABELS.iter().find_map(|key| {
                Self::of(
                    &format!("{place}.metadata.labels[{key}]"),
                    label(body, key)?,
                )
            })
        })
    }

    fn by_namespace(namespace: &str, name: &str) -> Option<Self> {
        software::of_namespace(namespace, name).map(|software| Self {
            software,
            field: "objectRef.namespace".to_owned(),
            value: namespace.to_owned(),
        })
    }

    /// Kubeflow is reached through the gateway of Istio, which is in a namespace of its own. What
    /// installed it stands in its labels, or Kubeflow is known to run here.
    fn kubeflow_gateway(event: AuditEvent<'_>, name: &str) -> Option<Self> {
        if !has_words(name, "ingressgateway") {
            return None;
        }
        let bodies = [
            ("requestObject", event.requested()),
            ("responseObject", event.resulting()),
        ];
        let labelled = bodies.into_iter().find_map(|(place, body)| {
            let label = body?
                .labels()
                .find(|label| has_words(label.value(), KUBEFLOW))?;
            let field = format!("{place}.metadata.labels[{}]", label.key());
            Self::of(&field, label.value())
        });
        labelled.or_else(|| {
            let component = KUBEFLOW_COMPONENTS.iter().find(|component| {
                inventory::pod_spec(event, "deployments", KUBEFLOW, component).is_some()
            })?;
            Self::of("inventory.deployments", &format!("{KUBEFLOW}/{component}"))
        })
    }

    fn by_image(event: AuditEvent<'_>, name: &str) -> Option<Self> {
        WORKLOADS.iter().find_map(|kind| {
            let spec = inventory::pod_spec(event, kind, event.namespace(), name)?;
            let containers = spec.workload().containers();
            let mut images = containers.map(|container| repository(container.image()));
            images.find_map(|image| Self::of(&format!("inventory.{kind}[{name}].image"), image))
        })
    }
}

fn label<'a>(body: ObjectFacts<'a>, key: &str) -> Option<&'a str> {
    body.labels().get(key)
}
