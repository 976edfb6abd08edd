//! A condition on one field.

use serde_json::Value;

use super::error::RuleError;
use super::field::Field;
use super::operator::{OPERATORS, Operator};
use super::tree::Fields;

/// A condition on the values of a field. For a list, one matching value is enough; `not-equals`,
/// `not-in`, and `exists = false` hold if no value matches.
#[derive(Debug)]
pub(super) struct Condition {
    field: Field,
    operator: Operator,
    is_negative: bool,
}

impl Condition {
    pub fn parse(fields: &Fields<'_>) -> Result<Self, RuleError> {
        let mut operand = None;
        for (key, span, value) in fields.iter() {
            match key {
                "field" | "ignore-case" => {}
                key if OPERATORS.contains(&key) => {
                    if let Some((other, _)) = operand.replace((key, value)) {
                        return Err(fields.text.wrong(
                            span,
                            format!(
                                "a condition has exactly one operator, not `{other}` and `{key}` (write two conditions)"
                            ),
                        ));
                    }
                }
                unknown => {
                    return Err(fields.text.unknown(span, "operator", unknown, &OPERATORS));
                }
            }
        }
        let Some(path) = fields.get("field") else {
            return Err(fields
                .text
                .wrong(&fields.span, "the condition has no `field`"));
        };
        let field = Field::parse(path)?;
        let Some((name, operand)) = operand else {
            return Err(fields.text.wrong(
                &fields.span,
                format!(
                    "the condition on `{}` has no operator (use one of {})",
                    field.name,
                    OPERATORS.join(", ")
                ),
            ));
        };
        let ignore_case = match fields.get("ignore-case") {
            None => false,
            Some(value) => value.boolean("ignore-case")?,
        };
        let (operator, is_negative) = Operator::parse(name, operand, field.kind, ignore_case)?;
        Ok(Self {
            field,
            operator,
            is_negative,
        })
    }

    /// Returns whether a value of the field can make the condition, or its negation, hold.
    pub fn is_met_by(&self, field: &str, is_negated: bool) -> bool {
        self.field.name == field && self.is_negative == is_negated
    }

    pub fn holds(&self, finding: &Value) -> bool {
        let values = self.field.values(finding);
        values.into_iter().any(|value| self.operator.holds(value)) != self.is_negative
    }
}
