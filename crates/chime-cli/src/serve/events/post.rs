//! Posts events to a URL, one after the other.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use chime_client::{Config, HttpClient};
use chime_local::{Channel, Delivered};
use http::header::CONTENT_TYPE;
use http::{HeaderName, Method, Request, Uri};
use tokio::select;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until, timeout};
use tower::Service;

use crate::serve::warn;

/// How long the receiver has for one event.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long the receiver has for all remaining events when the server stops.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// How many events wait for the receiver. Further ones are dropped.
const MAX_WAITING: usize = 10_000;

/// Sends each event as the body of a POST, with its channel in headers.
pub(super) async fn post(events: UnboundedReceiver<Delivered>, uri: Uri) {
    let client = HttpClient::new(&Config::default());
    let send = |event: Delivered| {
        let response = client.clone().call(request(&uri, &event));
        async {
            match response.await {
                Ok(response) if response.status().is_success() => Ok(()),
                Ok(response) => Err(format!("the receiver responded with {}", response.status())),
                Err(error) => Err(error.to_string()),
            }
        }
    };
    deliver(events, send, |text| warn(&format!("{uri}: {text}"))).await;
}

/// Sends events until there are no more. Once no further ones can arrive, those that wait have five
/// seconds. Warns when events begin to be lost, and how many were lost once the receiver has caught up.
async fn deliver<T, S: Future<Output = Result<(), String>>>(
    mut events: UnboundedReceiver<T>,
    send: impl Fn(T) -> S,
    warn: impl Fn(&str),
) {
    let mut waiting = VecDeque::new();
    let mut lost = 0;
    let lose = |lost: &mut usize, why: &str| {
        if *lost == 0 {
            warn(&format!("events are being lost: {why}"));
        }
        *lost += 1;
    };
    let mut deadline = None;
    'events: while let Some(event) = next(&mut waiting, &mut events).await {
        let mut sending = pin!(timeout(TIMEOUT, send(event)));
        let outcome = loop {
            let end = deadline.unwrap_or_else(Instant::now);
            select! {
                outcome = &mut sending => break outcome,
                next = events.recv(), if deadline.is_none() => match next {
                    Some(event) if waiting.len() < MAX_WAITING => waiting.push_back(event),
                    Some(_) => lose(&mut lost, "the receiver is too slow"),
                    None => deadline = Some(Instant::now() + MAX_WAIT),
                },
                () = sleep_until(end), if deadline.is_some() => {
                    lost += 1 + waiting.len();
                    break 'events;
                }
            }
        };
        match outcome {
            Ok(Ok(())) if lost > 0 && waiting.is_empty() && events.is_empty() => {
                warn(&format!("events arrive again; lost: {lost}"));
                lost = 0;
            }
            Ok(Ok(())) => {}
            Ok(Err(why)) => lose(&mut lost, &why),
            Err(_) => lose(&mut lost, "no response in time"),
        }
    }
    if lost > 0 {
        warn(&format!("the server stops; events lost: {lost}"));
    }
}

async fn next<T>(waiting: &mut VecDeque<T>, events: &mut UnboundedReceiver<T>) -> Option<T> {
    match waiting.pop_front() {
        Some(event) => Some(event),
        None => events.recv().await,
    }
}

fn request(uri: &Uri, event: &Delivered) -> Request<Bytes> {
    let (channel, arn) = match &event.channel {
        Channel::Sqs(arn) => ("Sqs", arn.as_str()),
        Channel::Sns(arn) => ("Sns", arn.as_str()),
        Channel::Lambda(arn) => ("Lambda", arn.as_str()),
        _ => ("EventBridge", ""),
    };
    let body = serde_json::to_vec(&event.body).unwrap_or_default();
    let mut request = Request::new(Bytes::from(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    let sequence = event.sequence.to_string();
    let headers = [
        (CONTENT_TYPE.as_str(), "application/json"),
        ("x-chime-channel", channel),
        ("x-chime-target", arn),
        ("x-chime-sequence", &sequence),
    ];
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), value.parse()) {
            request.headers_mut().insert(name, value);
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::future::{pending, ready};

    use tokio::sync::mpsc::unbounded_channel;
    use tokio::time::sleep;

    use super::*;

    /// Delivers this many events, and then stops. Returns the warnings and the seconds passed.
    async fn delivered<S: Future<Output = Result<(), String>>>(
        count: usize,
        send: impl Fn(usize) -> S,
    ) -> (Vec<String>, u64) {
        let (sender, events) = unbounded_channel();
        (0..count).for_each(|event| sender.send(event).unwrap());
        drop(sender);
        let (warnings, start) = (RefCell::new(Vec::new()), Instant::now());
        deliver(events, send, |text| warnings.borrow_mut().push(text.to_owned())).await;
        (warnings.into_inner(), start.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_receiver_has_five_seconds_for_the_rest() {
        let got = Cell::new(0);
        let send = |_| {
            got.set(got.get() + 1);
            async {
                sleep(Duration::from_millis(400)).await;
                Ok(())
            }
        };
        assert_eq!(delivered(12, send).await, (Vec::new(), 4));
        assert_eq!(got.get(), 12);
        let lost = "the server stops; events lost: 8".to_owned();
        assert_eq!(delivered(20, send).await, (vec![lost], 5));
    }

    #[tokio::test(start_paused = true)]
    async fn what_waits_for_a_receiver_that_hangs_is_bounded() {
        let warnings = [
            "events are being lost: the receiver is too slow",
            "the server stops; events lost: 10021",
        ];
        assert_eq!(delivered(10_021, |_| pending()).await, (warnings.map(str::to_owned).into(), 5));
    }

    #[tokio::test(start_paused = true)]
    async fn an_outage_is_reported_when_it_begins_and_when_it_ends() {
        let send = |event| match event {
            0 | 3 | 7.. => ready(Ok(())),
            _ => ready(Err("503".to_owned())),
        };
        let warnings = ["events are being lost: 503", "events arrive again; lost: 5"];
        assert_eq!(delivered(9, send).await, (warnings.map(str::to_owned).into(), 0));
    }
}
