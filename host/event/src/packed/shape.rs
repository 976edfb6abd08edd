use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The layout of a row, from which `wit/v0.1/packed.txt` is generated.
#[derive(Debug, PartialEq, Eq)]
pub enum Shape {
    /// One byte, 0 or 1.
    Bool,
    /// A number of this type, little endian.
    Number(&'static str),
    /// A position and a length in bytes.
    Text,
    /// The position and count of rows of this shape and size in bytes.
    List(&'static Shape, usize),
    /// One byte, 0 or 1, then the row.
    Option(&'static Shape),
    /// One byte, the number of the case.
    Enumeration {
        /// The name of the type.
        name: &'static str,
        /// The cases, numbered from 0.
        cases: &'static [&'static str],
    },
    /// One byte, the number of the case, and the position of its row.
    Variant {
        /// The name of the type.
        name: &'static str,
        /// The case without a value, number 0.
        none: &'static str,
        /// The other cases, numbered from 1.
        cases: &'static [(&'static str, &'static Shape)],
    },
    /// The rows of the fields, one after the other.
    Record {
        /// The name of the type.
        name: &'static str,
        /// The size of the row in bytes.
        size: usize,
        /// The fields with their offsets in bytes.
        fields: &'static [(&'static str, usize, &'static Shape)],
    },
}

/// Converts a Rust name to the form of WIT.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.trim_end_matches('_').chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(match letter {
            '_' => '-',
            other => other.to_ascii_lowercase(),
        });
    }
    kebab
}

impl Shape {
    /// The type in WIT.
    fn name(&self) -> String {
        match self {
            Self::Bool => "bool".into(),
            Self::Number(number) => number.replace('i', "s"),
            Self::Text => "string".into(),
            Self::List(item, _) => format!("list<{}>", item.name()),
            Self::Option(item) => format!("option<{}>", item.name()),
            Self::Enumeration { name, .. }
            | Self::Variant { name, .. }
            | Self::Record { name, .. } => kebab(name),
        }
    }

    /// Adds the description of this type and of every type that it refers to.
    pub fn describe(&'static self, types: &mut BTreeMap<String, String>) {
        match self {
            Self::Bool | Self::Number(_) | Self::Text => return,
            Self::List(item, _) | Self::Option(item) => return item.describe(types),
            Self::Enumeration { .. } | Self::Variant { .. } | Self::Record { .. } => {}
        }
        let name = self.name();
        if types.contains_key(&name) {
            return;
        }
        let mut lines = String::new();
        let mut needs: Vec<&'static Self> = Vec::new();
        match self {
            Self::Enumeration { cases, .. } => {
                let _ = writeln!(lines, "enum {name}");
                for (number, case) in cases.iter().enumerate() {
                    let _ = writeln!(lines, "{number:>5}  {}", kebab(case));
                }
            }
            Self::Variant { none, cases, .. } => {
                let _ = writeln!(lines, "variant {name}");
                let _ = writeln!(lines, "    0  {}", kebab(none));
                for (number, (case, shape)) in (1..).zip(*cases) {
                    let _ = writeln!(lines, "{number:>5}  {}: {}", kebab(case), shape.name());
                    needs.push(shape);
                }
            }
            Self::Record { size, fields, .. } => {
                let _ = writeln!(lines, "record {name}, {size} bytes");
                for (field, offset, shape) in *fields {
                    let _ = writeln!(lines, "{offset:>5}  {}: {}", kebab(field), shape.name());
                    needs.push(shape);
                }
            }
            _ => {}
        }
        types.insert(name, lines);
        for shape in needs {
            shape.describe(types);
        }
    }
}
