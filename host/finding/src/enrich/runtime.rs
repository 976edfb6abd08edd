//! The parts of a finding about a runtime event.

use wardline_event::model::{self, ContainerInfo, PodInfo, RuntimeEvent};

use super::{Parts, cloud, rfc3339, text, texts};
use crate::{Actor, ContainerName, Process, Resource};

/// Maximum number of arguments in a finding.
const MAX_ARGUMENTS: usize = 64;

pub(super) fn parts(event: &RuntimeEvent) -> Parts {
    Parts {
        cloud: cloud(&event.attributes),
        actor: event.pod.as_ref().map(actor).unwrap_or_default(),
        resource: event.pod.as_ref().map(resource).unwrap_or_default(),
        process: Some(process(&event.process)),
        container: event.container.as_ref().map(container),
        node: Some(text(&event.node)),
        ..Parts::default()
    }
}

/// Returns the service account in whose pod the process runs.
fn actor(pod: &PodInfo) -> Actor {
    let username = match pod.service_account.as_str() {
        "" => String::new(),
        name => text(&format!("system:serviceaccount:{}:{name}", pod.namespace)),
    };
    Actor {
        username,
        ..Actor::default()
    }
}

fn resource(pod: &PodInfo) -> Resource {
    Resource {
        resource: "pods".to_owned(),
        namespace: text(&pod.namespace),
        name: text(&pod.name),
        ..Resource::default()
    }
}

fn process(process: &model::Process) -> Process {
    let some = process.arguments.get(..MAX_ARGUMENTS);
    Process {
        pid: process.pid,
        parent_pid: process.parent_pid,
        name: text(&process.name),
        executable: text(&process.executable),
        executable_sha256: text(&process.executable_sha256),
        arguments: texts(some.unwrap_or(&process.arguments)),
        working_directory: text(&process.working_directory),
        uid: process.uid,
        start_time: rfc3339(process.start_time),
    }
}

fn container(container: &ContainerInfo) -> ContainerName {
    ContainerName {
        id: text(&container.id),
        name: text(&container.name),
        image: text(&container.image),
        image_digest: text(&container.image_digest),
        privileged: container.privileged,
    }
}
