//! Identification of the software behind a service, an ingress, or a route.

use std::collections::BTreeSet;

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::repository;
use wardline_sdk::rules::resources::LONG_RUNNING;
use wardline_sdk::rules::words::has_words;
use wardline_sdk::view::{ObjectFacts, ServiceFacts};

use crate::object::facts_body;
use crate::software::{self, Software};

/// Field of the services behind a route, as evidence names it.
pub const ROUTE_SPEC: &str = "requestObject.spec";

/// Labels in which charts name the software that they install.
const LABELS: [&str; 3] = ["app.kubernetes.io/name", "k8s-app", "app"];

/// The most names of services or labels whose workloads are looked up, each with several calls of the
/// host.
const LOOKED_UP: usize = 64;

/// Kubeflow's namespace, and the word for it in labels.
const KUBEFLOW: &str = "kubeflow";
/// Deployments of Kubeflow's manifests that serve its user interface.
const KUBEFLOW_COMPONENTS: [&str; 3] = [
    "centraldashboard",
    "ml-pipeline-ui",
    "jupyter-web-app-deployment",
];

/// Known software, with the field and value that identify it.
pub struct Backend {
    /// The software.
    pub software: &'static Software,
    /// The field, as evidence names it.
    pub field: String,
    /// The value of the field.
    pub value: String,
}

impl Backend {
    /// Adds the identifying field to the finding's evidence, unless the finding has it already.
    pub fn add_to(&self, finding: Finding, event: AuditEvent<'_>) -> Finding {
        match self.field.as_str() {
            "objectRef.name" | "objectRef.namespace" | ROUTE_SPEC => finding,
            field => finding.evidence(event, field, &self.value),
        }
    }

    fn from_name(field: &str, value: &str) -> Option<Self> {
        software::identify(value).map(|software| Self {
            software,
            field: field.to_owned(),
            value: value.to_owned(),
        })
    }

    /// Identifies the software behind a service by its name, labels, selector, and namespace, and
    /// by the images of workloads that are named like the service or one of its selector's values.
    pub fn from_service(event: AuditEvent<'_>, service: ServiceFacts<'_>) -> Option<Self> {
        let name = event.name();
        Self::from_name("objectRef.name", name)
            .or_else(|| Self::by_labels(event))
            .or_else(|| {
                service.selector().find_map(|label| {
                    let field = format!("{}.spec.selector[{}]", facts_body(event), label.key());
                    Self::from_name(&field, label.value())
                })
            })
            .or_else(|| Self::by_namespace(event.namespace(), name))
            .or_else(|| Self::kubeflow_gateway(event, name))
            .or_else(|| {
                let selected = service.selector().map(|label| label.value());
                let mut names = BTreeSet::new();
                std::iter::once(name)
                    .chain(selected)
                    .filter(|name| names.insert(*name))
                    .take(LOOKED_UP)
                    .find_map(|name| Self::by_image(event, name))
            })
    }

    /// Identifies the software behind the services of an ingress or a route; `field` is the field
    /// that names them.
    pub fn from_services<'s>(
        event: AuditEvent<'_>,
        field: &str,
        services: impl Iterator<Item = &'s str> + Clone,
    ) -> Option<Self> {
        services
            .clone()
            .find_map(|service| {
                Self::from_name(field, service)
                    .or_else(|| Self::by_namespace(event.namespace(), service))
            })
            .or_else(|| Self::by_labels(event))
            .or_else(|| Self::from_name("objectRef.name", event.name()))
            .or_else(|| {
                // Most paths of an ingress lead to a few services.
                let mut names = BTreeSet::new();
                services
                    .filter(|service| names.insert(*service))
                    .take(LOOKED_UP)
                    .find_map(|service| Self::by_image(event, service))
            })
    }

    fn by_labels(event: AuditEvent<'_>) -> Option<Self> {
        let bodies = [
            ("requestObject", event.requested()),
            ("responseObject", event.resulting()),
        ];
        bodies.into_iter().find_map(|(name, body)| {
            let body = body?;
            LABELS.iter().find_map(|key| {
                Self::from_name(&format!("{name}.metadata.labels[{key}]"), label(body, key)?)
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

    /// Identifies the gateway of Istio through which Kubeflow is reached. It is in a namespace of
    /// its own, so its labels must name Kubeflow, or Kubeflow must run in the cluster.
    fn kubeflow_gateway(event: AuditEvent<'_>, name: &str) -> Option<Self> {
        if !has_words(name, "ingressgateway") {
            return None;
        }
        let bodies = [
            ("requestObject", event.requested()),
            ("responseObject", event.resulting()),
        ];
        let labelled = bodies.into_iter().find_map(|(body_name, body)| {
            let label = body?
                .labels()
                .find(|label| has_words(label.value(), KUBEFLOW))?;
            let field = format!("{body_name}.metadata.labels[{}]", label.key());
            Self::from_name(&field, label.value())
        });
        labelled.or_else(|| {
            let component = KUBEFLOW_COMPONENTS.iter().find(|component| {
                inventory::pod_spec(event, "deployments", KUBEFLOW, component).is_some()
            })?;
            Self::from_name("inventory.deployments", &format!("{KUBEFLOW}/{component}"))
        })
    }

    fn by_image(event: AuditEvent<'_>, name: &str) -> Option<Self> {
        // Services are named after such workloads.
        LONG_RUNNING.iter().find_map(|kind| {
            let spec = inventory::pod_spec(event, kind, event.namespace(), name)?;
            let containers = spec.workload().containers();
            let mut images = containers.map(|container| repository(container.image()));
            images.find_map(|image| {
                Self::from_name(&format!("inventory.{kind}[{name}].image"), image)
            })
        })
    }
}

fn label<'a>(body: ObjectFacts<'a>, key: &str) -> Option<&'a str> {
    body.labels().get(key)
}
