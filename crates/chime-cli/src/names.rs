//! Names on the command line: `UpdateRoomMembership` becomes `update-room-membership`.
//!
//! The rule is that of the AWS CLI.

/// Converts a name to lower case with a dash in front of each word.
///
/// An upper-case letter begins a word after a lower-case letter or a digit, and before a lower-case
/// letter. A plural of upper-case letters at the end, such as `ARNs`, is one word.
pub(crate) fn kebab(name: &str) -> String {
    let letters = name.as_bytes();
    let plural = plural_of_capitals(letters);
    let mut kebab = String::with_capacity(name.len() + 8);
    for (i, letter) in name.char_indices() {
        let begins = match plural {
            Some(start) if i >= start => i == start,
            _ => {
                let previous = i.checked_sub(1).and_then(|previous| letters.get(previous));
                let next = letters.get(i + 1);
                letter.is_ascii_uppercase()
                    && (previous.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
                        || next.is_some_and(u8::is_ascii_lowercase))
            }
        };
        if begins && i > 0 {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// The start of the plural if the name ends with two or more upper-case letters and `s`.
fn plural_of_capitals(letters: &[u8]) -> Option<usize> {
    let capitals = letters.strip_suffix(b"s")?;
    let run = capitals.iter().rev().take_while(|c| c.is_ascii_uppercase()).count();
    (run >= 2).then_some(capitals.len() - run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_client::model::{APIS, Shape};

    /// Every operation of every service with its flags, as version 1.46 of the AWS CLI has them.
    const AWS_CLI: &str = include_str!("../tests/data/aws-cli-flags.txt");

    #[test]
    fn every_operation_and_flag_is_named_as_in_the_aws_cli() {
        let mut ours = Vec::new();
        for api in APIS {
            let service = api.service.id.to_ascii_lowercase().replace(' ', "-");
            for info in api.operations {
                let mut flags = Vec::new();
                for member in info.input.members {
                    flags.push(kebab(member.name));
                    if matches!(member.shape, Shape::Boolean) {
                        flags.push(format!("no-{}", kebab(member.name)));
                    }
                }
                flags.sort();
                ours.push(format!("{service} {} {}", kebab(info.name), flags.join(" ")));
            }
        }
        ours.sort_unstable();
        let mut theirs: Vec<&str> = AWS_CLI.lines().collect();
        theirs.sort_unstable();
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(ours.trim_end(), *theirs);
        }
        assert_eq!((ours.len(), theirs.len()), (286, 286));
    }

    #[test]
    fn runs_of_capitals_and_digits_are_words() {
        for (name, expected) in [
            ("UpdateRoomMembership", "update-room-membership"),
            ("E164PhoneNumber", "e164-phone-number"),
            ("OutboundEventsHTTPSEndpoint", "outbound-events-https-endpoint"),
            ("ResetPersonalPIN", "reset-personal-pin"),
            ("ListARNs", "list-arns"),
            ("ARNs", "arns"),
            ("ChannelARNsById", "channel-ar-ns-by-id"),
            ("S3BucketName", "s3-bucket-name"),
            ("SMS", "sms"),
            ("Name", "name"),
            ("", ""),
        ] {
            assert_eq!(kebab(name), expected, "{name}");
        }
    }
}
