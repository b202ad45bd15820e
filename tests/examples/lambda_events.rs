//! A Lambda function that receives meeting events from EventBridge, SQS or SNS. From this project, it only
//! needs `chime-model` with the feature `meetings`.
//!
//! `cargo test` calls the handler. Deploy it as a separate binary crate, with a tool such as cargo-lambda.

use chime_model::events::{Delivery, Detail, MeetingEventType};
use lambda_runtime::{Error, LambdaEvent, service_fn};

/// Returns the external ids of the users who joined a meeting.
async fn handle(event: LambdaEvent<Delivery>) -> Result<Vec<String>, Error> {
    let mut joined = Vec::new();
    for event in event.payload.events(|text| serde_json::from_str(text))? {
        if let Detail::Meeting(meeting) = event.detail
            && meeting.event_type == MeetingEventType::AttendeeJoined
        {
            joined.extend(meeting.external_user_id.map(|id| id.as_str().to_owned()));
        }
    }
    Ok(joined)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}

#[test]
fn it_runs() {
    let event = serde_json::json!({
        "version": "0", "source": "aws.chime", "account": "111122223333",
        "time": "2026-03-02T09:00:10Z", "region": "us-east-1",
        "detail-type": "Chime Meeting State Change",
        "detail": {
            "version": "0", "eventType": "chime:AttendeeJoined", "timestamp": 1772442010482_i64,
            "meetingId": "3f9c2a71-84d5-4e0b-9c36-7a1e5b082713",
            "attendeeId": "5b0e7d92-c3f1-a846-2d75-9e14b6f8a037", "externalUserId": "ana",
        },
    });
    let sqs = serde_json::json!({"Records": [{"messageId": "1", "body": event.to_string()}]});
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for input in [event, sqs] {
        let payload = serde_json::from_value(input).unwrap();
        let handled = handle(LambdaEvent::new(payload, lambda_runtime::Context::default()));
        assert_eq!(runtime.block_on(handled).unwrap(), ["ana"]);
    }
}
