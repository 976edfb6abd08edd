//! The head of an event: verb, object, user, and outcome, which routing reads first.

use memchr::memchr;
use wardline_event::model::{AuditEvent, Level, ObjectReference, Stage, User};

use super::DemandFilter;
use super::fields::{Field, Fields, said};
use super::members::{Span, Walk};
use crate::event::{VERSION, level as parse_level, stage as parse_stage};
use crate::index::Index;

/// The fields of an event by which subscriptions are matched.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    /// The stage.
    pub stage: Stage,
    /// The level of the audit policy.
    pub level: Level,
    /// The verb.
    pub verb: &'a str,
    /// The path of a non-resource request, without the query; else empty.
    pub path: &'a str,
    /// The authenticated user; empty if the request was unauthenticated.
    pub user: HeadUser<'a>,
    /// The user whose rights applied, if `user` impersonated another.
    pub impersonated_user: Option<HeadUser<'a>>,
    /// The source addresses in the order of the event, the peer's last.
    pub source_ips: Texts<'a>,
    /// The user agent.
    pub user_agent: &'a str,
    /// The requested object, or none for a non-resource request.
    pub object: Option<HeadObject<'a>>,
    /// The HTTP code of the response, or none if there is no response.
    pub code: Option<u16>,
    /// The JSON text of the response's object; none if there is no such object, or if the
    /// event is already decoded.
    pub answer: Option<&'a str>,
}

/// A user in the head of an event.
#[derive(Debug, Clone)]
pub struct HeadUser<'a> {
    /// The name.
    pub username: &'a str,
    /// The groups.
    pub groups: Texts<'a>,
}

/// An object in the head of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeadObject<'a> {
    /// The API group.
    pub api_group: &'a str,
    /// The resource.
    pub resource: &'a str,
    /// The subresource.
    pub subresource: &'a str,
    /// The namespace.
    pub namespace: &'a str,
    /// The name. If the API server generates it, it may be empty here and stand only in the
    /// response's object.
    pub name: &'a str,
}

/// A list of texts, such as groups or addresses.
#[derive(Debug, Clone)]
pub struct Texts<'a>(From<'a>);

#[derive(Debug, Clone)]
enum From<'a> {
    Nowhere,
    /// The JSON text of a list of strings without escapes, after its opening bracket.
    Text(&'a str),
    Model(std::slice::Iter<'a, String>),
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        match &mut self.0 {
            From::Nowhere => None,
            From::Text(list) => {
                let open = memchr(b'"', list.as_bytes())?;
                let from = list.get(open + 1..)?;
                let end = memchr(b'"', from.as_bytes())?;
                *list = from.get(end + 1..)?;
                from.get(..end)
            }
            From::Model(texts) => texts.next().map(String::as_str),
        }
    }
}

impl<'a> Head<'a> {
    /// Returns the head of a decoded event.
    #[must_use]
    pub fn of(event: &'a AuditEvent) -> Self {
        Self {
            stage: event.stage,
            level: event.level,
            verb: &event.verb,
            path: match event.object {
                Some(_) => "",
                None => without_query(&event.request_uri),
            },
            user: HeadUser::of(&event.user),
            impersonated_user: event.impersonated_user.as_ref().map(HeadUser::of),
            source_ips: Texts(From::Model(event.source_ips.iter())),
            user_agent: &event.user_agent,
            object: event.object.as_ref().map(HeadObject::of),
            code: event.response.as_ref().map(|response| response.code),
            answer: None,
        }
    }

    /// Reads the head from the text that `index` covers. The outer none means that the slow
    /// reader must decide; the inner none that no subscription can match.
    pub(super) fn read(
        text: &'a str,
        index: &Index,
        listed_version: Option<&str>,
        interest: &dyn DemandFilter,
    ) -> Option<Option<Self>> {
        let mut fields = Fields::default();
        fields.read(text, index)?;
        let plain = |span: Option<Span>| span?.plain(text, index);
        let kind = fields.get(Field::Kind);
        if kind.is_some_and(|kind| kind.of(text) != b"\"Event\"") {
            return None;
        }
        let version = match fields.get(Field::ApiVersion) {
            Some(_) => Some(plain(fields.get(Field::ApiVersion))?),
            None => listed_version,
        };
        if version.is_some_and(|version| version != VERSION) {
            return None;
        }
        let object = match fields.get(Field::Object) {
            Some(span) => Some(HeadObject::read(text, index, span)?),
            None => None,
        };
        let (stage, level) = (
            plain(fields.get(Field::Stage))?,
            plain(fields.get(Field::Level))?,
        );
        let (stage, level) = (parse_stage(stage).ok()?, parse_level(level).ok()?);
        let verb = plain(fields.get(Field::Verb))?;
        let is_empty = |span: Option<Span>| span.is_none_or(|span| span.of(text).len() <= 2);
        if verb.is_empty()
            || is_empty(fields.get(Field::AuditId))
            || is_empty(fields.get(Field::RequestUri))
        {
            return None;
        }
        let source_ips = match fields.get(Field::SourceIps) {
            Some(span) => texts(text, index, span)?,
            None => Texts(From::Nowhere),
        };
        if !interest.may_match(verb, object.as_ref(), &source_ips) {
            return Some(None);
        }
        Some(Some(Self {
            stage,
            level,
            verb,
            path: match object {
                Some(_) => "",
                None => path(fields.get(Field::RequestUri)?.of(text))?,
            },
            user: match fields.get(Field::User) {
                Some(span) => HeadUser::read(text, index, span)?,
                None => HeadUser::nobody(),
            },
            impersonated_user: match fields.get(Field::ImpersonatedUser) {
                Some(span) => Some(HeadUser::read(text, index, span)?),
                None => None,
            },
            source_ips,
            user_agent: match fields.get(Field::UserAgent) {
                Some(span) => span.plain(text, index)?,
                None => "",
            },
            object,
            code: match fields.get(Field::Response) {
                Some(span) => Some(code(text, index, span)?),
                None => None,
            },
            answer: fields
                .get(Field::Answer)
                .and_then(|span| text.get(span.start..span.end))
                .filter(|answer| answer.starts_with('{')),
        }))
    }
}

