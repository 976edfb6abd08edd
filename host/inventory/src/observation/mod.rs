//! Observations: what audit events show about cluster objects. These are the rules of the
//! inventory, shared by the host and the SDK's test harness.

mod merge;
mod observe;
mod size;

pub use merge::merge;
pub use observe::{
    ObjectState, ObjectUpdate, changes_spec, inventory_demand, may_affect_inventory, observe,
};
