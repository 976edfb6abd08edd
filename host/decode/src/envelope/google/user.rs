//! The user of a request.

use crate::envelope::object::Object;
use crate::envelope::write::Writer;
use crate::groups::groups;

/// Writes the `authentication.k8s.io/v1` `UserInfo` of a name, with the groups that Kubernetes
/// itself assigns to such a name. An entry has no other groups.
pub(super) fn user(name: &str, extra: Writer) -> Writer {
    let mut user = Writer::object();
    user.text("username", name);
    let groups = groups(name);
    user.texts("groups", groups.iter().map(String::as_str));
    user.inner("extra", extra);
    user
}

/// Writes the other fields that an entry has about the user, for the event's `extra`.
pub(super) fn extra(authentication: &Object<'_>) -> Writer {
    let mut extra = Writer::object();
    for key in [
        "principalSubject",
        "serviceAccountKeyName",
        "serviceAccountDelegationInfo",
    ] {
        if let Some(value) = authentication.get(key) {
            let text = authentication.text(key);
            let raw = String::from_utf8_lossy(value);
            extra.texts(key, [text.as_deref().unwrap_or(&raw)]);
        }
    }
    extra
}
