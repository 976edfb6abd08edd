//! The signal family: conditions on findings of other detectors.

use wardline_contract::SignalSubscription;
use wardline_event::model::Signal;

use crate::{Pattern, SubscriptionError};

/// One subscription to signals.
#[derive(Debug)]
pub(crate) struct SignalCondition {
    /// The subscriber, which never receives its own findings.
    detector: Box<str>,
    finding_types: Vec<Pattern>,
    minimum_severity: f64,
}

impl SignalCondition {
    /// Parses the subscription at `index` of a detector.
    pub fn new(
        detector: &str,
        index: usize,
        subscription: &SignalSubscription,
    ) -> Result<Self, SubscriptionError> {
        if let Some(attribute) = subscription.attributes.first() {
            return Err(SubscriptionError::Attribute {
                family: "signal",
                index,
                key: attribute.key.clone(),
            });
        }
        if !subscription.minimum_severity.is_finite() {
            return Err(SubscriptionError::MinimumSeverity { index });
        }
        Ok(Self {
            detector: detector.into(),
            finding_types: Pattern::all(&subscription.finding_types),
            minimum_severity: subscription.minimum_severity,
        })
    }

    /// Returns whether a signal matches.
    pub fn matches(&self, signal: &Signal) -> bool {
        *self.detector != *signal.detector
            && signal.severity >= self.minimum_severity
            && self.includes(&signal.finding_type)
    }

    /// Returns whether findings of a type can match.
    pub fn includes(&self, finding_type: &str) -> bool {
        Pattern::any(&self.finding_types, finding_type)
    }

    /// Returns the subscribed finding types; if empty, all.
    pub fn finding_types(&self) -> &[Pattern] {
        &self.finding_types
    }
}

#[cfg(test)]
mod tests {
    use wardline_contract::SignalSubscription;
    use wardline_event::model::{Attribute, Signal};

    use super::SignalCondition;
    use crate::SubscriptionError;

    fn subscription(types: &[&str], minimum_severity: f64) -> SignalSubscription {
        SignalSubscription {
            finding_types: types.iter().map(ToString::to_string).collect(),
            minimum_severity,
            attributes: vec![],
        }
    }

    fn signal(finding_type: &str, severity: f64) -> Signal {
        Signal {
            finding_type: finding_type.into(),
            severity,
            detector: "other".into(),
            ..Signal::default()
        }
    }

    #[test]
    fn signals_match_by_type_and_severity() {
        let condition = |types: &[&str], severity| {
            SignalCondition::new("own", 0, &subscription(types, severity)).unwrap()
        };
        let some = condition(&["Discovery:*", "Impact:Kubernetes/Deleted"], 5.0);
        assert!(some.matches(&signal("Discovery:Kubernetes/Scan", 5.0)));
        assert!(some.matches(&signal("Impact:Kubernetes/Deleted", 9.0)));
        assert!(!some.matches(&signal("Impact:Kubernetes/DeletedMany", 9.0)));
        assert!(!some.matches(&signal("Discovery:Kubernetes/Scan", 4.9)));
        assert!(condition(&[], 0.0).matches(&signal("Any:Thing/Else", 1.0)));
    }

    #[test]
    fn detector_never_receives_its_own_findings() {
        let all = SignalCondition::new("other", 0, &subscription(&[], 0.0)).unwrap();
        assert!(!all.matches(&signal("Any:Thing/Else", 1.0)));
    }

    #[test]
    fn refuses_conditions_that_it_does_not_know() {
        let mut later = subscription(&[], 0.0);
        later.attributes.push(Attribute {
            key: "clusters".into(),
            value: "east".into(),
        });
        assert_eq!(
            SignalCondition::new("own", 2, &later).unwrap_err(),
            SubscriptionError::Attribute {
                family: "signal",
                index: 2,
                key: "clusters".into()
            }
        );
        assert_eq!(
            SignalCondition::new("own", 1, &subscription(&[], f64::NAN)).unwrap_err(),
            SubscriptionError::MinimumSeverity { index: 1 }
        );
    }
}
