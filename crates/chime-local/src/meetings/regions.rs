//! The table of regions: media hosts, cells of meeting ids, and Amazon Transcribe.

/// A region of media, and of meetings.
pub(super) struct Region {
    name: &'static str,
    /// Its code in the host names of media.
    pub(super) code: &'static str,
    /// The last four characters of all meeting ids of the control region.
    pub(super) cell: u16,
    /// The nearest region of Amazon Transcribe.
    pub(super) transcribe: &'static str,
    /// The nearest region of Amazon Transcribe Medical.
    pub(super) medical: &'static str,
}

const fn region(
    name: &'static str,
    code: &'static str,
    cell: u16,
    transcribe: &'static str,
    medical: &'static str,
) -> Region {
    Region { name, code, cell, transcribe, medical }
}

/// The codes and cells of us-east-1, eu-central-1, eu-west-2 and ap-southeast-1 occur in responses of
/// AWS. The others are made up in the same form.
static REGIONS: [Region; 21] = [
    region("af-south-1", "fs1", 4101, "eu-west-2", "eu-west-1"),
    region("ap-northeast-1", "an1", 4102, "ap-northeast-1", "us-west-2"),
    region("ap-northeast-2", "an2", 4103, "ap-northeast-2", "us-west-2"),
    region("ap-south-1", "ap1", 4104, "eu-west-2", "eu-west-1"),
    region("ap-southeast-1", "as1", 2954, "ap-northeast-1", "ap-southeast-2"),
    region("ap-southeast-2", "as2", 4105, "ap-southeast-2", "ap-southeast-2"),
    region("ca-central-1", "cc1", 4106, "ca-central-1", "ca-central-1"),
    region("eu-central-1", "ec1", 7979, "eu-central-1", "eu-west-1"),
    region("eu-north-1", "en1", 4107, "eu-central-1", "eu-west-1"),
    region("eu-south-1", "es1", 4108, "eu-central-1", "eu-west-1"),
    region("eu-west-1", "ew1", 4109, "eu-west-1", "eu-west-1"),
    region("eu-west-2", "ew2", 3049, "eu-west-2", "us-east-1"),
    region("eu-west-3", "ew3", 4110, "eu-central-1", "eu-west-1"),
    region("il-central-1", "il1", 4111, "eu-central-1", "eu-west-1"),
    region("sa-east-1", "se1", 4112, "sa-east-1", "us-east-1"),
    region("us-east-1", "ue1", 2713, "us-east-1", "us-east-1"),
    region("us-east-2", "ue2", 4113, "us-east-2", "us-east-2"),
    region("us-gov-east-1", "ge1", 4114, "us-gov-west-1", "us-gov-west-1"),
    region("us-gov-west-1", "gw1", 4115, "us-gov-west-1", "us-gov-west-1"),
    region("us-west-1", "uw1", 4116, "us-west-2", "us-west-2"),
    region("us-west-2", "uw2", 4117, "us-west-2", "us-west-2"),
];

/// A region that is not in the table.
static UNKNOWN: Region = region("", "xx1", 9000, "eu-central-1", "eu-west-1");

pub(super) fn find(name: &str) -> &'static Region {
    REGIONS.iter().find(|region| region.name == name).unwrap_or(&UNKNOWN)
}

/// Whether the documentation lists a media region.
pub(super) fn is_media_region(name: &str) -> bool {
    REGIONS.iter().any(|region| region.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::home::partition;

    #[test]
    fn transcription_stays_in_the_partition_of_the_media() {
        for Region { name, transcribe, medical, .. } in &REGIONS {
            assert_eq!(
                [transcribe, medical].map(|it| partition(it)),
                [partition(name); 2],
                "{name}"
            );
        }
    }
}
