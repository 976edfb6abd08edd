//! The memory of a guest, laid out by the canonical ABI
//! (github.com/WebAssembly/component-model, `CanonicalABI.md`, "Storing").

/// The address of the first byte.
pub const BASE: u32 = 1024;

/// The bytes of the memory from [`BASE`] on.
#[derive(Default)]
pub struct Image {
    bytes: Vec<u8>,
}

impl Image {
    /// Adds bytes at the next multiple of `align` and returns their address.
    pub fn add(&mut self, bytes: &[u8], align: usize) -> u32 {
        let start = self.bytes.len().next_multiple_of(align);
        self.bytes.resize(start, 0);
        self.bytes.extend_from_slice(bytes);
        BASE + u32::try_from(start).unwrap()
    }

    /// Adds bytes and returns their address and length, the form of a string or list in a
    /// record.
    pub fn list(&mut self, bytes: &[u8], align: usize, length: usize) -> Vec<u8> {
        let address = self.add(bytes, align);
        pair(address, u32::try_from(length).unwrap())
    }

    /// Adds a string and returns its form in a record.
    pub fn text(&mut self, text: &[u8]) -> Vec<u8> {
        self.list(text, 1, text.len())
    }

    /// Adds a list of strings and returns its form in a record.
    pub fn texts(&mut self, texts: &[&str]) -> Vec<u8> {
        let elements: Vec<u8> = texts
            .iter()
            .flat_map(|text| self.text(text.as_bytes()))
            .collect();
        self.list(&elements, 4, texts.len())
    }

    /// Replaces bytes by others of the same length.
    pub fn replace(&mut self, old: &[u8], new: &[u8]) {
        assert_eq!(old.len(), new.len());
        let mut windows = self.bytes.windows(old.len());
        let at = windows.position(|window| window == old).unwrap();
        self.bytes[at..at + new.len()].copy_from_slice(new);
    }

    /// The first free address, a multiple of 16.
    pub fn end(&self) -> u32 {
        (BASE + u32::try_from(self.bytes.len()).unwrap()).next_multiple_of(16)
    }

    /// The bytes in the form of the text format.
    pub fn data(&self) -> String {
        self.bytes
            .iter()
            .map(|byte| format!("\\{byte:02x}"))
            .collect()
    }
}

/// An address and a length.
pub fn pair(address: u32, length: u32) -> Vec<u8> {
    [address.to_le_bytes(), length.to_le_bytes()].concat()
}

/// An empty list or string.
pub fn empty() -> Vec<u8> {
    pair(0, 0)
}
