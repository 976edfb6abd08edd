//! Keeps the lists in force equal to their files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use wardline_files::reconcile::Reconciler;
use wardline_text::chain_with_hint;

use super::active::ActiveList;
use super::event::{ListEvent, Look};
use super::handler::{ListHandler, Origin};
use super::load::LoadError;
use super::settings::IntelConfig;
use super::status::{Board, ListStatus};

/// Loads lists. Nothing else reads their files.
pub struct ListLoader {
    config: IntelConfig,
    board: Board,
    origins: BTreeMap<PathBuf, Origin>,
    reconciler: Reconciler<PathBuf, ActiveList, LoadError>,
    has_looked: bool,
}

impl ListLoader {
    /// Creates a loader that has not read any file yet.
    #[must_use]
    pub fn new(config: IntelConfig) -> Self {
        Self {
            origins: Origin::configured(&config).collect(),
            config,
            board: Board::default(),
            reconciler: Reconciler::default(),
            has_looked: false,
        }
    }

    /// Returns the status of all lists, which each check updates.
    #[must_use]
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Returns the directory to watch, and whether to watch the folders in it; `None` if there
    /// are no lists.
    #[must_use]
    pub fn watched(&self) -> Option<(&Path, bool)> {
        match &self.config.directory {
            Some(directory) => Some((directory, true)),
            None => {
                let first = self.config.lists.first()?;
                Some((first.path.parent().unwrap_or(Path::new(".")), false))
            }
        }
    }

    /// Checks all files. Lists are read here, so a call may take a second for a large list. All
    /// changes take effect together.
    pub fn look(&mut self, now: Timestamp) -> Look {
        let mut handler = ListHandler::new(&self.config, &mut self.origins, now);
        self.reconciler.check(&mut handler);
        let ListHandler {
            mut events,
            has_changed,
            ..
        } = handler;
        for active in self.reconciler.values_mut() {
            if let Some((age, limit)) = active.remind(now) {
                let name = active.list.name.clone();
                events.push(ListEvent::Stale { name, age, limit });
            }
        }
        self.board.write(self.statuses(now));
        let is_first = !std::mem::replace(&mut self.has_looked, true);
        let lists = (has_changed || is_first).then(|| {
            let active = self.reconciler.table().values();
            Arc::new(
                active
                    .filter_map(|tracked| Some(Arc::clone(&tracked.value()?.list)))
                    .collect(),
            )
        });
        Look { events, lists }
    }

    fn statuses(&self, now: Timestamp) -> Vec<ListStatus> {
        let mut lists: Vec<ListStatus> = self
            .reconciler
            .table()
            .iter()
            .map(|(path, tracked)| {
                let origin = self.origins.get(path);
                let settings = tracked.value().map(|active| &active.settings);
                let kind = settings.map(|settings| settings.kind.as_str());
                ListStatus {
                    name: origin.map_or("", Origin::name).to_owned(),
                    kind: kind
                        .or(origin.map(Origin::kind))
                        .unwrap_or_default()
                        .to_owned(),
                    path: path.display().to_string(),
                    description: settings
                        .map(|settings| settings.description.clone())
                        .unwrap_or_default(),
                    in_force: tracked.value().map(|active| active.status(now)),
                    failure: tracked.failure().map(chain_with_hint),
                }
            })
            .collect();
        lists.sort_by(|one, other| (&one.name, &one.path).cmp(&(&other.name, &other.path)));
        lists
    }
}

#[cfg(test)]
mod tests;
