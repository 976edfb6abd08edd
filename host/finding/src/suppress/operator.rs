//! The operators of conditions.

use std::net::IpAddr;

use ipnet::IpNet;
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::error::RuleError;
use super::field::Kind;
use super::tree::Node;

/// Maximum size of a compiled pattern, in bytes. Matching takes time linear in the text for all
/// patterns.
const PATTERN_BYTES: usize = 256 * 1024;

/// All operators, as written in rules.
pub(super) const OPERATORS: [&str; 12] = [
    "equals",
    "not-equals",
    "in",
    "not-in",
    "wildcard",
    "regex",
    "cidr",
    "greater-than",
    "at-least",
    "less-than",
    "at-most",
    "exists",
];

/// An operator with its operand.
#[derive(Debug)]
pub(super) enum Operator {
    Texts {
        texts: Vec<String>,
        ignore_case: bool,
    },
    Numbers(Vec<f64>),
    Patterns(Vec<Regex>),
    Networks(Vec<IpNet>),
    GreaterThan(f64),
    AtLeast(f64),
    LessThan(f64),
    AtMost(f64),
    /// Any value matches.
    Exists,
}

impl Operator {
    /// Parses the operand of a known operator. The boolean is true for a negative operator, which
    /// holds if nothing matches.
    pub fn parse(
        name: &str,
        operand: Node<'_>,
        kind: Kind,
        ignore_case: bool,
    ) -> Result<(Self, bool), RuleError> {
        let for_text = matches!(name, "wildcard" | "regex" | "cidr");
        let for_numbers = matches!(name, "greater-than" | "at-least" | "less-than" | "at-most");
        if for_text && kind == Kind::Number {
            return Err(operand.wrong(format!(
                "`{name}` applies to text, but the field is a number"
            )));
        }
        if for_numbers && kind == Kind::Text {
            return Err(operand.wrong(format!(
                "`{name}` applies to numbers, but the field is text"
            )));
        }
        let number = || operand.number(name);
        Ok(match name {
            "equals" => (exactly(name, &[operand], kind, ignore_case)?, false),
            "not-equals" => (exactly(name, &[operand], kind, ignore_case)?, true),
            "in" => (
                exactly(name, &list(name, operand)?, kind, ignore_case)?,
                false,
            ),
            "not-in" => (
                exactly(name, &list(name, operand)?, kind, ignore_case)?,
                true,
            ),
            "wildcard" => (patterns(operand, ignore_case, wildcard)?, false),
            "regex" => (patterns(operand, ignore_case, regex)?, false),
            "cidr" => (networks(operand)?, false),
            "greater-than" => (Self::GreaterThan(number()?), false),
            "at-least" => (Self::AtLeast(number()?), false),
            "less-than" => (Self::LessThan(number()?), false),
            "at-most" => (Self::AtMost(number()?), false),
            _ => (Self::Exists, !operand.boolean(name)?),
        })
    }

    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Texts { texts, ignore_case } => text(value).is_some_and(|value| {
                if *ignore_case {
                    texts.contains(&value.to_lowercase())
                } else {
                    texts.iter().any(|text| text == value)
                }
            }),
            // Exact comparison is safe: numbers in findings are integers or decimals as written by
            // a detector.
            Self::Numbers(numbers) => value.as_f64().is_some_and(|value| {
                numbers
                    .iter()
                    .any(|number| number.total_cmp(&value).is_eq())
            }),
            Self::Patterns(patterns) => text(value)
                .is_some_and(|value| patterns.iter().any(|pattern| pattern.is_match(value))),
            Self::Networks(networks) => value
                .as_str()
                .and_then(|value| value.parse::<IpAddr>().ok())
                .map(|address| address.to_canonical())
                .is_some_and(|address| networks.iter().any(|network| network.contains(&address))),
            Self::GreaterThan(number) => value.as_f64().is_some_and(|value| value > *number),
            Self::AtLeast(number) => value.as_f64().is_some_and(|value| value >= *number),
            Self::LessThan(number) => value.as_f64().is_some_and(|value| value < *number),
            Self::AtMost(number) => value.as_f64().is_some_and(|value| value <= *number),
            Self::Exists => true,
        }
    }
}

