//! The regions of Amazon Transcribe.

use chime_model::meetings::TranscriptionConfiguration;

/// The regions of Amazon Transcribe.
const TRANSCRIBE: [&str; 12] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "sa-east-1",
    "us-gov-west-1",
];

/// The regions of Amazon Transcribe Medical.
const MEDICAL: [&str; 6] =
    ["us-east-1", "us-east-2", "us-west-2", "ap-southeast-2", "ca-central-1", "eu-west-1"];

/// Returns the region of a transcription: the configured region, or the media region if none is
/// configured, or the nearest region for `auto`. Returns `None` if the media region has no such engine.
pub(super) fn of<'a>(
    configuration: &'a TranscriptionConfiguration,
    media: &'a str,
) -> Option<&'a str> {
    let medical = configuration.engine_transcribe_medical_settings.as_ref();
    let (asked, own, nearest): (_, &[&str], fn(&str) -> &str) = match medical {
        Some(settings) => {
            (settings.region.as_ref().map(|region| region.as_str()), &MEDICAL, nearest_medical)
        }
        None => {
            let settings = configuration.engine_transcribe_settings.as_ref()?;
            (settings.region.as_ref().map(|region| region.as_str()), &TRANSCRIBE, nearest)
        }
    };
    match asked {
        Some("auto") if own.contains(&media) => Some(media),
        Some("auto") => Some(nearest(media)),
        Some(asked) => Some(asked),
        None => own.contains(&media).then_some(media),
    }
}

fn nearest(media: &str) -> &'static str {
    match media {
        "us-west-1" => "us-west-2",
        "af-south-1" | "ap-south-1" => "eu-west-2",
        "ap-southeast-1" => "ap-northeast-1",
        "us-gov-east-1" => "us-gov-west-1",
        _ => "eu-central-1",
    }
}

fn nearest_medical(media: &str) -> &'static str {
    match media {
        "us-west-1" | "ap-northeast-1" | "ap-northeast-2" => "us-west-2",
        "ap-southeast-1" => "ap-southeast-2",
        "eu-west-2" | "sa-east-1" => "us-east-1",
        _ => "eu-west-1",
    }
}
