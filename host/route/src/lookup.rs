//! Finds the conditions that a text meets.

use foldhash::{HashMap, HashMapExt};

use crate::Pattern;

/// A set of conditions, one bit each.
pub(crate) type Bits = Box<[u64]>;

/// The conditions on one text field.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// Conditions that do not restrict the text.
    pub any: Bits,
    exact: HashMap<Box<str>, Bits>,
    prefixes: Vec<(Box<str>, Bits)>,
}

impl Lookup {
    pub fn new(words: usize) -> Self {
        Self {
            any: vec![0; words].into(),
            exact: HashMap::new(),
            prefixes: Vec::new(),
        }
    }

    /// Adds the patterns of a condition; `None` stands for any text.
    pub fn add(&mut self, condition: usize, patterns: Option<&[Pattern]>) {
        let Some(patterns) = patterns else {
            set(&mut self.any, condition);
            return;
        };
        let words = self.any.len();
        for pattern in patterns {
            let bits = match pattern {
                Pattern::Exact(text) => self
                    .exact
                    .entry(text.clone())
                    .or_insert_with(|| vec![0; words].into()),
                Pattern::Prefix(text) => {
                    let known = self.prefixes.iter_mut().find(|(known, _)| known == text);
                    if let Some((_, bits)) = known {
                        set(bits, condition);
                    } else {
                        let mut bits: Bits = vec![0; words].into();
                        set(&mut bits, condition);
                        self.prefixes.push((text.clone(), bits));
                    }
                    continue;
                }
            };
            set(bits, condition);
        }
    }

    pub fn find<'l>(&'l self, text: &'l str) -> Found<'l> {
        Found {
            lookup: self,
            text,
            exact: self.exact.get(text),
        }
    }
}

pub(crate) fn set(bits: &mut Bits, condition: usize) {
    if let Some(word) = bits.get_mut(condition / 64) {
        *word |= 1 << (condition % 64);
    }
}

pub(crate) fn word(bits: &Bits, number: usize) -> u64 {
    bits.get(number).copied().unwrap_or_default()
}

/// The conditions that one text meets.
pub(crate) struct Found<'l> {
    lookup: &'l Lookup,
    text: &'l str,
    exact: Option<&'l Bits>,
}

impl Found<'_> {
    pub fn word(&self, number: usize) -> u64 {
        let exact = self.exact.map_or(0, |bits| word(bits, number));
        let mut found = word(&self.lookup.any, number) | exact;
        for (prefix, bits) in &self.lookup.prefixes {
            if self.text.starts_with(prefix.as_ref()) {
                found |= word(bits, number);
            }
        }
        found
    }
}

/// The conditions that at least one of several texts meets, looked up when needed.
pub(crate) struct Texts<'l> {
    lookup: &'l Lookup,
    texts: [Option<&'l str>; 2],
    found: Option<[Option<Found<'l>>; 2]>,
}

impl<'l> Texts<'l> {
    pub fn new(lookup: &'l Lookup, texts: [Option<&'l str>; 2]) -> Self {
        Self {
            lookup,
            texts,
            found: None,
        }
    }

    /// Returns the conditions of `bits`, the word with this number, that a text meets.
    pub fn narrow(&mut self, bits: u64, number: usize) -> u64 {
        if bits & !word(&self.lookup.any, number) == 0 {
            return bits;
        }
        let (lookup, texts) = (self.lookup, self.texts);
        let found = self
            .found
            .get_or_insert_with(|| texts.map(|text| text.map(|text| lookup.find(text))));
        let met = found.iter().flatten();
        bits & met.fold(0, |met, text| met | text.word(number))
    }
}
