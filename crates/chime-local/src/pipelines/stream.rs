//! Stream pipelines, which write the audio of a meeting to pools of Kinesis video streams.

use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, forbidden, not_found};
use crate::pipelines::create::{NoMeeting, create};
use crate::pipelines::record::{POOL, Work};
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines: create_media_stream_pipeline
}

const KIND: &str = "stream";
/// The media regions whose meetings need a pool in the same region.
const OPT_IN: [&str; 3] = ["af-south-1", "eu-south-1", "il-central-1"];

fn create_media_stream_pipeline(
    call: &mut Call<'_>,
    request: CreateMediaStreamPipelineRequest,
) -> Result<CreateMediaStreamPipelineResponse> {
    let CreateMediaStreamPipelineRequest { sources, sinks, tags, .. } = request;
    let [source] = &sources[..] else {
        return Err(bad_request("Sources: must have one item"));
    };
    if let [one, other] = &sinks[..]
        && one.media_stream_type == other.media_stream_type
    {
        return Err(bad_request("Sinks: must have one item at most of each MediaStreamType"));
    }
    let arn = source.source_arn.clone();
    let created = create(call, KIND, request.client_request_token, tags, |call| {
        let (id, meeting) = call.source(&arn).map_err(|why| match why {
            NoMeeting::Foreign => forbidden("Resource ownership mismatch"),
            NoMeeting::Unknown => not_found("Meeting"),
        })?;
        let source = meeting.event_source(&id);
        for sink in &sinks {
            check_pool(call, sink, source.media_region.as_deref().unwrap_or_default())?;
        }
        call.check_alone(KIND, &id, &arn)?;
        let work = MediaStreamPipeline::default().sources(sources).sinks(sinks);
        Ok((Work::Stream(work), Some(source)))
    })?;
    let pipeline = created.media_stream_pipeline;
    Ok(CreateMediaStreamPipelineResponse::default().set_media_stream_pipeline(pipeline))
}

/// Checks that the audio of a meeting can go to a pool.
fn check_pool(call: &Call<'_>, sink: &MediaStreamSink, media_region: &str) -> Result<()> {
    let arn = sink.sink_arn.expose();
    let name = call.home.resource(arn).and_then(|resource| resource.strip_prefix(POOL));
    let (_, pool) = call.pool(name.unwrap_or(arn))?;
    if pool.status != KinesisVideoStreamPoolStatus::Active {
        return Err(bad_request("SinkArn: the pool is not ACTIVE"));
    }
    if OPT_IN.contains(&media_region) && pool.streams.region != media_region {
        return Err(bad_request("SinkArn: the pool must be in the media region of the meeting"));
    }
    Ok(())
}
