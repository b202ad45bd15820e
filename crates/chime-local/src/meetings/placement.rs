//! The ids and tokens of meetings and attendees, and the hosts of their media.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chime_model::SensitiveString;
use chime_model::meetings::{AttendeeId, MediaPlacement, MediaRegion, MeetingId};
use sha2::{Digest, Sha256};

use crate::engine::hex;
use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::meetings::regions::{cell, code};

pub(super) fn new_meeting_id(ids: &mut Ids, home: &Home) -> MeetingId {
    let mut id = ids.guid();
    id.truncate(32);
    format!("{id}{}", cell(&home.region)).into()
}

/// Makes an attendee id and its join token.
pub(super) fn new_attendee_id(ids: &mut Ids) -> (AttendeeId, SensitiveString) {
    let digest = Sha256::digest(ids.guid());
    let hex = hex::encode(digest.get(..16).unwrap_or_default());
    let id = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    let token = join_token(&id, &ids.guid());
    (id.into(), token)
}

pub(super) fn join_token(attendee: &str, secret: &str) -> SensitiveString {
    STANDARD_NO_PAD.encode(format!("{attendee}:{secret}")).into()
}

/// Returns the URLs of a meeting. It sets all of them, because some clients fail if one is missing.
pub(super) fn media_placement(
    id: &MeetingId,
    home: &Home,
    media: &MediaRegion,
    domain: &str,
) -> MediaPlacement {
    let digest = Sha256::digest(id.as_str());
    let shard = digest.first().map_or(1, |byte| byte % 3 + 1);
    let region = code(media.as_str());
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
            cell(&home.region),
            home.region
        ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_tokens_have_the_form_of_aws() {
        let mut ids = Ids::new(7);
        let meeting = new_meeting_id(&mut ids, &Home::new("111122223333", "us-east-1"));
        assert!(meeting.as_str().len() == 36 && meeting.as_str().ends_with("2713"), "{meeting}");
        let (attendee, token) = new_attendee_id(&mut ids);
        assert_eq!((attendee.as_str().len(), token.expose().len()), (36, 98));
        let decoded = STANDARD_NO_PAD.decode(token.expose()).unwrap();
        assert!(decoded.starts_with(format!("{attendee}:").as_bytes()));
    }

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
