//! Sets of addresses, domains and names that the operator keeps.
