//! JSON patches (RFC 6902): what they put into an object.

use serde_json::{Map, Value};

/// Indices above this are not filled up; no object of Kubernetes has such lists.
const LONGEST: usize = 1024;

/// The tree that the `add` and `replace` operations of a patch build on nothing.
/// List positions are kept as far as the patch names them.
pub(super) fn built_by(operations: &[Value]) -> Value {
    let mut tree = Value::Object(Map::new());
    for operation in operations {
        let text = |key| operation.get(key).and_then(Value::as_str);
        let (Some("add" | "replace"), Some(path)) = (text("op"), text("path")) else {
            continue;
        };
        let Some(value) = operation.get("value") else {
            continue;
        };
        let keys: Vec<String> = path
            .split('/')
            .skip(1)
            .map(|key| key.replace("~1", "/").replace("~0", "~"))
            .collect();
        put(&mut tree, &keys, value);
    }
    tree
}

fn put(tree: &mut Value, keys: &[String], value: &Value) {
    let Some((key, rest)) = keys.split_first() else {
        *tree = value.clone();
        return;
    };
    let index = if key == "-" {
        Some(tree.as_array().map_or(0, Vec::len))
    } else {
        key.parse::<usize>().ok()
    };
    match (index, &mut *tree) {
        // A number can be a key of a map too, if the map is there already.
        (Some(index), Value::Array(_) | Value::Null) => {
            if index > LONGEST {
                return;
            }
            if !tree.is_array() {
                *tree = Value::Array(Vec::new());
            }
            if let Value::Array(list) = tree {
                while list.len() <= index {
                    list.push(Value::Null);
                }
                if let Some(item) = list.get_mut(index) {
                    put(item, rest, value);
                }
            }
        }
        _ => {
            if !tree.is_object() {
                *tree = Value::Object(Map::new());
            }
            if let Value::Object(map) = tree {
                put(map.entry(key.clone()).or_insert(Value::Null), rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::built_by;

    #[test]
    fn operations_build_what_they_name() {
        let operations = json!([
            {"op": "test", "path": "/spec", "value": 1},
            {"op": "replace", "path": "/spec/template/spec/hostPID", "value": true},
            {"op": "add", "path": "/spec/template/spec/containers/1/securityContext", "value": {"privileged": true}},
            {"op": "add", "path": "/subjects/-", "value": {"kind": "User", "name": "eve"}},
            {"op": "add", "path": "/metadata/annotations/a~1b", "value": "x"},
            {"op": "remove", "path": "/spec/replicas"},
        ]);
        let built = built_by(operations.as_array().unwrap());
        assert_eq!(built.pointer("/spec/template/spec/hostPID"), Some(&json!(true)));
        assert_eq!(
            built.pointer("/spec/template/spec/containers/1/securityContext/privileged"),
            Some(&json!(true))
        );
        assert_eq!(built.pointer("/subjects/0/name"), Some(&json!("eve")));
        assert_eq!(built.pointer("/metadata/annotations/a~1b"), Some(&json!("x")));
        let huge = json!([{"op": "add", "path": "/a/99999999999", "value": 1}]);
        built_by(huge.as_array().unwrap());
    }
}
