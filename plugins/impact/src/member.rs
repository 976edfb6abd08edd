//! Objects as members of a state window: `RESOURCE NAMESPACE/NAME`.

/// Name that stands for all objects of a resource in a namespace (`deletecollection`).
pub const ALL: &str = "*";

/// Splits a member into resource, namespace, and name. Missing parts are empty.
pub fn parse(member: &str) -> (&str, &str, &str) {
    let (resource, path) = member.split_once(' ').unwrap_or_default();
    let (namespace, name) = path.split_once('/').unwrap_or_default();
    (resource, namespace, name)
}
