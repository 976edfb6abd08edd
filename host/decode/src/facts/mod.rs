//! Extraction of facts from the objects of requests and responses.

mod admission;
mod certificate;
mod configuration;
mod container;
mod exposure;
mod kind;
mod rbac;
mod read;
mod review;
mod stream;
mod volume;
mod workload;

use serde_json::Value;
use serde_json::value::RawValue;
use wardline_event::model::{AuditEvent, Facts, ObjectFacts, Owner};

use self::kind::Shape;
use self::read::{at, flag, objects, pairs, pairs_where, text};
pub(super) use self::stream::{stream, stream_in};
use super::json::{Json, Node, Parsed};
use super::members::Members;
use super::mend::mended;
use super::patch;

/// kubectl's copy of the whole manifest, which repeats the object itself.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The longest value of a label or an annotation, in bytes.
const METADATA_BYTES: usize = 1024;

/// The role of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Request,
    Patch,
    Answer,
}

/// The facts of the object in a request, and whether the options of a deletion in its body
/// request a dry run.
pub(super) type Requested = (Option<ObjectFacts>, bool);

/// The facts of a body, and the fault that had to be mended first.
pub(super) type Mended<T> = (T, Option<serde_json::Error>);

/// Extracts the facts of the request's object, parsed by `serde_json`.
pub(super) fn requested(event: &AuditEvent, body: Option<&RawValue>) -> Mended<Requested> {
    let Some(body) = body else {
        return ((None, false), None);
    };
    let role = request_role(event);
    tolerant(body, |body| {
        if role == Role::Patch && body.starts_with('[') {
            return json_patch(event, body);
        }
        Ok(
            read_what_counts(event, body, role)?.map_or((None, false), |value| {
                what_is_requested(event, Parsed::of(&value), role)
            }),
        )
    })
}

/// Reads a body, or what is left of it without values that only Go accepts.
fn tolerant<T: Default>(
    body: &RawValue,
    read: impl Fn(&str) -> serde_json::Result<T>,
) -> Mended<T> {
    match read(body.get()) {
        Ok(value) => (value, None),
        Err(error) => (read(&mended(body.get())).unwrap_or_default(), Some(error)),
    }
}

/// Extracts the facts of the request's object, which is already parsed.
pub(super) fn requested_in(event: &AuditEvent, body: Node<'_>) -> Mended<Requested> {
    let role = request_role(event);
    if role == Role::Patch && body.is_list() {
        return match json_patch(event, body.raw().unwrap_or_default()) {
            Ok(requested) => (requested, None),
            Err(error) => ((None, false), Some(error)),
        };
    }
    if !body.is_object() || is_list(body) {
        return ((None, false), None);
    }
    (what_is_requested(event, body, role), None)
}

fn request_role(event: &AuditEvent) -> Role {
    match event.verb.as_str() {
        "patch" => Role::Patch,
        _ => Role::Request,
    }
}

fn json_patch(event: &AuditEvent, body: &str) -> serde_json::Result<Requested> {
    let operations: Vec<Value> = serde_json::from_str(body)?;
    let value = patch::tree(&operations);
    Ok(what_is_requested(event, Parsed::of(&value), Role::Patch))
}

fn what_is_requested<'v>(event: &AuditEvent, body: impl Json<'v>, role: Role) -> Requested {
    let mut object = object(event, body, role);
    if let Some(reference) = &event.object {
        for (own, given) in [
            (&mut object.namespace, &reference.namespace),
            (&mut object.name, &reference.name),
        ] {
            if own.is_empty() {
                own.clone_from(given);
            }
        }
    }
    rename(&mut object);
    let is_dry_run = matches!(object.facts, Facts::DeleteOptions(_))
        && [body, at(body, &["deleteOptions"])]
            .into_iter()
            .any(|options| {
                read::texts(options, "dryRun")
                    .iter()
                    .any(|mode| mode == "All")
            });
    (Some(object), is_dry_run)
}

