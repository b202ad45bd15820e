//! The table of regions: media hosts, cells of meeting ids, and Amazon Transcribe.

/// A region: its name, its code in the host names of media, the cell of its meeting ids, and the nearest
/// regions of Amazon Transcribe and of Amazon Transcribe Medical.
type Region = (&'static str, &'static str, u16, &'static str, &'static str);

/// The codes and cells of us-east-1, eu-central-1, eu-west-2 and ap-southeast-1 occur in responses of
/// AWS. The others are made up in the same form.
const REGIONS: [Region; 21] = [
    ("af-south-1", "fs1", 4101, "eu-west-2", "eu-west-1"),
    ("ap-northeast-1", "an1", 4102, "ap-northeast-1", "us-west-2"),
    ("ap-northeast-2", "an2", 4103, "ap-northeast-2", "us-west-2"),
    ("ap-south-1", "ap1", 4104, "eu-west-2", "eu-west-1"),
    ("ap-southeast-1", "as1", 2954, "ap-northeast-1", "ap-southeast-2"),
    ("ap-southeast-2", "as2", 4105, "ap-southeast-2", "ap-southeast-2"),
    ("ca-central-1", "cc1", 4106, "ca-central-1", "ca-central-1"),
    ("eu-central-1", "ec1", 7979, "eu-central-1", "eu-west-1"),
    ("eu-north-1", "en1", 4107, "eu-central-1", "eu-west-1"),
    ("eu-south-1", "es1", 4108, "eu-central-1", "eu-west-1"),
    ("eu-west-1", "ew1", 4109, "eu-west-1", "eu-west-1"),
    ("eu-west-2", "ew2", 3049, "eu-west-2", "us-east-1"),
    ("eu-west-3", "ew3", 4110, "eu-central-1", "eu-west-1"),
    ("il-central-1", "il1", 4111, "eu-central-1", "eu-west-1"),
    ("sa-east-1", "se1", 4112, "sa-east-1", "us-east-1"),
    ("us-east-1", "ue1", 2713, "us-east-1", "us-east-1"),
    ("us-east-2", "ue2", 4113, "us-east-2", "us-east-2"),
    ("us-gov-east-1", "ge1", 4114, "us-gov-west-1", "us-gov-west-1"),
    ("us-gov-west-1", "gw1", 4115, "us-gov-west-1", "us-gov-west-1"),
    ("us-west-1", "uw1", 4116, "us-west-2", "us-west-2"),
    ("us-west-2", "uw2", 4117, "us-west-2", "us-west-2"),
];

/// A region that is not in the table.
const UNKNOWN: Region = ("", "xx1", 9000, "eu-central-1", "eu-west-1");

fn find(name: &str) -> &'static Region {
    REGIONS.iter().find(|(known, ..)| *known == name).unwrap_or(&UNKNOWN)
}

/// Whether the documentation lists a media region.
pub(super) fn is_media_region(name: &str) -> bool {
    REGIONS.iter().any(|(known, ..)| *known == name)
}

/// Returns the code of a media region in host names.
pub(super) fn code(media: &str) -> &'static str {
    find(media).1
}

/// Returns the last four characters of all meeting ids of a control region.
pub(super) fn cell(control: &str) -> u16 {
    find(control).2
}

/// Returns the region of Amazon Transcribe that is nearest to a media region.
pub(super) fn nearest_transcribe(media: &str, is_medical: bool) -> &'static str {
    let (.., transcribe, medical) = find(media);
    if is_medical { medical } else { transcribe }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::home::partition;

    #[test]
    fn transcription_stays_in_the_partition_of_the_media() {
        for (media, ..) in REGIONS {
            for is_medical in [false, true] {
                let nearest = nearest_transcribe(media, is_medical);
                assert_eq!(partition(nearest), partition(media), "{media} {is_medical}");
            }
        }
    }
}
