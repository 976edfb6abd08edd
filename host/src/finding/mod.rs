//! What the host makes of a detector's claims.
