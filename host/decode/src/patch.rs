//! Conversion of JSON patches (RFC 6902) into partial objects.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The API server's limit for one patch (`k8s.io/apiserver`, `maxJSONPatchOperations`).
const MAX_OPERATIONS: usize = 10_000;
/// The deepest pointer. No Kubernetes object is nearly as deep, and the tree is read
/// recursively.
const MAX_DEPTH: usize = 64;

/// Builds the object that contains only the values of the `add` and `replace` operations.
/// An index means the same element throughout the patch. It does not become the element's
/// position, since other elements are unknown: elements keep the order of the operations.
pub(super) fn tree(operations: &[Value]) -> Value {
    let mut root = Tree::Absent;
    for operation in operations.iter().take(MAX_OPERATIONS) {
        let text = |key| operation.get(key).and_then(Value::as_str);
        let adds = match text("op") {
            Some("add") => true,
            Some("replace") => false,
            _ => continue,
        };
        let (Some(pointer), Some(value)) = (text("path"), operation.get("value")) else {
            continue;
        };
        root.put(pointer, adds, value);
    }
    root.into_value()
}

enum Tree {
    Absent,
    Leaf(Value),
    Object(BTreeMap<String, Tree>),
    /// The elements in the order of the operations, and the positions of those whose index
    /// is known.
    List(BTreeMap<usize, Tree>, BTreeMap<usize, usize>),
}

impl Tree {
    fn put(&mut self, pointer: &str, adds: bool, value: &Value) {
        let Some(path) = pointer.strip_prefix('/') else {
            // RFC 6901: the empty pointer is the whole document.
            if pointer.is_empty() {
                *self = Self::Leaf(value.clone());
            }
            return;
        };
        if path.split('/').count() > MAX_DEPTH {
            return;
        }
        let mut node = self;
        let mut tokens = path.split('/').peekable();
        while let Some(token) = tokens.next() {
            let is_last = tokens.peek().is_none();
            node = node.child(token, is_last && adds);
        }
        *node = Self::Leaf(value.clone());
    }

    /// Returns the child that `token` names, and creates it if it is missing.
    fn child(&mut self, token: &str, adds: bool) -> &mut Self {
        let index: Option<usize> = token.parse().ok();
        let is_index = index.is_some() || token == "-";
        self.open(is_index);
        match self {
            Self::List(elements, places) => {
                let known = index.and_then(|index| places.get(&index).copied());
                let place = known.filter(|_| !adds).unwrap_or(elements.len());
                if let Some(index) = index {
                    places.insert(index, place);
                }
                elements.entry(place).or_insert(Self::Absent)
            }
            Self::Object(members) => {
                let key = token.replace("~1", "/").replace("~0", "~");
                members.entry(key).or_insert(Self::Absent)
            }
            // `open` produces only lists and objects.
            other => other,
        }
    }

    /// Turns this into a node that can have children.
    fn open(&mut self, is_index: bool) {
        let tree = match std::mem::replace(self, Self::Absent) {
            Self::Leaf(Value::Object(members)) => Self::Object(
                members
                    .into_iter()
                    .map(|(key, value)| (key, Self::Leaf(value)))
                    .collect(),
            ),
            Self::Leaf(Value::Array(elements)) if is_index => {
                let places = (0..elements.len()).map(|place| (place, place)).collect();
                Self::List(
                    elements.into_iter().map(Self::Leaf).enumerate().collect(),
                    places,
                )
            }
            list @ Self::List(..) if is_index => list,
            object @ Self::Object(_) => object,
            _ if is_index => Self::List(BTreeMap::new(), BTreeMap::new()),
            _ => Self::Object(BTreeMap::new()),
        };
        *self = tree;
    }

    fn into_value(self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Leaf(value) => value,
            Self::Object(members) => {
                let members: Map<String, Value> = members
                    .into_iter()
                    .map(|(key, tree)| (key, tree.into_value()))
                    .collect();
                Value::Object(members)
            }
            Self::List(elements, _) => elements.into_values().map(Self::into_value).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tree;
    use serde_json::{Value, json};

    fn of(operations: Value) -> Value {
        tree(operations.as_array().unwrap())
    }

    #[test]
    fn missing_parents_are_created() {
        let patch = json!([
            {"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": "https://x"},
            {"op": "add", "path": "/metadata/labels/a~1b~0c", "value": "d"},
            {"op": "remove", "path": "/spec"},
            {"op": "test", "path": "/kind", "value": "Pod"},
        ]);
        assert_eq!(
            of(patch),
            json!({"webhooks": [{"clientConfig": {"url": "https://x"}}], "metadata": {"labels": {"a/b~c": "d"}}}),
        );
    }

    #[test]
    fn index_names_one_element_and_dash_a_new_one() {
        let patch = json!([
            {"op": "replace", "path": "/c/3/image", "value": "a"},
            {"op": "replace", "path": "/c/3/name", "value": "b"},
            {"op": "add", "path": "/c/-", "value": {"image": "d"}},
            {"op": "add", "path": "/c/-", "value": {"image": "e"}},
            {"op": "add", "path": "/c/18446744073709551615", "value": {"image": "f"}},
        ]);
        assert_eq!(
            of(patch),
            json!({"c": [{"image": "a", "name": "b"}, {"image": "d"}, {"image": "e"}, {"image": "f"}]}),
        );
    }

    #[test]
    fn later_operations_change_values_of_earlier_ones() {
        let patch = json!([
            {"op": "add", "path": "/spec", "value": {"c": [{"n": 1}, {"n": 2}], "hostPID": false}},
            {"op": "replace", "path": "/spec/c/1/n", "value": 3},
            {"op": "replace", "path": "/spec/hostPID", "value": true},
        ]);
        assert_eq!(
            of(patch),
            json!({"spec": {"c": [{"n": 1}, {"n": 3}], "hostPID": true}})
        );
    }

    #[test]
    fn odd_patches_are_harmless() {
        let deep = "/a".repeat(100_000);
        let patch = json!([
            {"op": "add", "path": deep, "value": 1},
            {"op": "add", "path": "no-slash", "value": 1},
            {"op": "add", "path": 5, "value": 1},
            {"op": "add", "path": "/x"},
            7,
        ]);
        assert_eq!(of(patch), Value::Null);
        assert_eq!(
            of(json!([{"op": "add", "path": "", "value": {"kind": "Pod"}}])),
            json!({"kind": "Pod"})
        );
    }
}