/// Extracts the facts of the response's object, parsed by `serde_json`; none for lists,
/// tables, statuses, and discovery.
pub(super) fn resulting(
    event: &AuditEvent,
    body: Option<&RawValue>,
) -> Mended<Option<ObjectFacts>> {
    let Some(body) = body.filter(|_| event.object.is_some()) else {
        return (None, None);
    };
    tolerant(body, |body| {
        let value = read_what_counts(event, body, Role::Answer)?;
        Ok(value.and_then(|value| what_results(event, Parsed::of(&value))))
    })
}

/// Extracts the facts of the response's object, which is already parsed.
pub(super) fn resulting_in(event: &AuditEvent, body: Node<'_>) -> Option<ObjectFacts> {
    if event.object.is_none() || !body.is_object() || is_list(body) {
        return None;
    }
    what_results(event, body)
}

fn what_results<'v>(event: &AuditEvent, body: impl Json<'v>) -> Option<ObjectFacts> {
    let is_object = !matches!(
        (
            kind::group(&text(body, "apiVersion")),
            text(body, "kind").as_str()
        ),
        ("", "Status") | ("meta.k8s.io", "Table") | ("", "APIResourceList" | "APIGroupList")
    );
    is_object.then(|| object(event, body, Role::Answer))
}

fn is_list<'v>(body: impl Json<'v>) -> bool {
    body.get("items").is_list() && text(body, "kind").ends_with("List")
}

/// Parses the body if it is an object and not a list. If its kind has no facts, only
/// `apiVersion`, `kind`, and `metadata` are parsed.
fn read_what_counts(
    event: &AuditEvent,
    body: &str,
    role: Role,
) -> serde_json::Result<Option<Value>> {
    if !body.starts_with('{') {
        return Ok(None);
    }
    let members: Members<'_> = serde_json::from_str(body)?;
    let head = ["apiVersion", "kind", "metadata"];
    let mut value = serde_json::Map::new();
    for key in head {
        if let Some(member) = members.get(key) {
            value.insert(key.to_owned(), serde_json::from_str(member.get())?);
        }
    }
    let value = Value::Object(value);
    let kind = text(Parsed::of(&value), "kind");
    let is_list = kind.ends_with("List")
        && members
            .get("items")
            .is_some_and(|items| items.get().starts_with('['));
    if is_list {
        return Ok(None);
    }
    if identity(event, Parsed::of(&value), role).2 == Shape::Other {
        return Ok(Some(value));
    }
    serde_json::from_str(body).map(Some)
}

/// Returns `apiVersion`, kind, and how to read the facts. The kind of a patch follows from
/// the resource that it was sent to; other bodies name their kind. Systems that a log passes
/// through may drop either, which then follows from the resource too.
fn identity<'v>(event: &AuditEvent, body: impl Json<'v>, role: Role) -> (String, String, Shape) {
    let own = (text(body, "apiVersion"), text(body, "kind"));
    let derived = match &event.object {
        Some(object) if role == Role::Patch || own.0.is_empty() || own.1.is_empty() => {
            let deletes = role == Role::Request
                && matches!(event.verb.as_str(), "delete" | "deletecollection");
            kind::of_resource(object, deletes)
        }
        _ => (String::new(), ""),
    };
    let (api_version, kind) = match derived {
        (_, "") => own,
        (api_version, kind)
            if own.1 == kind && kind::group(&own.0) == kind::group(&api_version) =>
        {
            own
        }
        (api_version, kind) if role != Role::Patch && !fits(&own, &api_version, kind) => own,
        (api_version, kind) => (api_version, kind.to_owned()),
    };
    let shape = kind::shape(kind::group(&api_version), &kind);
    (api_version, kind, shape)
}

/// Whether a body may be of the kind of its resource: it names neither another kind nor another group.
/// Options of a deletion may name any group.
fn fits(own: &(String, String), api_version: &str, kind: &str) -> bool {
    let is_group = || kind::group(&own.0) == kind::group(api_version);
    (own.1.is_empty() || own.1 == kind)
        && (own.0.is_empty() || kind == "DeleteOptions" || is_group())
}

