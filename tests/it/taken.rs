//! Which of two files with a detector of one name is in force.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use wardline::app::{Composition, compose};
use wardline::config::Config;
use wardline::plugin::FileState;
use wardline_store::Store;

use crate::support::detector;

fn state(composition: &mut Composition) -> BTreeMap<String, FileState> {
    composition.loader.look(&mut |_| {});
    let board = composition.loader.board().read();
    let states = board.iter().map(|file| (file.file.clone(), file.state));
    states.collect()
}

#[test]
fn file_that_was_there_first_keeps_the_name_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let plugins = folder.path().join("plugins");
    std::fs::create_dir(&plugins).unwrap();
    let component = detector("tests/detectors/witness");
    let put = |name: &str| std::fs::copy(&component, plugins.join(name)).unwrap();
    let mut config = Config::defaults().unwrap();
    config.threads = 1;
    let start = |plugins: &Path, store| {
        compose(&config, plugins, store, Some(&folder.path().join("cache"))).unwrap()
    };
    let expected = BTreeMap::from([
        ("a-later".to_owned(), FileState::Refused),
        ("b-first".to_owned(), FileState::Active),
    ]);

    let store = Arc::new(Store::open(&folder.path().join("store")).unwrap());
    let mut host = start(&plugins, Some(Arc::clone(&store)));
    put("b-first.wasm");
    state(&mut host);
    put("a-later.wasm");
    assert_eq!(state(&mut host), expected);
    drop(host);

    let mut restarted = start(&plugins, Some(Arc::clone(&store)));
    assert_eq!(state(&mut restarted), expected);

    // The other file gets the name once it is free.
    std::fs::remove_file(plugins.join("b-first.wasm")).unwrap();
    let expected = BTreeMap::from([("a-later".to_owned(), FileState::Active)]);
    state(&mut restarted);
    assert_eq!(state(&mut restarted), expected);
}
