//! Records of Kinesis and Firehose.

use super::{CloudScope, Opener};
use crate::envelope::object::Object;

impl Opener<'_, '_> {
    /// Opens the input of a Lambda function or the output of `get-records`.
    pub(super) fn kinesis_records(
        &mut self,
        object: &Object<'_>,
        scope: &CloudScope,
        depth: usize,
    ) {
        self.list(object, "Records", |opener, record| {
            opener.documents(record, scope, depth + 1);
        });
    }

    pub(super) fn kinesis_record(&mut self, object: &Object<'_>, scope: &CloudScope, depth: usize) {
        let scope = in_region(object, "awsRegion", scope);
        match object.object("kinesis") {
            Some(inner) => self.packed_in(&inner, "data", &scope, depth),
            None => self.packed_in(object, "Data", &scope, depth),
        }
    }
}

/// Returns the origin of a list of Firehose records. Lists of Event Hubs do not name theirs.
pub(in crate::envelope) fn of_firehose(object: &Object<'_>, scope: &CloudScope) -> CloudScope {
    if object.has("deliveryStreamArn") {
        in_region(object, "region", scope)
    } else {
        scope.clone()
    }
}

fn in_region(object: &Object<'_>, key: &str, scope: &CloudScope) -> CloudScope {
    CloudScope {
        provider: "aws",
        region: object.text_or_empty(key).into_owned(),
        ..scope.clone()
    }
}
