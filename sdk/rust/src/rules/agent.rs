//! What clients call themselves.
//!
//! Whoever makes a request chooses its user agent, so that it excuses nothing: who tells
//! identities tells them by user and groups. It may incriminate: a program that gives itself
//! away as a command line tool is one, and who takes the name of a component of Kubernetes
//! without being it has a reason.

/// Tools and libraries that people type or script requests with, each by how it begins its
/// user agent in lower case. Client libraries of Kubernetes, and the HTTP libraries that
/// services are commonly built with (`Go-http-client`, `okhttp`, `axios`), are not here.
const SCRIPTS: [(&str, &str); 11] = [
    ("curl/", "curl"),
    ("wget/", "wget"),
    ("python-requests/", "python-requests"),
    ("python-urllib", "python-urllib"),
    ("python-httpx/", "python-httpx"),
    ("python/", "python"),
    ("httpie/", "HTTPie"),
    ("postmanruntime/", "Postman"),
    ("libwww-perl/", "libwww-perl"),
    ("insomnia/", "Insomnia"),
    ("burp", "Burp Suite"),
];

/// How the components of Kubernetes begin their user agents (client-go, `rest.Config`'s
/// default: the name of the executable, a slash, the version).
const COMPONENTS: [&str; 6] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubelet",
    "cloud-controller-manager",
];

/// The name of the tool, if a user agent is that of one that requests are typed or scripted
/// with: curl, wget, Python's HTTP libraries, PowerShell.
#[must_use]
pub fn script(user_agent: &str) -> Option<&'static str> {
    let lower = user_agent.to_ascii_lowercase();
    if lower.contains("powershell/") {
        return Some("PowerShell");
    }
    SCRIPTS
        .iter()
        .find(|(begin, _)| lower.starts_with(begin))
        .map(|(_, name)| *name)
}

/// Whether a user agent is kubectl's.
#[must_use]
pub fn is_kubectl(user_agent: &str) -> bool {
    user_agent.starts_with("kubectl/") || user_agent.starts_with("kubectl.exe/")
}

/// The name of the tool, if a user agent is that of one that people use: kubectl, or one of
/// [`script`]'s.
#[must_use]
pub fn hand_tool(user_agent: &str) -> Option<&'static str> {
    if is_kubectl(user_agent) {
        Some("kubectl")
    } else {
        script(user_agent)
    }
}

/// What the user agents of [`hand_tool`]s have in them in lower case, to subscribe by
/// ([`crate::AuditSubscription::user_agents`]). Others may have it too.
pub fn hand_tool_marks() -> impl Iterator<Item = &'static str> {
    ["kubectl/", "kubectl.exe/", "powershell/"]
        .into_iter()
        .chain(SCRIPTS.iter().map(|(begin, _)| *begin))
}

/// The component of Kubernetes that a user agent claims to be.
#[must_use]
pub fn component(user_agent: &str) -> Option<&'static str> {
    COMPONENTS.into_iter().find(|name| {
        user_agent
            .strip_prefix(*name)
            .is_some_and(|rest| rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::{component, hand_tool, script};

    #[test]
    fn tools_give_themselves_away_and_libraries_of_services_do_not() {
        for (agent, tool) in [
            ("curl/8.5.0", Some("curl")),
            ("Wget/1.21", Some("wget")),
            ("python-requests/2.31.0", Some("python-requests")),
            ("python-urllib3/2.2.1", Some("python-urllib")),
            ("Python-urllib/3.11", Some("python-urllib")),
            ("Python/3.11 aiohttp/3.9.1", Some("python")),
            (
                "Mozilla/5.0 (Windows NT; en-US) WindowsPowerShell/5.1",
                Some("PowerShell"),
            ),
            ("OpenAPI-Generator/30.1.0/python", None),
            ("Go-http-client/2.0", None),
            ("kubectl/v1.36.2 (linux/amd64)", None),
            ("", None),
        ] {
            assert_eq!(script(agent), tool, "{agent}");
        }
        assert_eq!(hand_tool("kubectl/v1.36.2 (linux/amd64)"), Some("kubectl"));
        assert_eq!(hand_tool("kubectl-like/1"), None);
    }

    #[test]
    fn components_are_named_in_full() {
        assert_eq!(component("kubelet/v1.36.2 (linux/amd64)"), Some("kubelet"));
        assert_eq!(component("kubelet"), None);
        assert_eq!(component("kubeletctl/1.12"), None);
    }
}
