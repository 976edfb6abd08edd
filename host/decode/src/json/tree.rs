//! A JSON text as a flat list of nodes, each with its position in the text.

use std::borrow::Cow;

use serde_json::Value;

use super::text::{are_escapes_valid, unescaped};
use super::{Json, number};
use crate::index::{Index, Places};
use crate::scan::{skip_blank, word_end};

/// The field of `metadata` that records field ownership: about a fifth of a typical event. No
/// fact is read from it.
const MANAGED_FIELDS: &str = "managedFields";
const METADATA: &str = "metadata";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    List,
    /// Without escapes.
    Plain,
    Escaped,
    Number,
    True,
    False,
    Null,
}

/// One value. In an object, keys and values alternate. The range of a text excludes its
/// quotes.
#[derive(Debug, Clone, Copy)]
struct Entry {
    kind: Kind,
    start: u32,
    end: u32,
    /// The number of the entry after this one and everything inside it.
    next: u32,
}

/// The nodes of one text. Its buffers are reused.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    entries: Vec<Entry>,
    /// The open containers.
    open: Vec<u32>,
}

impl Tree {
    /// Reads the text that `index` covers. Returns none if it is not JSON, is deeper than
    /// `depth`, or contains a value that `serde_json` refuses (a number outside the range of a
    /// double, half of a surrogate pair). The slow reader then reports the reason.
    ///
    /// All strings of the text must end and contain no control characters.
    pub fn read<'t>(&'t mut self, text: &'t str, index: &Index, depth: usize) -> Option<Node<'t>> {
        // So that a position fits into an entry.
        u32::try_from(text.len()).ok()?;
        self.entries.clear();
        self.open.clear();
        Reader {
            text,
            index,
            places: index.places(),
            backslash: index.next_backslash(0),
            depth,
            at: 0,
        }
        .read(self)?;
        Some(Node(Some((self, text, 0))))
    }

    #[inline]
    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let next = self.entries.len() as u32 + 1;
        self.entries.push(Entry {
            kind,
            start: start as u32,
            end: end as u32,
            next,
        });
    }

    #[inline]
    fn begin(&mut self, kind: Kind, start: usize) {
        self.open.push(self.entries.len() as u32);
        self.push(kind, start, start);
    }

    #[inline]
    fn close(&mut self, kind: Kind, end: usize) -> Option<()> {
        let next = self.entries.len() as u32;
        let opened = self.open.pop()?;
        let entry = self.entries.get_mut(opened as usize)?;
        entry.next = next;
        entry.end = end as u32;
        (entry.kind == kind).then_some(())
    }

    #[inline]
    fn in_object(&self) -> bool {
        self.open
            .last()
            .and_then(|number| self.entries.get(*number as usize))
            .is_some_and(|entry| entry.kind == Kind::Object)
    }
}

struct Reader<'t> {
    text: &'t str,
    index: &'t Index,
    /// The remaining quotes and brackets.
    places: Places<'t>,
    /// The position of the next backslash.
    backslash: usize,
    depth: usize,
    at: usize,
}

