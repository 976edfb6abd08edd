//! An index of conditions by one text that most of them restrict.

use crate::Pattern;
use crate::lookup::Lookup;

/// Conditions of several detectors, which are identified by their numbers.
#[derive(Debug)]
pub(crate) struct Index<C> {
    /// Each condition with its detector, in the order of the detectors.
    conditions: Vec<(usize, C)>,
    lookup: Lookup,
    words: usize,
}

impl<C> Index<C> {
    /// Builds the index of conditions, each with the number of its detector, in increasing order.
    /// `key` returns what a condition demands of the text.
    pub fn new(conditions: Vec<(usize, C)>, key: impl Fn(&C) -> &[Pattern]) -> Self {
        let words = conditions.len().div_ceil(64);
        let mut lookup = Lookup::new(words);
        for (number, (_, condition)) in conditions.iter().enumerate() {
            let patterns = key(condition);
            lookup.add(number, (!patterns.is_empty()).then_some(patterns));
        }
        Self {
            conditions,
            lookup,
            words,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.conditions.is_empty()
    }

    /// Passes the number of each detector with a condition that the text and `matches` meet, in
    /// increasing order.
    pub fn each(&self, text: &str, matches: impl Fn(&C) -> bool, mut detector: impl FnMut(usize)) {
        if self.is_empty() {
            return;
        }
        let found = self.lookup.find(text);
        let mut last = None;
        for word in 0..self.words {
            let mut bits = found.word(word);
            while bits != 0 {
                let index = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                if let Some((number, condition)) = self.conditions.get(index)
                    && last != Some(*number)
                    && matches(condition)
                {
                    last = Some(*number);
                    detector(*number);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Index;
    use crate::Pattern;

    proptest! {
        #[test]
        fn index_agrees_with_each_condition(
            detectors in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec!["a", "a*", "ab", "*", ""]), 0..3),
                0..80,
            ),
            text in prop::sample::select(vec!["a", "ab", "abc", "b", ""]),
        ) {
            let conditions: Vec<(usize, Vec<Pattern>)> = detectors
                .iter()
                .map(|texts| texts.iter().map(|text| Pattern::new(text)).collect())
                .enumerate()
                .collect();
            let expected: Vec<usize> = conditions
                .iter()
                .filter(|(_, patterns)| Pattern::any(patterns, text))
                .map(|(number, _)| *number)
                .collect();
            let index = Index::new(conditions, |patterns| patterns);
            let mut found = Vec::new();
            index.each(text, |_| true, |number| found.push(number));
            prop_assert_eq!(found, expected);
        }
    }
}
