//! The memory of a guest, laid out by the canonical ABI
//! (github.com/WebAssembly/component-model, `CanonicalABI.md`, "Storing").

/// Where the data begins.
pub const BASE: u32 = 1024;

/// Bytes of memory, and where each piece of them lies.
#[derive(Default)]
pub struct Image {
    bytes: Vec<u8>,
}

impl Image {
    /// Adds bytes at the next address that is a multiple of `align`.
    pub fn add(&mut self, bytes: &[u8], align: usize) -> u32 {
        let start = self.bytes.len().next_multiple_of(align);
        self.bytes.resize(start, 0);
        self.bytes.extend_from_slice(bytes);
        BASE + u32::try_from(start).unwrap()
    }

    /// Adds bytes and gives what a string or list of them is in a record: address
    /// and length.
    pub fn list(&mut self, bytes: &[u8], align: usize, length: usize) -> Vec<u8> {
        let address = self.add(bytes, align);
        pair(address, u32::try_from(length).unwrap())
    }

    /// A string in a record.
    pub fn text(&mut self, text: &[u8]) -> Vec<u8> {
        self.list(text, 1, text.len())
    }

    /// A list of strings in a record.
    pub fn texts(&mut self, texts: &[&str]) -> Vec<u8> {
        let elements: Vec<u8> = texts
            .iter()
            .flat_map(|text| self.text(text.as_bytes()))
            .collect();
        self.list(&elements, 4, texts.len())
    }

    /// Writes bytes over others of the same length.
    pub fn replace(&mut self, old: &[u8], new: &[u8]) {
        assert_eq!(old.len(), new.len());
        let mut windows = self.bytes.windows(old.len());
        let at = windows.position(|window| window == old).unwrap();
        self.bytes[at..at + new.len()].copy_from_slice(new);
    }

    /// The address behind all that was added.
    pub fn end(&self) -> u32 {
        (BASE + u32::try_from(self.bytes.len()).unwrap()).next_multiple_of(16)
    }

    /// The bytes as the text format writes them.
    pub fn data(&self) -> String {
        self.bytes
            .iter()
            .map(|byte| format!("\\{byte:02x}"))
            .collect()
    }
}

/// Address and length.
pub fn pair(address: u32, length: u32) -> Vec<u8> {
    [address.to_le_bytes(), length.to_le_bytes()].concat()
}

/// A list or string of nothing.
pub fn empty() -> Vec<u8> {
    pair(0, 0)
}
