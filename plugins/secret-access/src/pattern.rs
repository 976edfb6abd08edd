//! Recognition of credentials in text.

use wardline_sdk::text;

/// A credential that was found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credential {
    /// A noun phrase with its article: `a private key`.
    pub name: &'static str,
    /// Whether its form alone identifies it. A password is only recognized by its name.
    pub is_key: bool,
}

/// Prefixes of tokens, each with the minimum number of letters, digits, `-`, and `_` that follow
/// (vendors' pages on their token formats).
const TOKENS: [(&str, usize, &str); 11] = [
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("sk_live_", 20, "a Stripe key"),
    ("AIza", 35, "a Google API key"),
    ("hvs.", 20, "a Vault token"),
    ("dop_v1_", 40, "a DigitalOcean token"),
];

/// Names of passwords, in lower case.
const PASSWORDS: [&str; 8] = [
    "password",
    "passphrase",
    "passwd",
    "secret_key",
    "client_secret",
    "clientsecret",
    "api_key",
    "apikey",
];

/// Returns the credential that an entry of a ConfigMap holds.
pub fn find(key: &str, value: &str) -> Option<Credential> {
    let certain = |name| Some(Credential { name, is_key: true });
    if is_private_key(value) {
        return certain("a private key");
    }
    if let Some((_, _, name)) = TOKENS
        .iter()
        .find(|(prefix, length, _)| has_token(value, prefix, *length))
    {
        return certain(name);
    }
    if let Some(secret) = value_of("aws_secret_access_key", key, value)
        && secret.len() >= 40
        && !is_placeholder(secret)
    {
        return certain("an AWS secret key");
    }
    // The name of a key, and not the key itself, which mostly stands beside it.
    if has_token(value, "AKIA", 16) {
        return Some(Credential {
            name: "an AWS access key",
            is_key: false,
        });
    }
    if has_password(key, value) || has_user_info(value) {
        return Some(Credential {
            name: "a password",
            is_key: false,
        });
    }
    None
}

/// Whether a text holds a private key as in RFC 7468 or OpenSSH's similar format.
fn is_private_key(value: &str) -> bool {
    text::find(value, "-----BEGIN ").is_some_and(|at| {
        value
            .get(at..)
            .and_then(|rest| rest.lines().next())
            .is_some_and(|line| text::contains(line, "PRIVATE KEY-----"))
    })
}

fn has_token(value: &str, prefix: &str, length: usize) -> bool {
    let mut rest = value;
    while let Some(at) = text::find(rest, prefix) {
        let (before, from) = rest.split_at(at);
        let body = from.get(prefix.len()..).unwrap_or_default();
        let is_start = !before.ends_with(|c: char| c.is_ascii_alphanumeric());
        let found = body
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            .count();
        if is_start && found >= length {
            return true;
        }
        rest = body;
    }
    false
}

/// Returns the value under a name: that of the entry itself, or of an assignment in its text.
fn value_of<'v>(name: &str, key: &str, value: &'v str) -> Option<&'v str> {
    if key.to_ascii_lowercase() == name {
        return Some(value.trim());
    }
    assignments(value)
        .find(|(known, _)| known.to_ascii_lowercase().ends_with(name))
        .map(|(_, value)| value)
}

fn has_password(key: &str, value: &str) -> bool {
    let is_single = !value.contains('\n');
    (is_single && is_password_name(key) && !is_placeholder(value.trim()))
        || assignments(value).any(|(name, value)| is_password_name(name) && !is_placeholder(value))
}

fn is_password_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase().replace('-', "_");
    PASSWORDS.iter().any(|word| lower.ends_with(word))
}

/// Returns assignments, one per line: `name: value`, `name = value`, `"name": "value"`.
fn assignments(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        if line.starts_with(['#', ';']) || line.starts_with("//") {
            return None;
        }
        let at = line.find([':', '='])?;
        let (name, value) = line.split_at(at);
        let quoted = |c: char| matches!(c, '"' | '\'' | ' ' | ',' | '\t');
        let value = value.get(1..)?.trim_matches(quoted);
        Some((name.trim_matches(quoted), value))
    })
}

/// Whether a value is only a placeholder: empty, a reference, a path, or a word such as `none`.
fn is_placeholder(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    let lower = value.to_ascii_lowercase();
    value.len() < 4
        || value.starts_with(['$', '<', '{', '%', '/', '[', '(', '*', '!', '&', '|', '>'])
        || value.contains("${")
        || value.contains("{{")
        || value.contains(' ')
        || matches!(
            lower.as_str(),
            "true" | "false" | "null" | "none" | "required" | "optional" | "string" | "password"
        )
        || lower.contains("redacted")
        || lower.contains("xxxx")
}

/// Whether a text holds a URL with a password: `scheme://user:password@host` (RFC 3986, 3.2.1).
fn has_user_info(value: &str) -> bool {
    let mut rest = value;
    while let Some(at) = text::find(rest, "://") {
        rest = rest.get(at + 3..).unwrap_or_default();
        let end = rest
            .find(|c: char| c == '/' || c.is_whitespace() || c == '"')
            .unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@')
            && let Some((_, password)) = user.split_once(':')
            && !is_placeholder(password)
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn keys_and_tokens_are_recognized_by_form() {
        let token = format!("token: ghp_{}", "a1B2".repeat(9));
        let secret = format!("[default]\naws_secret_access_key = {}", "k".repeat(40));
        for value in [
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
            "tls:\n  key: |\n    -----BEGIN PRIVATE KEY-----",
            &token,
            &secret,
        ] {
            assert!(
                find("config", value).is_some_and(|found| found.is_key),
                "{value}"
            );
        }
        for value in [
            "-----BEGIN CERTIFICATE-----\nMIIE",
            "ghp_short",
            "aws_secret_access_key = ${SECRET}",
            "",
        ] {
            assert_eq!(find("config", value), None, "{value}");
        }
    }

    #[test]
    fn passwords_are_recognized_by_name() {
        for (key, value) in [
            ("DB_PASSWORD", "hunter22"),
            ("app.properties", "spring.datasource.password=hunter22"),
            ("config.json", "{\n \"client_secret\": \"s3cr3t-value\",\n}"),
            ("url", "postgres://app:hunter22@db:5432/app"),
            ("key.conf", "passphrase = hunter22"),
            ("credentials", "aws_access_key_id = AKIAIOSFODNN7EXAMPLE"),
        ] {
            let found = find(key, value);
            assert!(found.is_some_and(|found| !found.is_key), "{key} {value}");
        }
        for (key, value) in [
            ("DB_PASSWORD", "${DB_PASSWORD}"),
            ("DB_PASSWORD_FILE", "/run/secrets/db"),
            ("app.properties", "# password=hunter22\npassword="),
            ("values.yaml", "password: {{ .Values.password }}"),
            ("url", "https://example.com:8443/a@b"),
            ("url", "postgres://app:$(PASSWORD)@db"),
            ("policy", "password: required"),
        ] {
            assert_eq!(find(key, value), None, "{key} {value}");
        }
    }
}
