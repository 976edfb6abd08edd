//! Records of Kinesis and Firehose.

use super::{Opener, Place};
use crate::envelope::object::Object;

impl Opener<'_, '_> {
    /// Opens the input of a Lambda function or the output of `get-records`.
    pub(super) fn kinesis_records(&mut self, object: &Object<'_>, place: &Place, depth: usize) {
        self.list(object, "Records", |opener, record| {
            opener.documents(record, place, depth + 1);
        });
    }

    pub(super) fn kinesis_record(&mut self, object: &Object<'_>, place: &Place, depth: usize) {
        let place = in_region(object, "awsRegion", place);
        match object.object("kinesis") {
            Some(inner) => self.packed_in(&inner, "data", &place, depth),
            None => self.packed_in(object, "Data", &place, depth),
        }
    }
}

/// Returns the origin of a list of Firehose records. Lists of Event Hubs do not name theirs.
pub(in crate::envelope) fn of_firehose(object: &Object<'_>, place: &Place) -> Place {
    if object.has("deliveryStreamArn") {
        in_region(object, "region", place)
    } else {
        place.clone()
    }
}

fn in_region(object: &Object<'_>, key: &str, place: &Place) -> Place {
    Place {
        provider: "aws",
        region: object.text_or_empty(key).into_owned(),
        ..place.clone()
    }
}
