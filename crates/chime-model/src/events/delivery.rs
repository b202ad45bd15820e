//! The forms in which events are delivered: as JSON, or as JSON text in the records of SQS and SNS.

use std::collections::BTreeMap;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::Event;
use crate::{SensitiveString, Value};

/// A delivery from EventBridge, SQS or SNS: the input of a Lambda function, the body of an SQS message, or an
/// SNS notification.
///
/// SQS and SNS carry an event as JSON text. An SQS queue that subscribes to an SNS topic carries JSON text
/// within JSON text. [`events`](Self::events) unpacks both with the JSON parser that the caller passes.
///
/// ```
/// use chime_model::events::Delivery;
///
/// let input = r#"{"Records":[{"messageId":"1","body":"{\"source\":\"aws.chime\",
///     \"account\":\"111122223333\",\"region\":\"us-east-1\",\"time\":\"2026-03-02T09:00:10.482Z\",
///     \"detail-type\":\"Chime Meeting State Change\",
///     \"detail\":{\"eventType\":\"chime:MeetingEnded\",\"meetingId\":\"3f9c2a71\"}}"}]}"#;
/// let delivery: Delivery = serde_json::from_str(&input.replace('\n', "")).unwrap();
/// let events = delivery.events(|text| serde_json::from_str(text)).unwrap();
/// assert_eq!(events[0].detail_type.as_str(), "Chime Meeting State Change");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// An event.
    Event(Box<Event>),
    /// JSON texts, each of which is a `Delivery`.
    Texts(Vec<SensitiveString>),
}

impl Delivery {
    /// Returns all events of the delivery.
    ///
    /// # Errors
    /// Returns the first error of the parser and no events. To get the events of all valid messages of a
    /// batch, [`read`] the messages one by one.
    pub fn events<E>(self, parse: impl Fn(&str) -> Result<Self, E>) -> Result<Vec<Event>, E> {
        let mut events = Vec::new();
        let mut rest = vec![self];
        while let Some(delivery) = rest.pop() {
            match delivery {
                Self::Event(event) => events.push(*event),
                Self::Texts(texts) => {
                    let inner: Result<Vec<_>, E> =
                        texts.iter().map(|text| parse(text.expose())).collect();
                    rest.extend(inner?.into_iter().rev());
                }
            }
        }
        Ok(events)
    }
}

/// Reads all events in JSON text, such as the body of an SQS message or the message of an SNS
/// notification.
///
/// ```
/// # use chime_model::events;
/// # fn handle(body: &str) -> Result<(), serde_json::Error> {
/// for event in events::read(body, |text| serde_json::from_str(text))? {
///     println!("{}", event.detail_type);
/// }
/// # Ok(())
/// # }
/// # assert!(handle("{}").is_err());
/// ```
///
/// # Errors
/// Returns the first error of the parser and no events.
pub fn read<E>(text: &str, parse: impl Fn(&str) -> Result<Delivery, E>) -> Result<Vec<Event>, E> {
    parse(text)?.events(parse)
}

impl<'de> Deserialize<'de> for Delivery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members: BTreeMap<String, Value> = BTreeMap::deserialize(deserializer)?;
        if let Some(records) = members.remove("Records") {
            let records = Vec::<Record>::deserialize(records).map_err(D::Error::custom)?;
            let texts: Result<_, D::Error> = records.into_iter().map(Record::text).collect();
            return texts.map(Self::Texts);
        }
        if members.get("Type").and_then(Value::as_text) == Some("Notification") {
            let message = Notification::deserialize(Value::Map(members));
            return Ok(Self::Texts(vec![message.map_err(D::Error::custom)?.message]));
        }
        let event = Event::deserialize(Value::Map(members)).map_err(D::Error::custom)?;
        Ok(Self::Event(Box::new(event)))
    }
}

/// A record in the input of a Lambda function.
#[derive(Deserialize)]
struct Record {
    /// The body of an SQS message.
    body: Option<SensitiveString>,
    /// An SNS notification.
    #[serde(rename = "Sns")]
    sns: Option<Notification>,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Message")]
    message: SensitiveString,
}

impl Record {
    fn text<E: Error>(self) -> Result<SensitiveString, E> {
        let message = self.sns.map(|notification| notification.message);
        self.body.or(message).ok_or_else(|| E::custom("record has neither `body` nor `Sns`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_str, from_value, json};

    fn event(detail_type: &str) -> serde_json::Value {
        json!({
            "source": "aws.chime", "account": "111122223333", "region": "us-east-1",
            "time": "2026-03-02T09:00:10Z", "detail-type": detail_type, "detail": {},
        })
    }

    fn detail_types(json: &serde_json::Value) -> Vec<String> {
        let events = read(&json.to_string(), |text| from_str(text)).unwrap();
        events.into_iter().map(|event| event.detail_type.to_string()).collect()
    }

    #[test]
    fn events_are_read_from_all_sources() {
        let notification =
            json!({"Type": "Notification", "TopicArn": "t", "Message": event("a").to_string()});
        let sns = json!({"Records": [{"EventSource": "aws:sns", "Sns": notification}]});
        let sqs = json!({"Records": [{"messageId": "1", "body": event("a").to_string()}]});
        let sqs_behind_sns = json!({"Records": [{"body": notification.to_string()}]});
        for json in [event("a"), notification, sns, sqs, sqs_behind_sns] {
            assert_eq!(detail_types(&json), ["a"], "{json}");
        }
    }

    #[test]
    fn a_batch_keeps_its_order() {
        let body = |name| json!({"body": event(name).to_string()});
        let nested = json!({"body": json!({"Records": [body("b"), body("c")]}).to_string()});
        let batch = json!({"Records": [body("a"), nested, body("d")]});
        assert_eq!(detail_types(&batch), ["a", "b", "c", "d"]);
        assert_eq!(detail_types(&json!({"Records": []})), Vec::<String>::new());
    }

    #[test]
    fn input_without_an_event_is_an_error() {
        let error = |json| from_value::<Delivery>(json).unwrap_err().to_string();
        let kinesis = json!({"Records": [{"kinesis": {"data": "e30="}}]});
        assert_eq!(error(kinesis), "record has neither `body` nor `Sns`");
        let confirmation = json!({"Type": "SubscriptionConfirmation", "Message": "Welcome"});
        assert_eq!(error(confirmation), "missing field `detail-type`");
        let batch = json!({"Records": [{"body": event("a").to_string()}, {"body": "secret"}]});
        let error = read(&batch.to_string(), |text| from_str(text)).unwrap_err();
        assert!(error.is_syntax());
    }

    #[test]
    fn debug_redacts_texts() {
        let delivery: Delivery = from_value(json!({"Records": [{"body": "secret"}]})).unwrap();
        assert!(!format!("{delivery:?}").contains("secret"));
    }
}
