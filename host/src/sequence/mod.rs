//! Puts decoded events in one order: drops repeats, numbers them, updates the inventory.
