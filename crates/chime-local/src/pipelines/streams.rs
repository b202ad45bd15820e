//! The Kinesis video streams that a stream pipeline writes to: one for mixed audio, one for the audio
//! of each attendee who is connected.

use chime_model::events::MediaPipelineEventType as Kind;
use chime_model::media_pipelines::*;
use chime_model::meetings::MeetingId;
use chime_model::timestamp::Iso8601;
use serde::{Deserialize, Serialize};
use serde_with::As;
use time::OffsetDateTime;

use crate::engine::dispatch::Moment;
use crate::engine::events::Caused;
use crate::engine::home::{Home, partition};
use crate::engine::ids::Ids;
use crate::meetings::Meetings;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::{Pipelines, RegionTables};

/// A stream that a pipeline writes to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Stream {
    /// Whose audio it is; empty for mixed audio.
    pub(crate) attendee_id: AttendeeId,
    pub(crate) external_user_id: ExternalUserId,
    pub(crate) arn: StreamArn,
    /// The number of the first fragment.
    pub(crate) fragment: String,
    #[serde(with = "As::<Iso8601>")]
    pub(crate) started: OffsetDateTime,
    /// Whether audio flows.
    pub(crate) flows: bool,
}

/// Whose audio a stream is.
type Speaker = (AttendeeId, ExternalUserId);

fn mixed() -> Speaker {
    ("".into(), "".into())
}

/// The attendees of a meeting whose audio can be streamed.
fn speakers(meetings: &Meetings, id: &MeetingId) -> Vec<Speaker> {
    let users = meetings.connected_users(id);
    users.map(|(id, user)| (id.as_str().into(), user.as_str().into())).collect()
}

impl PipelineRecord {
    fn sink(&self, kind: MediaStreamType) -> Option<&MediaStreamSink> {
        let Work::Stream(work) = &self.work else { return None };
        work.sinks.iter().flatten().find(|sink| sink.media_stream_type == kind)
    }

    /// The event of a stream that starts or ends.
    fn stream_event(&self, kind: Kind, stream: &Stream, now: OffsetDateTime) -> Option<Caused> {
        let event = self.event(kind, now)?.set_version(None);
        let event = event
            .attendee_id(&stream.attendee_id)
            .external_user_id(&stream.external_user_id)
            .kinesis_video_stream_arn(&stream.arn)
            .start_fragment_number(stream.fragment.as_str())
            .start_time(stream.started);
        self.tell(event, now)
    }

    /// A new stream of a pool, whose streams have ARNs that start alike. Its numbers follow from the
    /// pipeline and the moment.
    fn new_stream(
        &self,
        (attendee_id, external_user_id): Speaker,
        pool: &str,
        now: OffsetDateTime,
    ) -> Stream {
        let millis = now.unix_timestamp_nanos() / 1_000_000;
        let mut ids = Ids::of(&format!("{} {attendee_id} {millis}", self.id));
        let part = ids.guid();
        let part = part.split('-').next().unwrap_or_default();
        let fragment: String = (0..4).map(|_| ids.pin().into_inner()).collect();
        Stream {
            attendee_id,
            external_user_id,
            arn: format!("{pool}-{part}/{millis}").into(),
            fragment: format!("9134385{fragment}"),
            started: now,
            flows: true,
        }
    }

    /// Starts, or starts again, the stream of a speaker. `None` if it flows already.
    fn start_stream(&mut self, speaker: Speaker, pool: &str, at: &mut Moment<'_>) -> Option<()> {
        if self.streams.iter().any(|it| it.attendee_id == speaker.0 && it.flows) {
            return None;
        }
        let stream = self.new_stream(speaker, pool, at.now);
        let event = self.stream_event(Kind::MediaPipelineKinesisVideoStreamStart, &stream, at.now);
        at.events.extend(event);
        self.streams.retain(|it| it.attendee_id != stream.attendee_id);
        self.streams.push(stream);
        Some(())
    }

    /// Ends a stream. `None` if no audio flows in it.
    fn end_stream(&mut self, attendee: &AttendeeId, at: &mut Moment<'_>) -> Option<()> {
        let is_it = |stream: &&mut Stream| stream.attendee_id == *attendee && stream.flows;
        let stream = self.streams.iter_mut().find(is_it)?;
        stream.flows = false;
        let ended = stream.clone();
        let event = self.stream_event(Kind::MediaPipelineKinesisVideoStreamEnd, &ended, at.now);
        at.events.extend(event);
        Some(())
    }

