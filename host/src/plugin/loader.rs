//! Keeps the detectors in force equal to the plugin directory and the pack.

use std::collections::BTreeMap;

use wardline_detect::Generation;
use wardline_files::reconcile::Reconciler;

use super::activity::Activity;
use super::event::LoaderEvent;
use super::handler::{ActiveVersion, PluginHandler, Refusal, activity_by_file, names_in_force};
use super::load::Environment;
use super::names::Names;
use super::pack::{Origin, Origins};
use super::status::Board;

/// Loads detectors. Nothing else reads the plugin directory while the host runs.
pub struct Loader {
    origins: Origins,
    environment: Environment,
    board: Board,
    reconciler: Reconciler<String, ActiveVersion, Refusal>,
    /// The origin of each detector that the last check found.
    found: BTreeMap<String, Origin>,
    names: Names,
    /// The activity of each detector in force that was last reported.
    reported: BTreeMap<String, Activity>,
    generation: u64,
}

impl Loader {
    /// Creates a loader that has not read any file yet.
    #[must_use]
    pub fn new(origins: Origins, environment: Environment) -> Self {
        Self {
            origins,
            names: Names::load(environment.store.clone()),
            environment,
            board: Board::default(),
            reconciler: Reconciler::default(),
            found: BTreeMap::new(),
            reported: BTreeMap::new(),
            generation: 0,
        }
    }

    /// Returns the status of all files, which each check updates.
    #[must_use]
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Checks the files, and publishes a new generation after each file that changes the
    /// detectors in force. Detectors are compiled here, so a call may take seconds.
    pub fn look(&mut self, publish: &mut dyn FnMut(Generation)) -> Vec<LoaderEvent> {
        let mut handler = PluginHandler {
            origins: &mut self.origins,
            environment: &self.environment,
            board: &self.board,
            found: &mut self.found,
            names: &self.names,
            generation: &mut self.generation,
            publish,
            events: Vec::new(),
        };
        self.reconciler.check(&mut handler);
        // A quarantine shows in the status without a change of files.
        handler.write_board(self.reconciler.table(), None);
        let mut events = handler.events;
        if !events.is_empty() {
            self.environment.engine.record_cache();
        }
        let table = self.reconciler.table();
        self.names
            .keep(names_in_force(table), |file| table.contains_key(file));
        self.report_activities(&mut events);
        events
    }

    /// Reports which detectors events can reach, if that changed.
    fn report_activities(&mut self, events: &mut Vec<LoaderEvent>) {
        let activities = activity_by_file(self.reconciler.table());
        for (file, activity) in &activities {
            let before = self.reported.get(file);
            if before.unwrap_or(&Activity::default()) == activity {
                continue;
            }
            let file = file.clone();
            events.push(match activity.note.clone() {
                Some(reason) => LoaderEvent::Unreached {
                    file,
                    is_idle: activity.is_idle,
                    reason,
                },
                None => LoaderEvent::Reached { file },
            });
        }
        self.reported = activities;
    }
}
