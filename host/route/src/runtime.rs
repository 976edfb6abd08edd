//! The runtime family: conditions on actions of processes.

use wardline_contract::RuntimeSubscription;
use wardline_event::model::RuntimeEvent;

use crate::{Pattern, SubscriptionError};

/// A process in a container or directly on the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    Container,
    Host,
}

/// A condition on a queried domain name, in lower case and without a final dot.
#[derive(Debug)]
enum DomainPattern {
    /// Every name below this one.
    Below(Box<str>),
    Name(Pattern),
}

impl DomainPattern {
    fn new(text: &str) -> Self {
        let text = normal(text);
        match text.strip_prefix("*.") {
            Some(above) => Self::Below(above.into()),
            None => Self::Name(Pattern::new(&text)),
        }
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Below(above) => name
                .strip_suffix(above.as_ref())
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            Self::Name(pattern) => pattern.matches(name),
        }
    }
}

fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// One subscription to runtime events.
#[derive(Debug)]
pub(crate) struct RuntimeCondition {
    actions: Vec<Pattern>,
    executables: Vec<Pattern>,
    paths: Vec<Pattern>,
    ports: Vec<u16>,
    domains: Vec<DomainPattern>,
    namespaces: Vec<Pattern>,
    places: Vec<Surroundings>,
}

impl RuntimeCondition {
    /// Parses the subscription at `index`.
    pub fn new(
        index: usize,
        subscription: &RuntimeSubscription,
    ) -> Result<Self, SubscriptionError> {
        if let Some(attribute) = subscription.attributes.first() {
            return Err(SubscriptionError::Attribute {
                family: "runtime",
                index,
                key: attribute.key.clone(),
            });
        }
        let places = subscription
            .places
            .iter()
            .map(|text| match text.as_str() {
                "container" => Ok(Surroundings::Container),
                "host" => Ok(Surroundings::Host),
                place => Err(SubscriptionError::Place {
                    index,
                    place: place.to_owned(),
                }),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            actions: Pattern::all(&subscription.actions),
            executables: Pattern::all(&subscription.executables),
            paths: Pattern::all(&subscription.paths),
            ports: subscription.ports.clone(),
            domains: subscription
                .domains
                .iter()
                .map(|text| DomainPattern::new(text))
                .collect(),
            namespaces: Pattern::all(&subscription.namespaces),
            places,
        })
    }

    /// Returns whether an event matches.
    pub fn matches(&self, event: &RuntimeEvent) -> bool {
        let files = event
            .file
            .iter()
            .flat_map(|file| [file.path.as_str(), file.new_path.as_str()])
            .filter(|path| !path.is_empty());
        let namespaces = event.pod.iter().map(|pod| pod.namespace.as_str());
        let place = match event.container {
            Some(_) => Surroundings::Container,
            None => Surroundings::Host,
        };
        Pattern::any(&self.actions, &event.action)
            && Pattern::any(&self.executables, &event.process.executable)
            && Pattern::any_of(&self.paths, files)
            && self.matches_port(event)
            && self.matches_domain(event)
            && Pattern::any_of(&self.namespaces, namespaces)
            && (self.places.is_empty() || self.places.contains(&place))
    }

    /// Returns the subscribed actions; if empty, all.
    pub fn actions(&self) -> &[Pattern] {
        &self.actions
    }

    fn matches_port(&self, event: &RuntimeEvent) -> bool {
        let network = event.network.as_ref();
        self.ports.is_empty()
            || network.is_some_and(|network| self.ports.contains(&network.remote_port))
    }

    fn matches_domain(&self, event: &RuntimeEvent) -> bool {
        let name = || event.dns.as_ref().map(|message| normal(&message.name));
        self.domains.is_empty()
            || name().is_some_and(|name| self.domains.iter().any(|domain| domain.matches(&name)))
    }
}

#[cfg(test)]
mod tests {
    use wardline_contract::RuntimeSubscription;
    use wardline_event::model::{
        ContainerInfo, DnsMessage, FileTarget, NetworkTarget, PodInfo, RuntimeEvent,
    };

    use super::RuntimeCondition;
    use crate::SubscriptionError;

    fn subscription() -> RuntimeSubscription {
        RuntimeSubscription {
            actions: vec![],
            executables: vec![],
            paths: vec![],
            ports: vec![],
            domains: vec![],
            namespaces: vec![],
            places: vec![],
            attributes: vec![],
        }
    }

    fn texts(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    fn matches(subscription: &RuntimeSubscription, event: &RuntimeEvent) -> bool {
        RuntimeCondition::new(0, subscription)
            .unwrap()
            .matches(event)
    }

    fn event() -> RuntimeEvent {
        let mut event = RuntimeEvent {
            action: "open".into(),
            file: Some(FileTarget {
                path: "/etc/shadow".into(),
                ..FileTarget::default()
            }),
            network: Some(NetworkTarget {
                remote_port: 443,
                ..NetworkTarget::default()
            }),
            dns: Some(DnsMessage {
                name: "Pool.Example.ORG.".into(),
                ..DnsMessage::default()
            }),
            container: Some(ContainerInfo::default()),
            pod: Some(PodInfo {
                namespace: "shop".into(),
                ..PodInfo::default()
            }),
            ..RuntimeEvent::default()
        };
        event.process.executable = "/bin/cat".into();
        event
    }

    #[test]
    fn every_field_restricts() {
        type Set = fn(&mut RuntimeSubscription, &str);
        let fields: [(Set, &str, &str); 7] = [
            (|it, text| it.actions = texts(&[text]), "open", "exec"),
            (
                |it, text| it.executables = texts(&[text]),
                "/bin/*",
                "/sbin/*",
            ),
            (|it, text| it.paths = texts(&[text]), "/etc/*", "/var/*"),
            (
                |it, text| it.ports = vec![text.parse().unwrap()],
                "443",
                "80",
            ),
            (
                |it, text| it.domains = texts(&[text]),
                "*.example.org",
                "example.org",
            ),
            (
                |it, text| it.namespaces = texts(&[text]),
                "shop",
                "kube-system",
            ),
            (|it, text| it.places = texts(&[text]), "container", "host"),
        ];
        assert!(matches(&subscription(), &event()));
        for (set, good, bad) in fields {
            for (text, expected) in [(good, true), (bad, false)] {
                let mut one = subscription();
                set(&mut one, text);
                assert_eq!(matches(&one, &event()), expected, "{text}");
            }
        }
    }

    #[test]
    fn refuses_an_unknown_place() {
        let mut unknown = subscription();
        unknown.places = texts(&["cloud"]);
        assert_eq!(
            RuntimeCondition::new(3, &unknown).unwrap_err(),
            SubscriptionError::Place {
                index: 3,
                place: "cloud".into()
            }
        );
    }
}
