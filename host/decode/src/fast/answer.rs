//! The object of an answer, before it is decoded.

use super::HeadObject;
use super::members::Walk;
use crate::index::Index;

/// The answer of an event that is not decoded for now. What is said of
/// [`super::Unit::Unwanted`] holds for it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The event's bytes.
    pub bytes: &'a [u8],
    /// What was asked for.
    pub object: HeadObject<'a>,
    /// The JSON text of the answer.
    pub text: &'a str,
}

/// What is new each time that a controller reports on an object, and teaches nothing: of
/// those kinds that `wardline_inventory::lesson` is about, no fact is read from it.
const OF_OBJECT: &[u8] = b"status";
const OF_METADATA: [&[u8]; 3] = [b"resourceVersion", b"generation", b"managedFields"];

impl Answer<'_> {
    /// The parts of the text that lessons may be drawn from, in their order. Texts with the
    /// same parts teach the same.
    pub fn telling(&self, part: &mut dyn FnMut(&[u8])) {
        // Whatever is unusual tells as a whole.
        if self.members(part).is_none() {
            part(self.text.as_bytes());
        }
    }

    /// None where there is doubt.
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