impl Reader<'_> {
    fn read(&mut self, tree: &mut Tree) -> Option<()> {
        self.value(tree)?;
        self.go_on(tree, 0)?;
        self.blanks();
        (self.at == self.text.len()).then_some(())
    }

    /// Reads on after a value until no more than `outer` containers are open.
    fn go_on(&mut self, tree: &mut Tree, outer: usize) -> Option<()> {
        while tree.open.len() > outer {
            self.blanks();
            let kind = match self.byte()? {
                b',' => {
                    self.at += 1;
                    self.blanks();
                    if tree.in_object() {
                        self.member(tree)?;
                    } else {
                        self.value(tree)?;
                    }
                    continue;
                }
                b'}' => Kind::Object,
                b']' => Kind::List,
                _ => return None,
            };
            self.pass_place()?;
            tree.close(kind, self.at)?;
        }
        Some(())
    }

    /// Reads a key, its colon, and its value or the start of it.
    fn member(&mut self, tree: &mut Tree) -> Option<()> {
        let (start, end) = self.string(tree)?;
        self.blanks();
        if self.byte()? != b':' {
            return None;
        }
        self.at += 1;
        self.blanks();
        if self.text.get(start..end) == Some(MANAGED_FIELDS)
            && self.byte() == Some(b'[')
            && self.in_metadata(tree)
        {
            return self.passed_over(tree);
        }
        self.value(tree)
    }

    /// Whether the key of the innermost container is `metadata`; the key precedes it.
    fn in_metadata(&self, tree: &Tree) -> bool {
        let key = tree
            .open
            .last()
            .and_then(|number| number.checked_sub(1))
            .and_then(|number| tree.entries.get(number as usize));
        key.is_some_and(|key| self.text.get(key.start as usize..key.end as usize) == Some(METADATA))
    }

    /// Checks a list like any other, but records it as empty.
    fn passed_over(&mut self, tree: &mut Tree) -> Option<()> {
        let (before, start, outer) = (tree.entries.len(), self.at, tree.open.len());
        self.value(tree)?;
        self.go_on(tree, outer)?;
        tree.entries.truncate(before);
        tree.push(Kind::List, start, self.at);
        Some(())
    }

    /// Reads a value, or the start of a container up to its first value.
    fn value(&mut self, tree: &mut Tree) -> Option<()> {
        loop {
            let start = self.at;
            match self.byte()? {
                b'"' => return self.string(tree).map(|_| ()),
                open @ (b'{' | b'[') => {
                    if tree.open.len() >= self.depth {
                        return None;
                    }
                    let (kind, close) = if open == b'{' {
                        (Kind::Object, b'}')
                    } else {
                        (Kind::List, b']')
                    };
                    tree.begin(kind, start);
                    self.pass_place()?;
                    self.blanks();
                    if self.byte()? == close {
                        self.pass_place()?;
                        return tree.close(kind, self.at);
                    }
                    if kind == Kind::Object {
                        return self.member(tree);
                    }
                }
                _ => return self.word(tree),
            }
        }
    }

    /// Reads a string and returns its range without the quotes.
    #[inline]
    fn string(&mut self, tree: &mut Tree) -> Option<(usize, usize)> {
        if self.byte()? != b'"' {
            return None;
        }
        self.pass_place()?;
        let (start, end) = (self.at, self.places.next()?);
        let mut kind = Kind::Plain;
        if self.backslash < end {
            if !are_escapes_valid(self.text.as_bytes().get(start..end)?) {
                return None;
            }
            self.backslash = self.index.next_backslash(end);
            kind = Kind::Escaped;
        }
        self.at = end + 1;
        tree.push(kind, start, end);
        Some((start, end))
    }

    /// Skips the quote or bracket at the current position.
    #[inline]
    fn pass_place(&mut self) -> Option<()> {
        if self.places.next()? != self.at {
            return None;
        }
        self.at += 1;
        Some(())
    }

    /// Reads a number, `true`, `false`, or `null`.
    fn word(&mut self, tree: &mut Tree) -> Option<()> {
        let start = self.at;
        self.at = word_end(self.text.as_bytes(), start);
        let word = self.text.get(start..self.at)?;
        let kind = match word {
            "true" => Kind::True,
            "false" => Kind::False,
            "null" => Kind::Null,
            number if number::is_number(number) => Kind::Number,
            _ => return None,
        };
        tree.push(kind, start, self.at);
        Some(())
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        self.at = skip_blank(self.text.as_bytes(), self.at);
    }
}

/// One value of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'t>(Option<(&'t Tree, &'t str, u32)>);

impl<'t> Node<'t> {
    fn entry(self) -> Option<(&'t Entry, &'t Tree, &'t str)> {
        let (tree, text, number) = self.0?;
        Some((tree.entries.get(number as usize)?, tree, text))
    }

