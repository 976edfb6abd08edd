//! Tables of Log Analytics: the response of a query.
//! <https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format>

use super::CloudScope;
use super::object::Object;
use super::opener::Opener;
use super::write::Writer;
use crate::split::{ListItems, ListPart};

impl Opener<'_, '_> {
    /// `{"tables": [{"name", "columns": [{"name", "type"}], "rows": [[...]]}]}`.
    pub(super) fn tables(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        self.list(object, "tables", |opener, table| {
            if let Some(table) = Object::read(table) {
                opener.table(&table, scope, depth + 1);
            }
        });
    }

    pub(super) fn table(&mut self, table: &Object<'_>, scope: &CloudScope, depth: usize) {
        let mut columns = Vec::new();
        let list = table.get("columns").unwrap_or_default();
        let mut items = ListItems::of_array(list);
        while let Some(ListPart::Item(column)) = items.next() {
            columns.push(Object::read(column).and_then(|column| column.get("name")));
        }
        self.list(table, "rows", |opener, row| {
            let mut written = Writer::object();
            let mut values = ListItems::of_array(row);
            for column in &columns {
                let Some(ListPart::Item(value)) = values.next() else {
                    break;
                };
                if let Some(name) = column {
                    written.raw_key(name, value);
                }
            }
            opener.documents(&written.finish(), scope, depth + 1);
        });
    }
}
