//! Parses rules from TOML.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use toml::de::DeTable;
use wardline_text::is_fit;

use super::error::RuleError;
use super::error::Text;
use super::expression::{Expression, GROUP};
use super::rule::Rule;
use super::tree::{Fields, Node};

/// Maximum length of a rule's name, in characters.
const NAME: usize = 64;
/// Maximum length of an owner or reason, in bytes.
const TEXT_BYTES: usize = 2000;

/// The keys of a rule.
const KEYS: [&str; 9] = [
    "name", "owner", "reason", "created", "expires", "enabled", GROUP[0], GROUP[1], GROUP[2],
];

/// The addresses that a client claims, followed by that of the API server's peer.
const CLAIMED: &str = "actor.source_ips[]";
/// The address of the API server's peer.
const PEER: &str = "actor.peer_ip";

/// Parses the rules of a text; `file` names it in errors.
///
/// # Errors
/// Returns [`RuleError::Invalid`] if the text is not TOML or a rule is invalid.
pub fn rules(file: &str, text: &str) -> Result<Vec<Rule>, RuleError> {
    let text = Text { file, text };
    let table = DeTable::parse(text.text).map_err(|error| text.syntax(&error))?;
    let fields = Fields::new(text, table.span(), table.get_ref());
    let mut rules: Vec<Rule> = Vec::new();
    for (key, span, value) in fields.iter() {
        if key != "rule" {
            return Err(text.wrong(
                span,
                format!("unknown key `{key}` (put each rule below [[rule]])"),
            ));
        }
        for node in value.list("rule", "a list of tables (write [[rule]])")? {
            let fields = node.table("rule")?;
            let rule = rule(&fields)?;
            if rules.iter().any(|other| other.name == rule.name) {
                return Err(text.wrong(
                    &fields.span,
                    format!("the rule `{}` is defined twice", rule.name),
                ));
            }
            rules.push(rule);
        }
    }
    Ok(rules)
}

fn rule(fields: &Fields<'_>) -> Result<Rule, RuleError> {
    let text = fields.text;
    for (key, span, _) in fields.iter() {
        if !KEYS.contains(&key) {
            return Err(text.unknown(span, "key", key, &KEYS));
        }
    }
    let required = |key: &str, why: &str| {
        let node = fields
            .get(key)
            .ok_or_else(|| text.wrong(&fields.span, format!("the rule has no `{key}` ({why})")))?;
        said(node, key)
    };
    let name = required("name", "findings name the rule that suppressed them")?;
    let is_name_character =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    if name.len() > NAME || !name.chars().all(is_name_character) {
        let message = format!(
            "`{name}` is not a valid name (use at most {NAME} letters, digits, hyphens, dots, and underscores)"
        );
        return Err(text.wrong(&fields.span, message));
    }
    let Some(conditions) = Expression::groups(fields)? else {
        let message = format!(
            "the rule `{name}` has no conditions, and would hide every finding (add [[rule.all]] with a field and an operator)"
        );
        return Err(text.wrong(&fields.span, message));
    };
    if conditions.rests_on(CLAIMED, PEER) {
        let message = format!(
            "the rule `{name}` rests on `{CLAIMED}`, to which any client adds addresses with the header X-Forwarded-For (use `{PEER}`, or add a condition on it)"
        );
        return Err(text.wrong(&fields.span, message));
    }
    Ok(Rule {
        name,
        owner: required("owner", "the person or team responsible for it")?,
        reason: required("reason", "why these findings need no attention")?,
        created: match fields.get("created") {
            None => None,
            Some(node) => {
                moment(node, "created")?;
                Some(node.date("created")?)
            }
        },
        expires: match fields.get("expires") {
            None => None,
            Some(node) => Some(moment(node, "expires")?),
        },
        enabled: match fields.get("enabled") {
            None => true,
            Some(node) => node.boolean("enabled")?,
        },
        conditions,
    })
}

fn said(node: Node<'_>, key: &str) -> Result<String, RuleError> {
    let text = node.string(key)?.trim();
    if text.is_empty() {
        return Err(node.wrong(format!("`{key}` is empty")));
    }
    if text.len() > TEXT_BYTES || !is_fit(text) {
        return Err(node.wrong(format!(
            "`{key}` must be one printable line of at most {TEXT_BYTES} bytes"
        )));
    }
    Ok(text.to_owned())
}

/// Parses a time; a date means its start in UTC.
fn moment(node: Node<'_>, key: &str) -> Result<Timestamp, RuleError> {
    let text = node.date(key)?;
    let day = |text: &str| {
        let date: Date = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
    };
    let parsed = if text.contains([':', 'T']) {
        text.parse().ok()
    } else {
        day(&text)
    };
    parsed.ok_or_else(|| {
        node.wrong(format!(
            "`{key}` must be a date such as 2027-01-31, or a time with an offset such as 2027-01-31T18:00:00Z"
        ))
    })
}

#[cfg(test)]
mod tests;