    fn of_kind(self, kind: Kind) -> Option<&'t str> {
        let (entry, _, text) = self.entry()?;
        if entry.kind != kind {
            return None;
        }
        text.get(entry.start as usize..entry.end as usize)
    }

    fn is(self, kind: Kind) -> bool {
        self.entry().is_some_and(|(entry, ..)| entry.kind == kind)
    }

    /// Whether there is a value other than `null`.
    pub fn is_said(self) -> bool {
        self.0.is_some() && !self.is_null()
    }

    /// The JSON text, unchanged.
    pub fn raw(self) -> Option<&'t str> {
        let (entry, _, text) = self.entry()?;
        let (start, end) = (entry.start as usize, entry.end as usize);
        match entry.kind {
            Kind::Plain | Kind::Escaped => text.get(start.checked_sub(1)?..end + 1),
            _ => text.get(start..end),
        }
    }

    /// The direct children: the items of a list, or the keys and values of an object in turn.
    fn inside(self, kind: Kind) -> Inside<'t> {
        match self.0.zip(self.entry()) {
            Some(((tree, text, number), (entry, ..))) if entry.kind == kind => Inside {
                tree: Some((tree, text)),
                at: number + 1,
                end: entry.next,
            },
            _ => Inside {
                tree: None,
                at: 0,
                end: 0,
            },
        }
    }

    /// The members in the order of the text, including duplicate keys.
    pub fn pairs(self) -> impl Iterator<Item = (Self, Self)> {
        let mut inside = self.inside(Kind::Object);
        std::iter::from_fn(move || Some((inside.next()?, inside.next()?)))
    }
}

struct Inside<'t> {
    tree: Option<(&'t Tree, &'t str)>,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Inside<'t> {
    type Item = Node<'t>;

    #[inline]
    fn next(&mut self) -> Option<Node<'t>> {
        let (tree, text) = self.tree?;
        if self.at >= self.end {
            return None;
        }
        let node = Node(Some((tree, text, self.at)));
        self.at = tree.entries.get(self.at as usize)?.next;
        Some(node)
    }
}

impl<'t> Json<'t> for Node<'t> {
    fn absent() -> Self {
        Self(None)
    }

    fn get(self, key: &str) -> Self {
        let Some((object, tree, text)) = self.entry() else {
            return Self(None);
        };
        let Some((.., number)) = self.0.filter(|_| object.kind == Kind::Object) else {
            return Self(None);
        };
        let mut found = None;
        let mut at = number + 1;
        while at < object.next
            && let Some(name) = tree.entries.get(at as usize)
            && let Some(value) = tree.entries.get(at as usize + 1)
        {
            let is_found = match name.kind {
                Kind::Plain => {
                    let place = name.start as usize..name.end as usize;
                    place.len() == key.len() && text.as_bytes().get(place) == Some(key.as_bytes())
                }
                _ => Node(Some((tree, text, at)))
                    .text()
                    .is_some_and(|name| name == key),
            };
            if is_found {
                found = Some((tree, text, at + 1));
            }
            at = value.next;
        }
        Self(found)
    }

    fn text(self) -> Option<Cow<'t, str>> {
        if let Some(text) = self.of_kind(Kind::Plain) {
            return Some(Cow::Borrowed(text));
        }
        self.of_kind(Kind::Escaped).map(unescaped)
    }

    fn boolean(self) -> Option<bool> {
        match self.entry()?.0.kind {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    fn integer(self) -> Option<i64> {
        self.of_kind(Kind::Number).and_then(number::integer)
    }

    fn number(self) -> Option<String> {
        self.of_kind(Kind::Number).and_then(number::written)
    }

    fn is_null(self) -> bool {
        self.0.is_none() || self.is(Kind::Null)
    }

    fn is_object(self) -> bool {
        self.is(Kind::Object)
    }

    fn is_list(self) -> bool {
        self.is(Kind::List)
    }

    fn items(self) -> impl Iterator<Item = Self> {
        self.inside(Kind::List)
    }

    fn members(self) -> impl Iterator<Item = (Cow<'t, str>, Self)> {
        let mut members: Vec<(Cow<'t, str>, Self)> = self
            .pairs()
            .filter_map(|(key, value)| Some((key.text()?, value)))
            .collect();
        // The sort is stable, so the last of equal keys stays last.
        members.sort_by(|one, other| one.0.cmp(&other.0));
        let mut members = members.into_iter().peekable();
        std::iter::from_fn(move || {
            let mut member = members.next()?;
            while let Some(same) = members.next_if(|next| next.0 == member.0) {
                member = same;
            }
            Some(member)
        })
    }

    fn json(self) -> String {
        let value: Option<Value> = self.raw().and_then(|text| serde_json::from_str(text).ok());
        value.unwrap_or_default().to_string()
    }
}
