//! What the audit stream has told about the cluster's objects.
