//! The harm that a request does to an agent.

use std::collections::BTreeMap;

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::{base_name, repository};
use wardline_sdk::view::{Container, ContainerRole};

use super::Agents;

/// A way to disable an agent, the most severe first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HarmKind {
    /// The agent, its namespace, or its policy was deleted.
    Deleted,
    /// The agent was scaled to zero.
    Stopped,
    /// The agent was restricted to nodes with a new label.
    Unschedulable,
    /// A container got an image that is not an agent's.
    Image,
    /// A container got a command that does nothing.
    Idle,
    /// A container got new arguments with the same image.
    Arguments,
    /// A ConfigMap of the agent was changed or deleted.
    Configuration,
}

impl HarmKind {
    /// Returns the beginning of a title, before the agent.
    pub fn title(self) -> &'static str {
        match self {
            Self::Deleted => "Deletion of",
            Self::Stopped => "Scale to zero of",
            Self::Unschedulable => "Node restriction of",
            Self::Image => "Image replacement in",
            Self::Idle => "Idle command in",
            Self::Arguments => "Argument change in",
            Self::Configuration => "Change of",
        }
    }
}

/// The worst harm that a request does, with the field that shows it.
#[derive(Debug, PartialEq)]
pub struct Harm {
    /// The way in which the agent is disabled.
    pub kind: HarmKind,
    /// The field of the event, as evidence names it.
    pub field: String,
    /// The value of the field.
    pub value: String,
}

/// Labels that every node has, and that charts select by.
const USUAL_LABELS: [&str; 4] = [
    "kubernetes.io/os",
    "kubernetes.io/arch",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
];

/// Programs that do nothing.
const IDLE: [&str; 6] = ["sleep", "true", "false", "pause", "tail", "yes"];
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

impl Harm {
    /// Returns the harm, or none if the agent keeps working, as after an upgrade.
    pub fn of(event: AuditEvent<'_>, agents: &Agents) -> Option<Self> {
        if event.resource_is("configmaps", "") {
            return Some(Self {
                kind: HarmKind::Configuration,
                field: "verb".to_owned(),
                value: event.verb().to_owned(),
            });
        }
        if event.verb().starts_with("delete") {
            return Some(Self {
                kind: HarmKind::Deleted,
                field: "verb".to_owned(),
                value: event.verb().to_owned(),
            });
        }
        match event.requested()?.facts() {
            Facts::Scale(0) => Some(stopped()),
            Facts::Workload(named) => of_workload(event, named, agents),
            _ => None,
        }
    }
}

fn stopped() -> Harm {
    Harm {
        kind: HarmKind::Stopped,
        field: "requestObject.spec.replicas".to_owned(),
        value: "0".to_owned(),
    }
}

fn of_workload(event: AuditEvent<'_>, named: Workload<'_>, agents: &Agents) -> Option<Harm> {
    let object = event.object()?;
    let known = inventory::pod_spec(event, object.resource(), object.namespace(), object.name());
    let before = known.as_ref().map(|spec| spec.workload());
    // Without a known object to compare it with, a whole object shows no change. A server-side
    // apply, the only patch with a `force` parameter, sends a whole object too.
    let is_whole = event.verb() != "patch" || event.request_uri().contains("force=");
    if before.is_none() && is_whole {
        return None;
    }
    if named.replicas() == Some(0) && before.and_then(|before| before.replicas()) != Some(0) {
        return Some(stopped());
    }
    let selected: BTreeMap<&str, &str> = before
        .into_iter()
        .flat_map(|before| before.node_selector())
        .map(|label| (label.key(), label.value()))
        .collect();
    let is_new =
        |key: &str, value: &str| !USUAL_LABELS.contains(&key) && selected.get(key) != Some(&value);
    if let Some(label) = named
        .node_selector()
        .find(|label| is_new(label.key(), label.value()))
    {
        return Some(Harm {
            kind: HarmKind::Unschedulable,
            field: "requestObject.spec.template.spec.nodeSelector".to_owned(),
            value: format!("{}={}", label.key(), label.value()),
        });
    }
    let known = before
        .map(|before| before.containers_by_name())
        .unwrap_or_default();
    let mut harms: Vec<Harm> = named
        .containers()
        .filter(|container| container.role() == ContainerRole::Main)
        .filter_map(|container| {
            of_container(container, known.get(container.name()).copied(), agents)
        })
        .collect();
    harms.sort_by_key(|harm| harm.kind as u8);
    harms.into_iter().next()
}

fn of_container(
    container: Container<'_>,
    old: Option<Container<'_>>,
    agents: &Agents,
) -> Option<Harm> {
    let image = container.image();
    let is_foreign = !image.is_empty() && !agents.names(repository(image));
    let was_replaced = match old {
        Some(old) => repository(old.image()) != repository(image),
        // Without a known object, only the container's name identifies it as the agent's.
        None => agents.names(container.name()),
    };
    let harm = |kind, field: &str, value: String| {
        Some(Harm {
            kind,
            field: format!(
                "requestObject.spec.template.spec.containers[{}].{field}",
                container.name()
            ),
            value,
        })
    };
    if is_foreign && was_replaced {
        return harm(HarmKind::Image, "image", image.to_owned());
    }
    let words: Vec<&str> = container.command().chain(container.arguments()).collect();
    if words.is_empty() {
        return None;
    }
    let old_words: Option<Vec<&str>> =
        old.map(|old| old.command().chain(old.arguments()).collect());
    if old_words.as_ref() == Some(&words) {
        return None;
    }
    if is_idle(&words) {
        return harm(HarmKind::Idle, "command", words.join(" "));
    }
    // With another image, new arguments belong to an upgrade.
    let same_image = old.is_some_and(|old| image.is_empty() || old.image() == image);
    if same_image {
        return harm(HarmKind::Arguments, "args", words.join(" "));
    }
    None
}

/// Returns whether a command does nothing, like `sleep infinity`, `/bin/true`, or
/// `sh -c "sleep 1d"`.
fn is_idle(words: &[&str]) -> bool {
    let Some((program, rest)) = words.split_first() else {
        return false;
    };
    let program = base_name(program);
    if SHELLS.contains(&program) {
        let script: Vec<&str> = rest
            .iter()
            .filter(|word| !word.starts_with('-'))
            .flat_map(|word| word.split_whitespace())
            .collect();
        return script
            .first()
            .is_some_and(|first| IDLE.contains(&base_name(first)) && !script.contains(&"&&"));
    }
    IDLE.contains(&program)
}

#[cfg(test)]
mod tests {
    use super::is_idle;

    #[test]
    fn recognizes_commands_that_do_nothing() {
        for (words, idle) in [
            (&["sleep", "infinity"][..], true),
            (&["/bin/true"], true),
            (&["sh", "-c", "sleep 1000"], true),
            (&["/bin/bash", "-c", "tail -f /dev/null"], true),
            (&["sh", "-c", "sleep 5 && exec falco"], false),
            (&["falco", "-pk"], false),
            (&[], false),
        ] {
            assert_eq!(is_idle(words), idle, "{words:?}");
        }
    }
}
