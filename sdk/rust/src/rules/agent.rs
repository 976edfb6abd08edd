//! User agents.
//!
//! The client chooses its user agent, so a user agent never excuses a request: identities are
//! recognized by user and groups ([`Requester`](super::Requester)). It may incriminate: a client that claims to be a command line
//! tool is one, and a client that falsely claims to be a Kubernetes component has something to
//! hide.

/// Tools and libraries for typed or scripted requests, each with the prefix of its user agent in
/// lower case. Kubernetes client libraries, and HTTP libraries that services are commonly built
/// with (`Go-http-client`, `okhttp`, `axios`), are not included.
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

/// The Kubernetes components, by the start of their user agents (the default of client-go's
/// `rest.Config`: the name of the executable, a slash, the version).
const COMPONENTS: [&str; 6] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "kubelet",
    "cloud-controller-manager",
];

/// Returns the name of a tool for typed or scripted requests, if the user agent is that of one:
/// curl, wget, Python's HTTP libraries, PowerShell.
#[must_use]
pub fn script(user_agent: &str) -> Option<&'static str> {
    let agent = user_agent.as_bytes();
    let begins = |agent: &[u8], begin: &str| {
        agent
            .get(..begin.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(begin.as_bytes()))
    };
    if (0..agent.len()).any(|at| begins(agent.get(at..).unwrap_or_default(), "powershell/")) {
        return Some("PowerShell");
    }
    SCRIPTS
        .iter()
        .find(|(begin, _)| begins(agent, begin))
        .map(|(_, name)| *name)
}

/// Returns whether a user agent is that of kubectl.
#[must_use]
pub fn is_kubectl(user_agent: &str) -> bool {
    user_agent.starts_with("kubectl/") || user_agent.starts_with("kubectl.exe/")
}

/// Returns the name of a tool that people use, if the user agent is that of one: kubectl, or a tool
/// of [`script`].
#[must_use]
pub fn hand_tool(user_agent: &str) -> Option<&'static str> {
    if is_kubectl(user_agent) {
        Some("kubectl")
    } else {
        script(user_agent)
    }
}

/// Returns texts, in lower case, for a subscription to the tools of [`hand_tool`]
/// ([`crate::AuditSubscription::user_agents`]). Other user agents may contain them too.
pub fn hand_tool_marks() -> impl Iterator<Item = &'static str> {
    ["kubectl/", "kubectl.exe/", "powershell/"]
        .into_iter()
        .chain(SCRIPTS.iter().map(|(begin, _)| *begin))
}

/// Returns the Kubernetes component that a user agent claims to be.
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
    fn recognizes_tools_but_not_the_libraries_of_services() {
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
    fn requires_the_full_name_of_a_component() {
        assert_eq!(component("kubelet/v1.36.2 (linux/amd64)"), Some("kubelet"));
        assert_eq!(component("kubelet"), None);
        assert_eq!(component("kubeletctl/1.12"), None);
    }
}
