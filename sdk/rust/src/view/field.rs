//! Common fields for evidence.

use super::AuditEvent;

/// A field of an audit event that evidence often cites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditField {
    /// `user.username`.
    Username,
    /// `user.groups`.
    Groups,
    /// `impersonatedUser.username`.
    ImpersonatedUsername,
    /// `verb`.
    Verb,
    /// `requestURI`.
    RequestUri,
    /// `objectRef.resource`.
    Resource,
    /// `objectRef.subresource`.
    Subresource,
    /// `objectRef.namespace`.
    Namespace,
    /// `objectRef.name`.
    Name,
    /// `responseStatus.code`.
    Code,
    /// `sourceIPs`.
    SourceIps,
    /// `userAgent`.
    UserAgent,
}

impl AuditField {
    /// Returns the field's path in the event, for evidence.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Username => "user.username",
            Self::Groups => "user.groups",
            Self::ImpersonatedUsername => "impersonatedUser.username",
            Self::Verb => "verb",
            Self::RequestUri => "requestURI",
            Self::Resource => "objectRef.resource",
            Self::Subresource => "objectRef.subresource",
            Self::Namespace => "objectRef.namespace",
            Self::Name => "objectRef.name",
            Self::Code => "responseStatus.code",
            Self::SourceIps => "sourceIPs",
            Self::UserAgent => "userAgent",
        }
    }

    /// Returns the value as text; the items of a list are separated by `, `, and a missing value is
    /// empty.
    #[must_use]
    pub fn value(self, event: AuditEvent<'_>) -> String {
        let object = event.object();
        match self {
            Self::Username => event.user().username().to_owned(),
            Self::Groups => event.user().groups().join(", "),
            Self::ImpersonatedUsername => event
                .impersonated_user()
                .map(|user| user.username().to_owned())
                .unwrap_or_default(),
            Self::Verb => event.verb().to_owned(),
            Self::RequestUri => event.request_uri().to_owned(),
            Self::Resource => object
                .map(|object| object.resource().to_owned())
                .unwrap_or_default(),
            Self::Subresource => object
                .map(|object| object.subresource().to_owned())
                .unwrap_or_default(),
            Self::Namespace => event.namespace().to_owned(),
            Self::Name => event.name().to_owned(),
            Self::Code => event
                .code()
                .map(|code| code.to_string())
                .unwrap_or_default(),
            Self::SourceIps => event.source_ips().join(", "),
            Self::UserAgent => event.user_agent().to_owned(),
        }
    }
}