fn object<'v>(event: &AuditEvent, body: impl Json<'v>, role: Role) -> ObjectFacts {
    let (api_version, kind, shape) = identity(event, body, role);
    let metadata = at(body, &["metadata"]);
    let annotations = pairs_where(metadata, "annotations", METADATA_BYTES, |key| {
        key != LAST_APPLIED
    });
    let facts = facts(shape, &kind, body, role);
    ObjectFacts {
        api_version,
        kind,
        namespace: text(metadata, "namespace"),
        name: text(metadata, "name"),
        uid: text(metadata, "uid"),
        labels: pairs(metadata, "labels", METADATA_BYTES),
        annotations,
        owners: objects(metadata, "ownerReferences").map(owner).collect(),
        partial: role == Role::Patch,
        facts,
    }
}

fn owner<'v>(reference: impl Json<'v>) -> Owner {
    Owner {
        kind: text(reference, "kind"),
        name: text(reference, "name"),
        uid: text(reference, "uid"),
        controller: flag(reference, "controller"),
    }
}

fn facts<'v>(shape: Shape, kind: &str, body: impl Json<'v>, role: Role) -> Facts {
    let partial = role == Role::Patch;
    let is_answer = role == Role::Answer;
    match shape {
        Shape::Pod => Facts::Workload(workload::pod(body)),
        Shape::Template => Facts::Workload(workload::template(body)),
        Shape::CronJob => Facts::Workload(workload::cron_job(body)),
        Shape::PodTemplate => Facts::Workload(workload::pod_template(body)),
        Shape::Role => Facts::Role(rbac::role(body)),
        Shape::RoleBinding => Facts::Binding(rbac::binding(kind, body)),
        Shape::AccessReview => Facts::AccessReview(review::access(body, is_answer)),
        Shape::TokenReview => Facts::AccessReview(review::identity(body, is_answer)),
        Shape::TokenRequest => Facts::TokenRequest(review::token_request(body)),
        Shape::CertificateRequest => Facts::CertificateRequest(certificate::request(body)),
        Shape::Webhooks => Facts::Webhooks(admission::webhooks(body)),
        Shape::AdmissionPolicy => Facts::AdmissionPolicy(admission::policy(body)),
        Shape::Service => Facts::Service(exposure::service(body)),
        Shape::Ingress => Facts::Ingress(exposure::ingress(body)),
        Shape::NetworkPolicy => Facts::NetworkPolicy(exposure::network_policy(body)),
        Shape::ServiceAccount => Facts::ServiceAccount(rbac::service_account(body)),
        Shape::Secret => Facts::Secret(configuration::secret(body)),
        Shape::ConfigMap => Facts::ConfigMap(configuration::config_map(body)),
        Shape::Node => Facts::Node(configuration::node(body)),
        Shape::Scale => configuration::scale(body, partial).map_or(Facts::None, Facts::Scale),
        Shape::Endpoints => Facts::Endpoints(exposure::endpoints(body)),
        Shape::EndpointSlice => Facts::Endpoints(exposure::endpoint_slice(body)),
        Shape::ApiService => Facts::ApiService(admission::api_service(body)),
        Shape::CustomResourceDefinition => {
            Facts::CustomResourceDefinition(admission::custom_resource_definition(body))
        }
        Shape::Lease => Facts::Lease(configuration::lease(body)),
        Shape::PersistentVolume => Facts::PersistentVolume(volume::persistent(body)),
        Shape::PersistentVolumeClaim => Facts::PersistentVolume(volume::claim(body)),
        Shape::PodBinding => Facts::PodBinding(text(at(body, &["target"]), "name")),
        Shape::Eviction => {
            Facts::DeleteOptions(configuration::delete_options(at(body, &["deleteOptions"])))
        }
        Shape::DeleteOptions => Facts::DeleteOptions(configuration::delete_options(body)),
        Shape::Other => Facts::None,
    }
}

/// Copies the object's namespace and name into facts that repeat them, since those of the
/// object may come from the URL.
fn rename(object: &mut ObjectFacts) {
    let (namespace, name) = (object.namespace.clone(), object.name.clone());
    match &mut object.facts {
        Facts::Binding(binding) => {
            binding.namespace = namespace;
            binding.name = name;
        }
        Facts::ServiceAccount(account) => {
            account.namespace = namespace;
            account.name = name;
        }
        Facts::PersistentVolume(volume) if volume.kind == volume::CLAIM => {
            volume.claim_namespace = namespace;
            volume.claim_name = name;
        }
        _ => {}
    }
}
