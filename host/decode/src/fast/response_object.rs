//! The object of a response, before it is decoded.

use super::HeadObject;
use super::members::Walk;
use crate::index::Index;

/// The response's object of an event that is not decoded yet. The guarantees are those of
/// [`super::DecodeOutcome::Filtered`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseObject<'a> {
    /// The bytes of the event.
    pub bytes: &'a [u8],
    /// The object of the request.
    pub object: HeadObject<'a>,
    /// The JSON text of the response's object.
    pub text: &'a str,
}

/// Members that change with every report of a controller. For the kinds that
/// `wardline_inventory::observation` observes, no fact is read from them.
const OF_OBJECT: &[u8] = b"status";
const OF_METADATA: [&[u8]; 3] = [b"resourceVersion", b"generation", b"managedFields"];

impl ResponseObject<'_> {
    /// Passes the parts of the text on which observations may depend to `part`, in their
    /// order. Texts with equal parts give equal observations.
    pub fn telling(&self, part: &mut dyn FnMut(&[u8])) {
        // Unusual text is passed on whole.
        if self.members(part).is_none() {
            part(self.text.as_bytes());
        }
    }

    /// Returns none if the text is unusual.
    fn members(&self, part: &mut dyn FnMut(&[u8])) -> Option<()> {
        let nothing = Index::default();
        let mut walk = Walk::new(self.text, &nothing, 0);
        while let Some((key, value)) = walk.member()? {
            walk.is_unknown()?;
            if key == OF_OBJECT {
                continue;
            }
            part(key);
            if key != b"metadata" || !value.of(self.text).starts_with(b"{") {
                part(value.of(self.text));
                continue;
            }
            let mut metadata = Walk::new(self.text, &nothing, value.start);
            while let Some((key, value)) = metadata.member()? {
                metadata.is_unknown()?;
                if !OF_METADATA.contains(&key) {
                    part(key);
                    part(value.of(self.text));
                }
            }
        }
        Some(())
    }
}