    /// Ends all streams, and forgets them.
    pub(super) fn end_streams(&mut self, at: &mut Moment<'_>) {
        let all: Vec<_> = self.streams.iter().map(|stream| stream.attendee_id.clone()).collect();
        for attendee in all {
            self.end_stream(&attendee, at);
        }
        self.streams.clear();
    }

    /// Starts the streams of those who have joined, and ends those of who has left. What a control
    /// verb ended stays so.
    fn follow(
        &mut self,
        mixed_pool: Option<String>,
        own_pool: Option<String>,
        speakers: Vec<Speaker>,
        at: &mut Moment<'_>,
    ) {
        let is_new =
            |streams: &[Stream], id: &AttendeeId| !streams.iter().any(|it| it.attendee_id == *id);
        let gone = |stream: &Stream| {
            !stream.attendee_id.as_str().is_empty()
                && !speakers.iter().any(|(id, _)| *id == stream.attendee_id)
        };
        let left: Vec<_> =
            self.streams.iter().filter(|it| gone(it)).map(|it| it.attendee_id.clone()).collect();
        for attendee in left {
            self.end_stream(&attendee, at);
            self.streams.retain(|stream| stream.attendee_id != attendee);
        }
        let mixed = mixed_pool.map(|pool| (mixed(), pool));
        let own = speakers.into_iter().filter_map(|speaker| Some((speaker, own_pool.clone()?)));
        for (speaker, pool) in mixed.into_iter().chain(own) {
            if is_new(&self.streams, &speaker.0) {
                self.start_stream(speaker, &pool, at);
            }
        }
    }
}

impl RegionTables {
    /// What the ARNs of the streams start with that a sink of a pipeline has.
    fn pool_of(
        &self,
        home: &Home,
        record: &PipelineRecord,
        kind: MediaStreamType,
    ) -> Option<String> {
        let sink = record.sink(kind)?.sink_arn.expose();
        let pool = self.pools.values().find(|pool| pool.arn(home) == sink)?;
        let (region, account) = (&pool.streams.region, &home.account);
        let partition = partition(region);
        Some(format!("arn:{partition}:kinesisvideo:{region}:{account}:stream/{}", pool.id))
    }
}

impl Pipelines {
    /// Brings the streams of all pipelines in line with who is connected to their meetings.
    pub(crate) fn follow(&mut self, meetings: &Meetings, at: &mut Moment<'_>) {
        let streams = |record: &PipelineRecord| {
            matches!(record.work, Work::Stream(_))
                && record.status == MediaPipelineStatus::InProgress
        };
        let homes: Vec<_> = self.regions.ids().cloned().collect();
        for home in homes {
            let Some(region) = self.region(&home) else { continue };
            let all = region.pipelines.values().filter(|record| streams(record));
            for id in all.map(|record| record.id.clone()).collect::<Vec<_>>() {
                self.follow_one(&home, &id, meetings, at);
            }
        }
    }

    /// The same for one pipeline.
    pub(super) fn follow_one(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        meetings: &Meetings,
        at: &mut Moment<'_>,
    ) -> Option<()> {
        let region = self.region(home)?;
        let record = region.pipelines.get(id)?;
        let mixed = region.pool_of(home, record, MediaStreamType::MixedAudio);
        let own = region.pool_of(home, record, MediaStreamType::IndividualAudio);
        let speakers = match own {
            Some(_) => speakers(meetings, &record.meeting.as_ref()?.meeting_id),
            None => Vec::new(),
        };
        self.record_mut(home, id)?.follow(mixed, own, speakers, at);
        Some(())
    }

    /// Starts or ends the stream of an attendee, or that of mixed audio: what no call can do. `None`
    /// if it is in that state already, or there is no such stream.
    pub(super) fn set_stream(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        attendee: Option<&str>,
        flows: bool,
        at: &mut Moment<'_>,
    ) -> Option<()> {
        let attendee = AttendeeId::from(attendee.unwrap_or_default());
        let region = self.region(home)?;
        let record = region.pipelines.get(id)?;
        let known = record.streams.iter().find(|stream| stream.attendee_id == attendee)?;
        let kind = match attendee.as_str() {
            "" => MediaStreamType::MixedAudio,
            _ => MediaStreamType::IndividualAudio,
        };
        let speaker = (attendee.clone(), known.external_user_id.clone());
        let pool = region.pool_of(home, record, kind)?;
        let record = self.record_mut(home, id)?;
        if flows {
            record.start_stream(speaker, &pool, at)
        } else {
            record.end_stream(&attendee, at)
        }
    }
}
