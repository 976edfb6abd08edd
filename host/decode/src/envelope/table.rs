//! Tables of Log Analytics and of Azure Data Explorer: the response of a query.
//! <https://learn.microsoft.com/azure/azure-monitor/logs/api/response-format>
//! <https://learn.microsoft.com/kusto/api/rest/response>

use super::CloudScope;
use super::object::Object;
use super::opener::Opener;
use super::write::Writer;
use crate::split::{ListItems, ListPart};

impl Opener<'_, '_> {
    /// `{"tables": [{"name", "columns": [{"name", "type"}], "rows": [[...]]}]}`.
    pub(super) fn tables(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let key = either(object, "tables", "Tables");
        self.list(object, key, |opener, table| {
            if let Some(table) = Object::read(table) {
                opener.table(&table, scope, depth + 1);
            }
        });
    }

    pub(super) fn table<'a>(&mut self, table: &Object<'a>, scope: &CloudScope, depth: usize) {
        let mut columns = Vec::new();
        let list = table.get(either(table, "columns", "Columns"));
        let list = list.unwrap_or_default();
        let mut items = ListItems::of_array(list);
        while let Some(ListPart::Item(column)) = items.next() {
            let column = Object::read(column);
            let name =
                |column: &Object<'a>| column.get("name").or_else(|| column.get("ColumnName"));
            columns.push(column.as_ref().and_then(name));
        }
        self.list(table, either(table, "rows", "Rows"), |opener, row| {
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

/// Returns the second key if the object has that one. Data Explorer begins its keys with a capital.
fn either(object: &Object<'_>, key: &'static str, other: &'static str) -> &'static str {
    if object.has(other) { other } else { key }
}
