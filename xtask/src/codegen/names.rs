//! Converts names of the API to Rust names.

/// Converts `E164PhoneNumber` to `e164_phone_number`, and `OutboundEventsHTTPSEndpoint` to
/// `outbound_events_https_endpoint`. A word starts at a capital letter after a lower-case letter or a digit, and
/// at the last capital of a run that precedes a lower-case letter.
pub(crate) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            let after_word = !chars[i - 1].is_ascii_uppercase();
            let before_small = chars.get(i + 1).is_some_and(char::is_ascii_lowercase);
            if after_word || before_small {
                out.push('_');
            }
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The name of a field or a method: [`snake`], as a raw identifier if it is a keyword.
pub(crate) fn field(name: &str) -> String {
    match snake(name).as_str() {
        keyword @ ("type" | "match" | "ref" | "move" | "use" | "where" | "loop") => {
            format!("r#{keyword}")
        }
        name => name.to_owned(),
    }
}

/// Converts `NonEmptyString` to `NON_EMPTY_STRING`.
pub(crate) fn screaming(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// Converts `outbound_sms` to `OutboundSms`, as serde renames fields. Also used for variants.
pub(crate) fn pascal(snake: &str) -> String {
    snake
        .trim_start_matches("r#")
        .split('_')
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars)
        })
        .collect()
}

/// Converts `EnterpriseLWA` to `EnterpriseLwa`, and `en-US` to `EnUs`.
pub(crate) fn variant(value: &str) -> String {
    pascal(&snake(&value.replace(|c: char| !c.is_ascii_alphanumeric(), "_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_api_are_converted() {
        for (name, expected) in [
            ("AccountId", "account_id"),
            ("E164PhoneNumbers", "e164_phone_numbers"),
            ("OutboundEventsHTTPSEndpoint", "outbound_events_https_endpoint"),
            ("ResetPersonalPIN", "reset_personal_pin"),
            ("OutboundSMS", "outbound_sms"),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(field("Type"), "r#type");
        assert_eq!(screaming("NonEmptyString"), "NON_EMPTY_STRING");
        assert_eq!(pascal("e164_phone_number"), "E164PhoneNumber");
        assert_eq!(variant("EnterpriseLWA"), "EnterpriseLwa");
        assert_eq!(variant("en-US"), "EnUs");
        assert_eq!(variant("IPV4_ONLY"), "Ipv4Only");
    }
}
