//! Refuses detectors that would receive findings that follow from their own.

use std::sync::Arc;

use wardline_detect::{Detector, feeds};

/// A circle of detectors, each of which subscribes to findings of the one before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("closes a circle of detectors that receive each other's findings: {}", path(.names))]
pub(super) struct Circle {
    /// The names, beginning with the detector that closes the circle.
    pub names: Vec<String>,
}

impl Circle {
    pub const HINT: &str = "narrow `finding-types` in the signal subscriptions of one of these detectors, so that none receives findings that follow from its own";
}

fn path(names: &[String]) -> String {
    let names: Vec<&str> = names
        .iter()
        .chain(names.first())
        .map(String::as_str)
        .collect();
    names.join(" -> ")
}

/// Checks that a detector closes no circle with others.
pub(super) fn check(new: &Arc<Detector>, others: Vec<Arc<Detector>>) -> Result<(), Circle> {
    let mut detectors = others;
    let number = detectors.len();
    detectors.push(Arc::clone(new));
    match feeds(&detectors).circle(number) {
        None => Ok(()),
        Some(circle) => Err(Circle {
            names: circle
                .into_iter()
                .filter_map(|number| detectors.get(number))
                .map(|detector| detector.name().to_owned())
                .collect(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::Circle;

    #[test]
    fn error_names_the_whole_circle() {
        let circle = Circle {
            names: vec!["a".into(), "b".into(), "c".into()],
        };
        assert!(circle.to_string().ends_with(": a -> b -> c -> a"));
    }
}
