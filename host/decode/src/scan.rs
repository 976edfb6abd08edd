//! A byte-wise JSON scanner that allocates nothing and does not recurse.

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Removes JSON white space from both ends.
pub(super) fn trim(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [first, tail @ ..] = rest
        && is_blank(*first)
    {
        rest = tail;
    }
    while let [head @ .., last] = rest
        && is_blank(*last)
    {
        rest = head;
    }
    rest
}

/// Returns the position of the first byte from `at` on that is not white space.
#[inline]
pub(super) fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    // Usually there is no white space.
    if bytes.get(at).is_some_and(|byte| *byte > b' ') {
        return at;
    }
    while bytes.get(at).is_some_and(|byte| is_blank(*byte)) {
        at += 1;
    }
    at
}

/// Returns the position after the string whose opening quote is at `at`, or none if the
/// string does not end.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Returns the position after a number, `true`, `false`, `null`, or any other word.
pub(super) fn word_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at)
        && !matches!(
            byte,
            b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"'
        )
    {
        at += 1;
    }
    at
}

/// Returns the position at which the nesting first exceeds `depth`.
pub(super) fn deeper_than(bytes: &[u8], depth: usize) -> Option<usize> {
    let mut open = 0_usize;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = string_end(bytes, at)?;
                continue;
            }
            b'{' | b'[' => {
                open += 1;
                if open > depth {
                    return Some(at);
                }
            }
            b'}' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_strings() {
        assert_eq!(deeper_than(b"[[[]]]", 3), None);
        assert_eq!(deeper_than(b"[[[]]]", 2), Some(2));
        assert_eq!(deeper_than(br#"["[[[[\"[[["]"#, 1), None);
        assert_eq!(deeper_than(br#"[],[],[]"#, 1), None);
        assert_eq!(deeper_than(br#"{"a":"#, 1), None);
    }

    #[test]
    fn strings_end_at_their_own_quote() {
        assert_eq!(string_end(br#""a\"b"c"#, 0), Some(6));
        assert_eq!(string_end(br#""a\\"c"#, 0), Some(5));
        assert_eq!(string_end(br#""a\""#, 0), None);
    }
}
