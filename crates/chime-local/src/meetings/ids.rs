//! The ids of meetings and attendees, and the tokens with which clients join.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chime_model::SensitiveString;
use chime_model::meetings::{AttendeeId, MeetingId};
use sha2::{Digest, Sha256};

use crate::engine::hex;
use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::meetings::regions;

/// Makes a meeting id, which ends with the cell of its control region.
pub(super) fn new_meeting_id(ids: &mut Ids, home: &Home) -> MeetingId {
    let mut id = ids.guid();
    id.truncate(32);
    format!("{id}{}", regions::find(&home.region).cell).into()
}

/// Makes an attendee id and its join token.
pub(super) fn new_attendee_id(ids: &mut Ids) -> (AttendeeId, SensitiveString) {
    let digest = Sha256::digest(ids.guid());
    let hex = hex::encode(digest.get(..16).unwrap_or_default());
    let id = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    let token = join_token(&id, &ids.guid());
    (id.into(), token)
}

/// Makes a join token. AWS encodes the id of the attendee and a secret.
pub(super) fn join_token(attendee: &str, secret: &str) -> SensitiveString {
    STANDARD_NO_PAD.encode(format!("{attendee}:{secret}")).into()
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
}
