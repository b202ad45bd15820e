//! The Kinesis video streams of stream pipelines: one for mixed audio, and one for the audio of each
//! connected attendee.

use chime_model::events::MediaPipelineEventType as Kind;
use chime_model::media_pipelines::*;
use time::OffsetDateTime;

use crate::engine::dispatch::Moment;
use crate::engine::home::{Home, partition};
use crate::meetings::Meetings;
use crate::pipelines::documents::SdkKinesisVideoStream;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::{Pipelines, RegionTables};

/// The attendee and user whose audio a stream has; `None` for mixed audio.
type Speaker = Option<(AttendeeId, ExternalUserId)>;

impl SdkKinesisVideoStream {
    /// Makes a stream whose audio does not flow yet.
    fn of(speaker: &Speaker, arn_start: &str, at: &mut Moment<'_>) -> Self {
        let (attendee_id, external_user_id) = speaker.clone().unzip();
        let millis = at.now.unix_timestamp_nanos() / 1_000_000;
        let arn = format!("{arn_start}-{}/{millis}", at.ids.digits(8));
        Self { attendee_id, external_user_id, ended: true, ..Self::new(arn, "", at.now) }
    }

    fn is_of(&self, speaker: &Speaker) -> bool {
        self.attendee_id.as_ref() == speaker.as_ref().map(|(id, _)| id)
    }
}

impl PipelineRecord {
    /// Sends the event of a stream that has started or ended.
    fn tell_of_stream(&self, home: &Home, stream: &SdkKinesisVideoStream, at: &mut Moment<'_>) {
        let kind = match stream.ended {
            false => Kind::MediaPipelineKinesisVideoStreamStart,
            true => Kind::MediaPipelineKinesisVideoStreamEnd,
        };
        let Some(event) = self.event(kind, at.now) else { return };
        let event = event
            .set_version(None)
            .attendee_id(stream.attendee_id.clone().unwrap_or_else(|| "".into()))
            .external_user_id(stream.external_user_id.clone().unwrap_or_else(|| "".into()))
            .kinesis_video_stream_arn(&stream.stream_arn)
            .start_fragment_number(&stream.start_fragment_number)
            .start_time(stream.start_time);
        at.events.extend(self.effect_in_meeting(home, event, at.now));
    }

    /// Lets the audio of the streams that match flow, or ends it. Returns `None` if this changes none.
    pub(super) fn set_flow(
        &mut self,
        home: &Home,
        matches: impl Fn(&SdkKinesisVideoStream) -> bool,
        flows: bool,
        at: &mut Moment<'_>,
    ) -> Option<()> {
        let mut changed = Vec::new();
        for stream in self.state.streams.iter_mut().filter(|it| matches(it) && it.ended == flows) {
            stream.ended = !flows;
            if flows {
                stream.start_fragment_number = format!("9134385{}", at.ids.digits(40));
                stream.start_time = at.now;
            }
            changed.push(stream.clone());
        }
        for stream in &changed {
            self.tell_of_stream(home, stream, at);
        }
        (!changed.is_empty()).then_some(())
    }

    /// Ends and removes all streams.
    pub(super) fn end_streams(&mut self, home: &Home, at: &mut Moment<'_>) {
        self.set_flow(home, |_| true, false, at);
        self.state.streams.clear();
    }

    /// Lets the live streams of an insights pipeline send fragments, or stops them. Returns `None` if
    /// there are none, or if they are in that state already.
    pub(super) fn set_fragments(&mut self, flow: bool, now: OffsetDateTime) -> Option<()> {
        let Work::Insights(work) = &self.work else { return None };
        work.kinesis_video_stream_source_runtime_configuration.as_ref()?;
        if self.state.no_fragments_since.is_none() == flow {
            return None;
        }
        self.state.no_fragments_since = (!flow).then_some(now);
        Some(())
    }
}

impl RegionTables {
    /// Returns the start of the ARNs of the streams in the pool of a sink, and the most streams of the
    /// sink, if the pipeline has a sink of that type.
    fn sink(
        &self,
        home: &Home,
        record: &PipelineRecord,
        kind: MediaStreamType,
    ) -> Option<(String, usize)> {
        let sink = record.work.pools().iter().find(|sink| sink.media_stream_type == kind)?;
        let pool = self.pool_of(home, sink).ok()?;
        let (region, account) = (pool.region(), &home.account);
        let (partition, id) = (partition(region), pool.pool_id.as_ref()?);
        let arn_start = format!("arn:{partition}:kinesisvideo:{region}:{account}:stream/{id}");
        Some((arn_start, usize::try_from(sink.reserved_stream_capacity).ok()?))
    }
}

impl Pipelines {
    /// Starts the streams of attendees who have joined, and ends those of attendees who have left, if the
    /// pipeline is in progress. A stream that a verb has ended stays so. Attendees above the capacity of
    /// the sink have no stream until others leave.
    pub(super) fn follow(
        &mut self,
        home: &Home,
        id: &MediaPipelineId,
        meetings: &Meetings,
        at: &mut Moment<'_>,
    ) -> Option<()> {
        let region = self.region(home);
        let record =
            self.get(home, id).filter(|it| it.status == MediaPipelineStatus::InProgress)?;
        let (mut wanted, mut capacity) = (Vec::new(), 0);
        if let Some((arn, _)) = region.sink(home, record, MediaStreamType::MixedAudio) {
            wanted.push((None, arn));
            capacity += 1;
        }
        if let Some((arn, most)) = region.sink(home, record, MediaStreamType::IndividualAudio) {
            capacity += most;
            let users = meetings.connected_users(&record.state.meeting.as_ref()?.meeting_id);
            let speakers = users.map(|(id, user)| (id.as_str().into(), user.as_str().into()));
            wanted.extend(speakers.map(|speaker| (Some(speaker), arn.clone())));
        }
        let has_left = |stream: &SdkKinesisVideoStream| {
            stream.attendee_id.is_some() && !wanted.iter().any(|(speaker, _)| stream.is_of(speaker))
        };
        self.region_mut(home).pipelines.change(id, |record| {
            record.set_flow(home, has_left, false, at);
            record.state.streams.retain(|stream| !has_left(stream));
            for (speaker, arn) in &wanted {
                let is_full = record.state.streams.len() >= capacity;
                if !is_full && !record.state.streams.iter().any(|stream| stream.is_of(speaker)) {
                    record.state.streams.push(SdkKinesisVideoStream::of(speaker, arn, at));
                    record.set_flow(home, |stream| stream.is_of(speaker), true, at);
                }
            }
        })
    }
}