fn list<'t>(name: &str, operand: Node<'t>) -> Result<Vec<Node<'t>>, RuleError> {
    let list = operand.list(name, "a list")?;
    if list.is_empty() {
        return Err(operand.wrong(format!("`{name}` has no values")));
    }
    Ok(list)
}

fn exactly(
    name: &str,
    operands: &[Node<'_>],
    kind: Kind,
    ignore_case: bool,
) -> Result<Operator, RuleError> {
    Ok(match kind {
        Kind::Number => Operator::Numbers(
            operands
                .iter()
                .map(|operand| operand.number(name))
                .collect::<Result<_, _>>()?,
        ),
        Kind::Text => Operator::Texts {
            texts: operands
                .iter()
                .map(|operand| {
                    let text = operand.string(name)?;
                    Ok(if ignore_case {
                        text.to_lowercase()
                    } else {
                        text.to_owned()
                    })
                })
                .collect::<Result<_, RuleError>>()?,
            ignore_case,
        },
    })
}

/// Translates a wildcard pattern: `*` matches any text, `?` one character.
fn wildcard(pattern: &str) -> Result<String, String> {
    if pattern.chars().all(|character| character == '*') {
        return Err(format!(
            "`{pattern}` matches every text (write `exists = true` instead)"
        ));
    }
    Ok(pattern
        .chars()
        .map(|character| match character {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            character => regex::escape(&character.to_string()),
        })
        .collect())
}

fn regex(pattern: &str) -> Result<String, String> {
    if matches!(pattern, "" | ".*" | ".+" | "^.*$" | "^.+$") {
        return Err(format!(
            "`{pattern}` matches every text (write `exists = true` instead)"
        ));
    }
    // Compiled on its own first, because the group around it would make `a)|(b` valid.
    let alone = RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).build();
    alone.map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        let reason = reason.strip_prefix("error: ").unwrap_or(reason);
        format!("`{pattern}` is not a usable regular expression: {reason}")
    })?;
    Ok(pattern.to_owned())
}

/// Compiles patterns that must match the whole value, as in Alertmanager
/// (prometheus.io/docs/alerting/latest/configuration/#matcher).
fn patterns(
    operand: Node<'_>,
    ignore_case: bool,
    translate: fn(&str) -> Result<String, String>,
) -> Result<Operator, RuleError> {
    let operands = operand.one_or_more();
    if operands.is_empty() {
        return Err(operand.wrong("the list of patterns is empty"));
    }
    operands
        .into_iter()
        .map(|operand| {
            let pattern = operand.string("pattern")?;
            let inside = translate(pattern).map_err(|message| operand.wrong(message))?;
            RegexBuilder::new(&format!("^(?:{inside})$"))
                .case_insensitive(ignore_case)
                .dot_matches_new_line(true)
                .size_limit(PATTERN_BYTES)
                .build()
                .map_err(|_| operand.wrong(format!("`{pattern}` is too large")))
        })
        .collect::<Result<_, _>>()
        .map(Operator::Patterns)
}

fn networks(operand: Node<'_>) -> Result<Operator, RuleError> {
    let operands = operand.one_or_more();
    if operands.is_empty() {
        return Err(operand.wrong("the list of networks is empty"));
    }
    operands
        .into_iter()
        .map(|operand| {
            let text = operand.string("cidr")?;
            let network = text
                .parse::<IpNet>()
                .ok()
                .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
                .ok_or_else(|| {
                    operand.wrong(format!(
                        "`{text}` is not a network (write, for example, 10.0.0.0/8, 2001:db8::/32, or a single address)"
                    ))
                })?;
            if network.addr() != network.network() {
                return Err(operand.wrong(format!(
                    "`{text}` has bits set after its prefix (did you mean `{}`?)",
                    network.trunc()
                )));
            }
            Ok(network)
        })
        .collect::<Result<_, _>>()
        .map(Operator::Networks)
}
/// Returns a field's value as text.
fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(true) => Some("true"),
        Value::Bool(false) => Some("false"),
        _ => None,
    }
}
