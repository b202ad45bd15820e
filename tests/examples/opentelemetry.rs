//! Exports the spans of a call with OpenTelemetry: one for the call, and one for each of its attempts.
//!
//! The exporter here keeps spans in memory. In a service, use an OTLP exporter instead, with
//! `with_batch_exporter`.
//!
//! `cargo run -p tests --example opentelemetry` runs it once; `cargo test` does the same.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use chime_client::model::chime::ListAccountsRequest;
use chime_client::{Client, Config, Credentials};
use chime_local::faults::{Fault, FaultError, Faults};
use chime_local::{LocalChime, sample};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::Subscriber;
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;

/// Sends the spans of the `chime` crates to OpenTelemetry. They have the level `DEBUG`.
fn subscriber(provider: &SdkTracerProvider) -> impl Subscriber + Send + Sync + 'static {
    let ours = Targets::new().with_target("chime", LevelFilter::DEBUG);
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("my-service"));
    tracing_subscriber::registry().with(layer.with_filter(ours))
}

/// Lists accounts. The first attempt fails, and the second one succeeds.
async fn call() -> Result<(), Box<dyn std::error::Error>> {
    let error = FaultError::new("ServiceUnavailableException");
    let once = Fault { times: Some(1), error: Some(error), ..Fault::default() };
    let chime = LocalChime::sample();
    chime.set_faults(Faults { faults: vec![once], ..Faults::default() })?;

    let credentials = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let config = Config::new(credentials).without_pauses();
    let client = Client::with_http_service(config, chime)?;
    client.chime().list_accounts(ListAccountsRequest::new()).await?;
    Ok(())
}

/// Makes the call and returns its spans, in the order in which they ended.
async fn exported_spans() -> Result<Vec<SpanData>, Box<dyn std::error::Error>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    call().with_subscriber(subscriber(&provider)).await?;
    provider.force_flush()?;
    Ok(exporter.get_finished_spans()?)
}

/// The value of an attribute as text.
fn attribute(span: &SpanData, name: &str) -> Option<String> {
    let attribute = span.attributes.iter().find(|attribute| attribute.key.as_str() == name)?;
    Some(attribute.value.to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    for span in exported_spans().await? {
        let status = attribute(&span, "http.response.status_code").unwrap_or_default();
        println!("{} {status}", span.name);
    }
    Ok(())
}

#[test]
fn it_runs() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let spans = runtime.block_on(exported_spans()).unwrap();
    let [first, second, call] = &spans[..] else { panic!("three spans: {spans:?}") };
    assert_eq!(call.name, "chime.call");
    assert_eq!(attribute(call, "rpc.method").as_deref(), Some("ListAccounts"));
    for attempt in [first, second] {
        assert_eq!(attempt.name, "chime.attempt");
        assert_eq!(attempt.parent_span_id, call.span_context.span_id());
    }
    let name = attribute(first, "error.type");
    assert_eq!(name.as_deref(), Some("ServiceUnavailableException"));
    assert_eq!(attribute(second, "http.response.status_code").as_deref(), Some("200"));
    assert_eq!(attribute(second, "http.request.resend_count").as_deref(), Some("1"));
}
