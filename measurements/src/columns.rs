//! The columns that a header names, and what separates them.

/// The fields of a header.
pub(crate) fn columns(header: &str) -> Vec<&str> {
    let separator = separator(header) as char;
    header.split(separator).map(|column| column.trim().trim_matches('"').trim()).collect()
}

/// What separates the fields of a header: of a comma, a semicolon, a bar and a tab that of which it has
/// most; or, in a header of JMeter, whatever follows its first word, as `default_delimiter` may be
/// anything.
pub(crate) fn separator(header: &str) -> u8 {
    let fields = |separator: u8| header.split(separator as char).count();
    // The last of the greatest is taken: the comma.
    let usual = b"\t|;,".iter().copied().max_by_key(|separator| fields(*separator));
    let usual = usual.unwrap_or(b',');
    if fields(usual) > 1 {
        return usual;
    }
    let after = header.bytes().find(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let other = after.filter(|byte| byte.is_ascii_punctuation() && *byte != b'"');
    other.filter(|other| fields(*other) > 2).unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_separated_by_what_a_header_has_most_of() {
        assert_eq!(separator("timeStamp|elapsed|label"), b'|');
        assert_eq!(separator("timeStamp^elapsed^label"), b'^');
        assert_eq!(separator("timeStamp"), b',');
        assert_eq!(columns("\"timeStamp\"; elapsed"), ["timeStamp", "elapsed"]);
    }
}
