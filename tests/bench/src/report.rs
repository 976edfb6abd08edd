//! The table of figures, and its JSON form.

mod row;

use serde_json::{Value, json};

pub use row::Row;

/// The figures, group by group; each is printed as soon as it is known.
pub struct Report {
    head: String,
    figures: Vec<Value>,
    group: String,
}

impl Report {
    pub fn begin(head: String) -> Self {
        println!("{head}\n\n{}", row::heading());
        Self {
            head,
            figures: Vec::new(),
            group: String::new(),
        }
    }

    pub fn group(&mut self, name: &str) {
        println!("\n{name}");
        name.clone_into(&mut self.group);
    }

    pub fn add(&mut self, row: Row) {
        println!("{}", row.line());
        let mut figure = row.figure();
        figure["group"] = self.group.clone().into();
        self.figures.push(figure);
    }

    pub fn json(&self) -> String {
        let all = json!({ "about": self.head, "figures": self.figures });
        format!("{all:#}\n")
    }
}