impl<'a> HeadUser<'a> {
    fn nobody() -> Self {
        Self {
            username: "",
            groups: Texts(From::Nowhere),
        }
    }

    fn of(user: &'a User) -> Self {
        Self {
            username: &user.username,
            groups: Texts(From::Model(user.groups.iter())),
        }
    }

    fn read(text: &'a str, index: &Index, span: Span) -> Option<Self> {
        let mut user = Self::nobody();
        if !span.of(text).starts_with(b"{") {
            return None;
        }
        let mut walk = Walk::new(text, index, span.start);
        while let Some((key, value)) = walk.member()? {
            let value = said(text, value);
            match (key, value) {
                (b"username", None) => user.username = "",
                (b"username", Some(value)) => user.username = value.plain(text, index)?,
                (b"groups", None) => user.groups = Texts(From::Nowhere),
                (b"groups", Some(value)) => user.groups = texts(text, index, value)?,
                _ => walk.is_unknown()?,
            }
        }
        // The other decoder derives the groups that are missing.
        (user.username.is_empty() || user.groups.clone().next().is_some()).then_some(user)
    }
}

fn texts<'a>(text: &'a str, index: &Index, span: Span) -> Option<Texts<'a>> {
    let list = text.get(span.start..span.end)?.strip_prefix('[')?;
    let mut walk = Walk::new(text, index, span.start);
    while let Some(item) = walk.item()? {
        item.plain(text, index)?;
    }
    Some(Texts(From::Text(list)))
}

impl<'a> HeadObject<'a> {
    fn of(object: &'a ObjectReference) -> Self {
        Self {
            api_group: &object.api_group,
            resource: &object.resource,
            subresource: &object.subresource,
            namespace: &object.namespace,
            name: &object.name,
        }
    }

    fn read(text: &'a str, index: &Index, span: Span) -> Option<Self> {
        let mut object = Self::default();
        if !span.of(text).starts_with(b"{") {
            return None;
        }
        let mut walk = Walk::new(text, index, span.start);
        while let Some((key, value)) = walk.member()? {
            let field = match key {
                b"apiGroup" => &mut object.api_group,
                b"resource" => &mut object.resource,
                b"subresource" => &mut object.subresource,
                b"namespace" => &mut object.namespace,
                b"name" => &mut object.name,
                _ => {
                    walk.is_unknown()?;
                    continue;
                }
            };
            *field = match said(text, value) {
                Some(value) => value.plain(text, index)?,
                None => "",
            };
        }
        Some(object)
    }
}

/// Returns the path in a quoted URI. The query is not read: it often has escapes, since Go
/// escapes `&`.
fn path(quoted: &[u8]) -> Option<&str> {
    let uri = quoted.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let end = memchr(b'?', uri).unwrap_or(uri.len());
    let path = uri.get(..end)?;
    if memchr(b'\\', path).is_some() {
        return None;
    }
    std::str::from_utf8(path).ok()
}

fn without_query(uri: &str) -> &str {
    uri.split_once('?').map_or(uri, |(path, _)| path)
}

fn code(text: &str, index: &Index, span: Span) -> Option<u16> {
    let mut code = 0;
    if !span.of(text).starts_with(b"{") {
        return None;
    }
    let mut walk = Walk::new(text, index, span.start);
    while let Some((key, value)) = walk.member()? {
        if key != b"code" {
            walk.is_unknown()?;
            continue;
        }
        code = match said(text, value) {
            Some(value) => std::str::from_utf8(value.of(text)).ok()?.parse().ok()?,
            None => 0,
        };
    }
    Some(code)
}
