//! The contents of the plugin directory, over those of the pack.

use std::path::Path;

use wardline_files::reconcile::{Item, Listing, Location, SizeLimits};
use wardline_files::{Directory, Purpose};

use super::pack::{BuiltIn, Origin, Origins};

const PLUGINS: Purpose = Purpose {
    directory: "the plugin directory",
    contents: "detectors",
};

/// Maximum size of an operator's settings file, in bytes.
const SETTINGS_BYTES: u64 = 256 * 1024;

/// Returns the limits for reading a detector with its settings file.
pub(super) fn limits(program: u64) -> SizeLimits {
    SizeLimits {
        file: program,
        settings: SETTINGS_BYTES,
    }
}

/// Lists all detectors by name, `NAME` for the file `NAME.wasm`. A file replaces the built-in
/// detector of the same name. Built-in detectors come first, so that a file under another name
/// never takes the name of one.
pub(super) fn list(origins: &Origins) -> Listing<String> {
    let mut listing = match &origins.directory {
        Some(path) if !(origins.is_optional && is_missing(path)) => {
            Listing::of_directory(PLUGINS, path, |file| {
                let name = file.strip_suffix(".wasm")?.to_owned();
                let item = with_settings(&name, None, Location::Inside(file));
                Some((name, item))
            })
        }
        _ => Listing {
            directory: None,
            items: Vec::new(),
            failure: None,
        },
    };
    // If the files are unknown, it is unknown which built-in detectors they replace.
    if listing.failure.is_none() {
        let files = std::mem::take(&mut listing.items);
        let built_in = origins.pack.detectors().iter();
        listing.items = built_in
            .filter(|detector| files.iter().all(|(name, _)| name != detector.name))
            .map(|detector| (detector.name.to_owned(), built_in_item(*detector)))
            .collect();
        listing.items.extend(files);
    }
    listing
}

/// Returns the origin of an item of the list.
pub(super) fn origin(item: &Item) -> Origin {
    match item.file {
        Location::Embedded { .. } => Origin::BuiltIn,
        Location::Inside(_) | Location::At(_) => Origin::File,
    }
}

fn built_in_item(detector: BuiltIn) -> Item {
    let program = Location::Embedded {
        name: format!("{}.wasm", detector.name),
        read: Box::new(move || detector.component()),
    };
    with_settings(detector.name, detector.settings, program)
}

fn with_settings(name: &str, default: Option<&str>, program: Location) -> Item {
    Item {
        settings: Some(format!("{name}.toml")),
        default_settings: default.map(str::to_owned),
        ..Item::new(program)
    }
}

fn is_missing(path: &Path) -> bool {
    Directory::open(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}
