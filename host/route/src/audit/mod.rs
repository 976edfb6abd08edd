//! The audit family: conditions on requests to the API server.

mod attributes;
mod condition;
mod index;

pub(super) use condition::AuditCondition;
pub(super) use index::AuditIndex;
