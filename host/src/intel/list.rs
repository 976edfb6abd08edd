//! The lists, as detectors ask them.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use super::address::Networks;
use super::load::Content;
use crate::contract::{Hit, IntelError};

/// The kind of list whose addresses are on no other.
const TRUSTED: &str = "trusted";

#[derive(Debug)]
pub(super) struct List {
    pub kind: String,
    pub content: Entries,
}

#[derive(Debug)]
pub(super) enum Entries {
    Addresses(Networks),
    /// Without a dot at the end, in lower case; the entry as it was written.
    Domains(HashMap<String, String>),
    Names(HashMap<String, ()>),
}

impl Entries {
    pub fn new(content: Content) -> Self {
        match content {
            Content::Addresses => Self::Addresses(Networks::default()),
            Content::Domains => Self::Domains(HashMap::new()),
            Content::Names => Self::Names(HashMap::new()),
        }
    }

    /// Adds an entry; false if the text is not of this kind.
    pub fn insert(&mut self, text: &str) -> bool {
        match self {
            Self::Addresses(networks) => networks.insert(text),
            Self::Domains(domains) => {
                let domain = normal(text);
                let bare = domain.strip_prefix("*.").unwrap_or(&domain);
                if bare.is_empty() || bare.contains(|c: char| c.is_whitespace() || c == '*') {
                    return false;
                }
                domains.insert(domain, text.to_owned());
                true
            }
            Self::Names(names) => {
                names.insert(text.to_owned(), ());
                true
            }
        }
    }
}

/// All lists, by name. They do not change while they are used.
#[derive(Debug, Default)]
pub struct Intel {
    pub(super) lists: BTreeMap<String, List>,
}

impl Intel {
    /// No lists.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Which entry of a list holds an address. An address on a trusted list is on no
    /// other.
    ///
    /// # Errors
    /// Where there is no such list, or it holds something else, or the text is no address.
    pub fn address(&self, list: &str, text: &str) -> Result<Option<Hit>, IntelError> {
        let found = self.list(list)?;
        let Entries::Addresses(networks) = &found.content else {
            return Err(not_a_list_of(list, "addresses"));
        };
        let address: IpAddr = text
            .parse()
            .map_err(|_| IntelError::Invalid(format!("`{text}` is not an IP address")))?;
        if found.kind != TRUSTED && self.is_trusted(address) {
            return Ok(None);
        }
        Ok(networks.find(address).map(|network| Hit {
            list_name: list.to_owned(),
            entry: network.to_string(),
        }))
    }

    /// Which entry of a list holds a domain: the domain itself, or `*.` and a domain
    /// that it lies below.
    ///
    /// # Errors
    /// Where there is no such list, or it holds something else.
    pub fn domain(&self, list: &str, name: &str) -> Result<Option<Hit>, IntelError> {
        let Entries::Domains(domains) = &self.list(list)?.content else {
            return Err(not_a_list_of(list, "domains"));
        };
        let name = normal(name);
        let mut found = domains.get(&name);
        let mut rest = name.as_str();
        while let (None, Some((_, above))) = (found, rest.split_once('.')) {
            found = domains.get(&format!("*.{above}"));
            rest = above;
        }
        Ok(found.map(|entry| Hit {
            list_name: list.to_owned(),
            entry: entry.clone(),
        }))
    }

    /// Which entry of a list is exactly this text.
    ///
    /// # Errors
    /// Where there is no such list, or it holds something else.
    pub fn name(&self, list: &str, value: &str) -> Result<Option<Hit>, IntelError> {
        let Entries::Names(names) = &self.list(list)?.content else {
            return Err(not_a_list_of(list, "names"));
        };
        Ok(names.contains_key(value).then(|| Hit {
            list_name: list.to_owned(),
            entry: value.to_owned(),
        }))
    }

    /// The names of the lists of a kind, in order.
    #[must_use]
    pub fn lists(&self, kind: &str) -> Vec<String> {
        self.lists
            .iter()
            .filter(|(_, list)| list.kind == kind)
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn list(&self, name: &str) -> Result<&List, IntelError> {
        self.lists.get(name).ok_or(IntelError::NoSuchList)
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.lists.values().any(|list| {
            list.kind == TRUSTED
                && matches!(&list.content, Entries::Addresses(networks) if networks.find(address).is_some())
        })
    }
}

fn not_a_list_of(list: &str, content: &str) -> IntelError {
    IntelError::Invalid(format!("the list `{list}` does not hold {content}"))
}

fn normal(domain: &str) -> String {
    domain.trim_end_matches('.').to_ascii_lowercase()
}
