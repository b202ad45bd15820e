//! Hints on what to check after an error with a known cause, by service.

use chime_model::{OperationInfo, ServiceError};

/// A hint and the errors that it applies to. The first hint that applies is used.
struct Hint {
    service: Of,
    /// A prefix of the operation's name.
    operation: &'static str,
    /// The HTTP status; 0 for any.
    status: u16,
    /// A part of the error message.
    says: &'static str,
    text: &'static str,
}

/// The services that a hint applies to.
enum Of {
    All,
    /// All services of the Amazon Chime SDK.
    Sdk,
    /// The service with this id.
    One(&'static str),
}

impl Of {
    fn includes(&self, id: &str) -> bool {
        match self {
            Self::All => true,
            Self::Sdk => id.starts_with("Chime SDK "),
            Self::One(service) => *service == id,
        }
    }
}

const fn hint(
    service: Of,
    operation: &'static str,
    status: u16,
    says: &'static str,
    text: &'static str,
) -> Hint {
    Hint { service, operation, status, says, text }
}

const CHIME: Of = Of::One("Chime");
const MEETINGS: Of = Of::One("Chime SDK Meetings");
const MESSAGING: Of = Of::One("Chime SDK Messaging");
const PIPELINES: Of = Of::One("Chime SDK Media Pipelines");
const VOICE: Of = Of::One("Chime SDK Voice");

const HINTS: [Hint; 22] = [
    hint(
        Of::All,
        "",
        0,
        "scoped to correct service",
        "the endpoint URL belongs to another service, such as an API gateway",
    ),
    hint(
        Of::Sdk,
        "",
        0,
        "scoped to a valid region",
        "set the region of the client to a control region of the service",
    ),
    hint(
        CHIME,
        "",
        0,
        "scoped to a valid region",
        "Amazon Chime has one endpoint, which requires signatures for us-east-1",
    ),
    hint(
        CHIME,
        "",
        0,
        "not an Enterprise Chime Account",
        "rooms, bots and retention need an Enterprise account; CreateAccount creates Team accounts",
    ),
    hint(CHIME, "", 0, "deprecated Amazon Chime SDK API", CLOSED),
    hint(CHIME, "", 0, "Not authorized to call Chime SDK", CLOSED),
    hint(
        Of::All,
        "",
        400,
        "Service received a bad request",
        "the service does not say which member is invalid: compare the request with its documentation",
    ),
    hint(
        MEETINGS,
        "",
        404,
        "Meeting",
        "the meeting may have ended, or may be in another control region; to create it again, use a new token",
    ),
    hint(
        MESSAGING,
        "",
        401,
        "",
        "check the bearer: it must be the ARN of a registered user or bot, not that of the app instance",
    ),
    hint(
        MESSAGING,
        "SendChannelMessage",
        403,
        "",
        "check the bearer: to send, it needs a membership of type DEFAULT, even as an admin",
    ),
    hint(
        MESSAGING,
        "",
        403,
        "",
        "check that all users exist in the app instance, and that the bearer has permission",
    ),
    hint(
        PIPELINES,
        "",
        0,
        "Resource ownership mismatch",
        "check the account in the ARN, and whether the meeting has ended",
    ),
    hint(PIPELINES, "", 0, "Limit reached", "a meeting can have only one capture pipeline"),
    hint(PIPELINES, "CreateMediaCapturePipeline", 403, "", BUCKET),
    hint(PIPELINES, "CreateMediaConcatenationPipeline", 403, "", BUCKET),
    hint(
        VOICE,
        "CreateSipMediaApplicationCall",
        403,
        "",
        "check that FromPhoneNumber is in the inventory of this account",
    ),
    hint(
        VOICE,
        "CreateSipRule",
        400,
        "",
        "check that the number is acquired, is for dial-in and is in no other rule, and that application and region match",
    ),
    hint(
        VOICE,
        "DeletePhoneNumber",
        400,
        "",
        "check whether the number is still in a Voice Connector, a group or a SIP rule, even a disabled one",
    ),
    hint(
        VOICE,
        "Delete",
        409,
        "",
        "first disable and delete its SIP rules, disassociate its phone numbers and remove it from groups",
    ),
    hint(
        VOICE,
        "",
        0,
        "Invalid resource",
        "check whether the ARN belongs to another service of the family",
    ),
    hint(
        Of::All,
        "",
        407,
        "",
        "a proxy responded: add its user name and password to the proxy URL",
    ),
    hint(Of::All, "", 429, "", "calls exceed the rate that the service allows"),
];

const BUCKET: &str =
    "check that the bucket policy allows mediapipelines.chime.amazonaws.com to write";
const CLOSED: &str = "this API is closed to the account, and no other service has the operation";
/// Replaces [`CLOSED`] for operations of Amazon Chime that still exist in another service.
const MOVED: &str = "this API is closed to the account; call the operation of chime-sdk-voice";

/// Returns the hint for an error of the service.
pub(crate) fn after(info: &OperationInfo, error: &ServiceError) -> Option<&'static str> {
    let message = error.message.as_deref().unwrap_or_default();
    let applies = |hint: &&Hint| {
        hint.service.includes(info.service.id)
            && info.name.starts_with(hint.operation)
            && [0, error.status].contains(&hint.status)
            && message.contains(hint.says)
    };
    let text = HINTS.iter().find(applies)?.text;
    let has_moved = matches!(info.group, "phone_numbers" | "settings");
    Some(if text == CLOSED && has_moved { MOVED } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_model::{Exception, Operation, chime};

    fn after_error<O: Operation>(status: u16, message: &str) -> Option<&'static str> {
        let error = ServiceError::new(Exception::BadRequest, message).with_status(status);
        after(O::INFO, &error)
    }

    #[test]
    fn a_hint_depends_on_service_operation_status_and_message() {
        let closed = "deprecated Amazon Chime SDK API";
        assert_eq!(after_error::<chime::GetRoomRequest>(403, closed), Some(CLOSED));
        assert_eq!(after_error::<chime::GetPhoneNumberRequest>(403, closed), Some(MOVED));
        assert_eq!(after_error::<chime::GetRoomRequest>(404, "not found"), None);
        assert!(after_error::<chime::GetRoomRequest>(429, "").is_some());
        assert!(after_error::<chime::GetRoomRequest>(407, "").unwrap().contains("proxy"));
    }

    #[cfg(all(feature = "meetings", feature = "messaging"))]
    #[test]
    fn each_service_has_its_own_hints() {
        use chime_model::{meetings, messaging};
        let meeting = after_error::<meetings::GetMeetingRequest>(404, "Meeting <x> not found");
        assert!(meeting.unwrap().contains("new token"));
        let send = after_error::<messaging::SendChannelMessageRequest>(403, "");
        assert!(send.unwrap().contains("DEFAULT"));
        let list = after_error::<messaging::ListChannelsRequest>(401, "");
        assert!(list.unwrap().contains("bearer"));
    }
}
