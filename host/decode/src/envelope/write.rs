//! Writes an event in the form of kube-apiserver.

/// A JSON object under construction.
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub fn object() -> Self {
        Self(vec![b'{'])
    }

    /// An object with the fields that all events share.
    pub fn event() -> Self {
        let mut event = Self::object();
        event.text("kind", "Event");
        event.text("apiVersion", "audit.k8s.io/v1");
        event
    }

    /// Adds a member whose value is already JSON.
    pub fn raw(&mut self, key: &str, value: &[u8]) {
        self.raw_key(quoted(key).as_bytes(), value);
    }

    /// Adds a member whose key is already quoted and escaped.
    pub fn raw_key(&mut self, key: &[u8], value: &[u8]) {
        if self.0.len() > 1 {
            self.0.push(b',');
        }
        self.0.extend_from_slice(key);
        self.0.push(b':');
        self.0.extend_from_slice(value);
    }

    /// Adds a string, unless it is empty.
    pub fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.raw(key, quoted(value).as_bytes());
        }
    }

    /// Adds a list of strings, unless it is empty.
    pub fn texts<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a str>) {
        let values: Vec<String> = values.into_iter().map(quoted).collect();
        if !values.is_empty() {
            self.raw(key, format!("[{}]", values.join(",")).as_bytes());
        }
    }

    /// Adds an object, unless it is empty.
    pub fn inner(&mut self, key: &str, value: Self) {
        if value.0.len() > 1 {
            self.raw(key, &value.finish());
        }
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
