//! Finds the description in a file: plain, compressed or in a wheel.

use std::io::{Cursor, Read as _};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use zip::ZipArchive;

use crate::Result;

/// The part of a description that identifies it.
#[derive(Deserialize)]
struct Label {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    // Descriptions of other services, especially old ones, may lack it.
    uid: Option<String>,
}

pub(super) fn is_wheel(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Decompresses gzip, which is detected by the first bytes and not by the name.
pub(super) fn plain(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return Ok(bytes);
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text)?;
    Ok(text)
}

/// Returns the text of the description with this uid in a wheel.
pub(super) fn in_wheel(bytes: &[u8], uid: &str) -> Result<Vec<u8>> {
    let mut wheel = ZipArchive::new(Cursor::new(bytes))?;
    let names: Vec<String> =
        wheel.file_names().filter_map(|name| name.ok()).map(|name| name.into_owned()).collect();
    let mut others = Vec::new();
    for name in &names {
        let Some((service, version)) = service_and_version(name) else { continue };
        // A uid ends with the version, which is also the name of a folder. Checking the folder first avoids
        // unpacking hundreds of services.
        if !uid.ends_with(version) {
            if uid.starts_with(service) {
                others.push(name.as_str());
            }
            continue;
        }
        let mut packed = Vec::new();
        wheel.by_name(name)?.read_to_end(&mut packed)?;
        let text = plain(packed)?;
        let label: Label =
            serde_json::from_slice(&text).map_err(|error| format!("{name}: {error}"))?;
        if label.metadata.uid.as_deref() == Some(uid) {
            return Ok(text);
        }
    }
    let others = match others[..] {
        [] => String::new(),
        _ => format!("; it has other versions: {}", others.join(", ")),
    };
    Err(format!("the wheel has no description with the uid {uid}{others}").into())
}

/// Returns the service and the version in the path of a description in a wheel, or `None` for other files.
fn service_and_version(name: &str) -> Option<(&str, &str)> {
    let below = name.strip_prefix("botocore/data/")?;
    match below.split('/').collect::<Vec<_>>()[..] {
        [service, version, "service-2.json" | "service-2.json.gz"] => Some((service, version)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    const UID: &str = "chime-2018-05-01";

    fn text(uid: &str) -> Vec<u8> {
        format!(r#"{{"metadata": {{"uid": "{uid}", "more": 1}}, "shapes": {{}}}}"#).into_bytes()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn wheel(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn compressed_files_are_detected_by_their_bytes() {
        assert_eq!(plain(text(UID)).unwrap(), text(UID));
        assert_eq!(plain(gzip(&text(UID))).unwrap(), text(UID));
    }

    #[test]
    fn the_description_with_the_uid_is_found_in_a_wheel() {
        let bytes = wheel(&[
            ("botocore/__init__.py", b"__version__ = '1'".to_vec()),
            ("botocore/data/other/2018-05-01/service-2.json.gz", gzip(&text("other-2018-05-01"))),
            ("botocore/data/chime/2018-05-01/paginators-1.json", b"{}".to_vec()),
            ("botocore/data/chime/2018-05-01/service-2.json.gz", gzip(&text(UID))),
            ("botocore/data/chime/2027-01-01/service-2.json.gz", gzip(&text("chime-2027-01-01"))),
        ]);
        assert_eq!(in_wheel(&bytes, UID).unwrap(), text(UID));
        let unpacked = [("botocore/data/chime/2018-05-01/service-2.json", text(UID))];
        assert_eq!(in_wheel(&wheel(&unpacked), UID).unwrap(), text(UID));
    }

    #[test]
    fn the_error_for_a_missing_description_lists_other_versions() {
        let bytes = wheel(&[
            ("botocore/data/other/2018-05-01/service-2.json", br#"{"metadata": {}}"#.to_vec()),
            ("botocore/data/chime/2027-01-01/service-2.json.gz", gzip(&text("chime-2027-01-01"))),
        ]);
        assert_eq!(
            in_wheel(&bytes, UID).unwrap_err().to_string(),
            "the wheel has no description with the uid chime-2018-05-01; it has other versions: \
             botocore/data/chime/2027-01-01/service-2.json.gz"
        );
    }
}
