//! AKS: resource logs of Azure Monitor.
//!
//! The categories `kube-audit` and `kube-audit-admin` hold audit events; `guard`,
//! `kube-apiserver`, `cluster-autoscaler`, and others hold other logs.
//!
//! - Records, in lists from Event Hubs and one per line in blobs:
//!   <https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs>
//!   and `resource-logs-schema`, `resource-logs-blob-format`
//! - AKS: <https://learn.microsoft.com/azure/aks/monitor-aks-reference>
//! - Rows of Log Analytics: <https://learn.microsoft.com/azure/azure-monitor/reference/tables/aksaudit>,
//!   `aksauditadmin` and `azurediagnostics`

mod row;

use std::borrow::Cow;

use super::form::{Form, is_plain};
use super::object::{Object, bytes_of};
use super::opener::whole_fault;
use super::{CloudScope, Opener};
use crate::reject::{Fault, Reject};

impl Opener<'_, '_> {
    pub(super) fn of_azure(&mut self, form: Form, object: &Object<'_>, scope: &CloudScope) {
        match form {
            Form::ResourceLog => self.resource_log(object, scope),
            Form::DiagnosticsRow => self.diagnostics_row(object, scope),
            _ => self.audit_row(object, scope),
        }
    }

    /// `{"time", "category", "resourceId", "properties": {"log": "...", ...}}`.
    fn resource_log(&mut self, record: &Object<'_>, scope: &CloudScope) {
        let scope = scope_of(record, "resourceId", scope);
        let is_other = !is_audit(&record.text_or_empty("category"));
        let missing = "`properties` has no audit event, expected one in `log`";
        let properties = record.get("properties").unwrap_or_default();
        // Some exports write `properties` as a string.
        let inner = super::object::text(properties).map(bytes_of);
        let properties = inner.as_deref().unwrap_or(properties);
        let Some(properties) = Object::read(properties) else {
            if is_other {
                return self.skip();
            }
            return self.reject(Fault::new(Reject::BrokenEnvelope, missing), record.bytes);
        };
        // A line of another log may quote what clients sent.
        let is_event = |log: &[u8]| !is_other || is_plain(log);
        if let Some(log) = properties
            .line("log")
            .filter(|log| is_event(log.as_bytes()))
        {
            self.give(bytes_of(log), &scope);
        } else if let Some(log) = properties
            .get("log")
            .filter(|log| log.starts_with(b"{") && is_event(log))
        {
            self.give(Cow::Borrowed(log), &scope);
        } else if properties.has("auditID") {
            self.give(Cow::Borrowed(properties.bytes), &scope);
        } else if is_other {
            self.skip();
        } else {
            self.reject(Fault::new(Reject::BrokenEnvelope, missing), record.bytes);
        }
    }

    /// `{"Category", "ResourceId", "log_s": "...", ...}`.
    fn diagnostics_row(&mut self, row: &Object<'_>, scope: &CloudScope) {
        let log = row.line("log_s");
        let is_event = log.as_ref().is_some_and(|log| is_plain(log.as_bytes()));
        if !is_audit(&row.text_or_empty("Category")) && !is_event {
            return self.skip();
        }
        let key = if row.has("_ResourceId") {
            "_ResourceId"
        } else {
            "ResourceId"
        };
        let scope = scope_of(row, key, scope);
        match log {
            Some(log) => self.give(bytes_of(log), &scope),
            None => {
                let detail = "`log_s` is not a string";
                self.reject(Fault::new(Reject::BrokenEnvelope, detail), row.bytes);
            }
        }
    }

    fn audit_row(&mut self, row: &Object<'_>, scope: &CloudScope) {
        // Nobody knows which columns a cut row lacks.
        if !row.is_whole {
            return self.reject(whole_fault(row.bytes), row.bytes);
        }
        let scope = scope_of(row, "_ResourceId", scope);
        self.give(Cow::Owned(row::event(row)), &scope);
    }
}

fn is_audit(category: &str) -> bool {
    matches!(category, "kube-audit" | "kube-audit-admin")
}

/// Reads the origin from an id such as `/subscriptions/ID/resourceGroups/NAME/providers/
/// Microsoft.ContainerService/managedClusters/NAME`. Azure's names are case-insensitive, and
/// its exports differ in the case of one id, so all names become lower case.
fn scope_of(record: &Object<'_>, key: &str, scope: &CloudScope) -> CloudScope {
    let id = record.text_or_empty(key).to_ascii_lowercase();
    let mut parts = id.split('/');
    let mut account = String::new();
    let mut cluster = String::new();
    while let Some(part) = parts.next() {
        let field = match part {
            "subscriptions" => &mut account,
            "managedclusters" => &mut cluster,
            _ => continue,
        };
        parts.next().unwrap_or_default().clone_into(field);
    }
    CloudScope {
        provider: "azure",
        account,
        cluster,
        region: record.text_or_empty("location").into_owned(),
        ..scope.clone()
    }
}
