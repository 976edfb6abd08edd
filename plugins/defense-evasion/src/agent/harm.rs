//! What a request does to an agent.

use wardline_sdk::inventory;
use wardline_sdk::prelude::*;
use wardline_sdk::rules::image::{base_name, repository};
use wardline_sdk::view::{Container, ContainerRole};

use super::Agents;

/// In which way an agent is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Deleted,
    Stopped,
    Unschedulable,
    Image,
    Idle,
    Arguments,
    Configuration,
}

impl Kind {
    /// For titles.
    pub fn words(self) -> &'static str {
        match self {
            Self::Deleted => "it is deleted",
            Self::Stopped => "it is scaled to zero",
            Self::Unschedulable => "it runs on nodes with another label only",
            Self::Image => "it runs another image",
            Self::Idle => "it runs a command that does nothing",
            Self::Arguments => "it runs with other arguments",
            Self::Configuration => "its configuration",
        }
    }
}

/// The worst that a request does, and where it stands.
#[derive(Debug, PartialEq)]
pub struct Harm {
    pub kind: Kind,
    pub field: String,
    pub value: String,
}

/// Labels that every node has: charts select by them.
const USUAL_LABELS: [&str; 4] = [
    "kubernetes.io/os",
    "kubernetes.io/arch",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
];

/// Programs that wait, for ever or for nothing.
const IDLE: [&str; 6] = ["sleep", "true", "false", "pause", "tail", "yes"];
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

impl Harm {
    /// None where the agent goes on as before, or as an upgrade lets it.
    pub fn of(event: AuditEvent<'_>, agents: &Agents) -> Option<Self> {
        if event.resource_is("configmaps", "") {
            return Some(Self {
                kind: Kind::Configuration,
                field: "verb".to_owned(),
                value: event.verb().to_owned(),
            });
        }
        if event.verb().starts_with("delete") {
            return Some(Self {
                kind: Kind::Deleted,
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
        kind: Kind::Stopped,
        field: "requestObject.spec.replicas".to_owned(),
        value: "0".to_owned(),
    }
}

fn of_workload(event: AuditEvent<'_>, named: Workload<'_>, agents: &Agents) -> Option<Harm> {
    let object = event.object()?;
    let known = inventory::pod_spec(event, object.resource(), object.namespace(), object.name());
    let before = known.as_ref().map(|spec| spec.workload());
    // Of a whole object without one to compare it with nothing can be said to have changed. A
    // server-side apply sends one too, and it alone says whether it forces.
    let is_whole = event.verb() != "patch" || event.request_uri().contains("force=");
    if before.is_none() && is_whole {
        return None;
    }
    if named.replicas() == Some(0) && before.and_then(|before| before.replicas()) != Some(0) {
        return Some(stopped());
    }
    let is_new = |key: &str, value: &str| {
        !USUAL_LABELS.contains(&key)
            && before.is_none_or(|before| before.node_selector().get(key) != Some(value))
    };
    if let Some(label) = named
        .node_selector()
        .find(|label| is_new(label.key(), label.value()))
    {
        return Some(Harm {
            kind: Kind::Unschedulable,
            field: "requestObject.spec.template.spec.nodeSelector".to_owned(),
            value: format!("{}={}", label.key(), label.value()),
        });
    }
    let mut harms: Vec<Harm> = named
        .containers()
        .filter(|container| container.role() == ContainerRole::Main)
        .filter_map(|container| of_container(container, before, agents))
        .collect();
    harms.sort_by_key(|harm| harm.kind as u8);
    harms.into_iter().next()
}

fn of_container(
    container: Container<'_>,
    before: Option<Workload<'_>>,
    agents: &Agents,
) -> Option<Harm> {
    let old = before.and_then(|before| {
        before
            .containers()
            .find(|old| old.name() == container.name())
    });
    let image = container.image();
    let is_foreign = !image.is_empty() && !agents.names(repository(image));
    let was_replaced = match old {
        Some(old) => repository(old.image()) != repository(image),
        // Which container of the agent this is, only its name tells.
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
        return harm(Kind::Image, "image", image.to_owned());
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
        return harm(Kind::Idle, "command", words.join(" "));
    }
    // An upgrade brings its own arguments.
    let same_image = old.is_some_and(|old| image.is_empty() || old.image() == image);
    if same_image {
        return harm(Kind::Arguments, "args", words.join(" "));
    }
    None
}

/// `sleep infinity`, `/bin/true`, `sh -c "sleep 1d"`.
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
    fn commands_that_do_nothing() {
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
