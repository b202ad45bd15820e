//! The hosts of the media of meetings.

use chime_model::meetings::{MediaPlacement, MediaRegion, MeetingId};
use sha2::{Digest, Sha256};

use crate::engine::hex;
use crate::engine::home::Home;
use crate::meetings::regions;

/// Returns the URLs of a meeting. It sets all of them, because some clients fail if one is missing.
pub(super) fn media_placement(
    id: &MeetingId,
    home: &Home,
    media: &MediaRegion,
    domain: &str,
) -> MediaPlacement {
    let digest = Sha256::digest(id.as_str());
    let shard = digest.first().map_or(1, |byte| byte % 3 + 1);
    let region = regions::find(media.as_str()).code;
    let app = format!("m{shard}.{region}.app.{domain}");
    let host = hex::encode(digest.get(1..17).unwrap_or_default());
    let screen = format!("wss://bitpw.{app}:443/v2/screen/{id}");
    MediaPlacement::default()
        .audio_fallback_url(format!("wss://wss.k.{app}:443/calls/{id}"))
        .audio_host_url(format!("{host}.k.{app}:3478"))
        .event_ingestion_url(format!("https://data.svc.{region}.ingest.{domain}/v1/client-events"))
        .screen_data_url(screen.as_str())
        .screen_sharing_url(screen)
        .screen_viewing_url(format!(
            "wss://bitpw.{app}:443/ws/connect?passcode=null&viewer_uuid=null&X-BitHub-Call-Id={id}"
        ))
        .signaling_url(format!("wss://signal.{app}/control/{id}"))
        .turn_control_url(format!(
            "https://{}.cell.{}.meetings.{domain}/v2/turn_sessions",
            regions::find(&home.region).cell,
            home.region
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_follow_the_media_region_and_the_cell_the_control_region() {
        let id = MeetingId::from("3f9c2a71-84d5-4e0b-9c36-7a1e5b082713");
        let home = Home::new("111122223333", "us-east-1");
        let placement = media_placement(&id, &home, &"eu-west-2".into(), "chime.test");
        let signaling = placement.signaling_url.unwrap();
        assert!(signaling.starts_with("wss://signal.m") && signaling.contains(".ew2.app."));
        assert!(signaling.ends_with(&format!(".chime.test/control/{id}")), "{signaling}");
        let turn = "https://2713.cell.us-east-1.meetings.chime.test/v2/turn_sessions";
        assert_eq!(placement.turn_control_url.as_deref(), Some(turn));
        assert!(placement.audio_host_url.unwrap().ends_with(".ew2.app.chime.test:3478"));
    }
}
