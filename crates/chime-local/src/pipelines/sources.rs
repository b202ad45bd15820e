//! The sources, sinks and limits of new pipelines.

use chime_model::media_pipelines::*;
use chime_model::meetings::MeetingId;
use time::OffsetDateTime;

use crate::engine::errors::{
    Result, bad_request, forbidden, require_below_limit, resource_limit_exceeded,
};
use crate::engine::home::Home;
use crate::meetings::record::MeetingRecord;
use crate::meetings::{Meetings, no_meeting};
use crate::pipelines::documents::{SdkInsightsConfiguration, SdkPipelineMeeting};
use crate::pipelines::record::{KEPT, PipelineRecord, Work};
use crate::pipelines::{Call, Pipelines, Service};

/// How many insights pipelines of a control region can be active.
const MAX_INSIGHTS: usize = 20;
/// The media regions whose meetings need a pool in the same region.
const OPT_IN: [&str; 3] = ["af-south-1", "eu-south-1", "il-central-1"];

impl Pipelines {
    /// Finds the active meeting that a pipeline takes part in, in any region of its account; for a
    /// concatenation, the meeting of its capture pipeline. The capture pipeline must be at most 30 days
    /// older.
    pub(super) fn meeting_of(
        &self,
        home: &Home,
        work: &Work,
        created: OffsetDateTime,
        meetings: &Meetings,
    ) -> Result<SdkPipelineMeeting> {
        if let Some(arn) = work.source() {
            let foreign = || forbidden("Resource ownership mismatch");
            let id = meeting_id(&home.account, arn).ok_or_else(foreign)?;
            let meeting = meetings.of_account(&home.account, &id).ok_or_else(|| match work {
                Work::Stream(_) => no_meeting(&id),
                _ => foreign(),
            });
            return Ok(SdkPipelineMeeting::of(meeting?));
        }
        let is_new = |capture: &&PipelineRecord| created - capture.created <= KEPT;
        let capture = self.capture_of(home, work).filter(is_new);
        let meeting = capture.and_then(|capture| capture.state.meeting.clone());
        let missing = || bad_request("Sources: must be a capture pipeline of the last 30 days");
        Ok(SdkPipelineMeeting { attendee_id: None, ..meeting.ok_or_else(missing)? })
    }
}

impl Call<'_> {
    /// Checks the source and the sinks of a new pipeline, and returns its meeting.
    pub(super) fn check_source(&self, work: &mut Work) -> Result<Option<SdkPipelineMeeting>> {
        let Service { pipelines, meetings, .. } = &self.service;
        let meeting = match work {
            Work::Insights(work) => {
                let configuration = self.region().configuration_of(&self.home, work)?;
                work.element_statuses = Some(element_statuses(configuration));
                None
            }
            _ => Some(pipelines.meeting_of(&self.home, work, self.now(), meetings.meetings)?),
        };
        if let Some((member, arn)) = work.bucket() {
            self.check_bucket(member, arn.expose())?;
        }
        for sink in work.pools() {
            self.check_pool(sink, meeting.as_ref().and_then(|it| it.media_region.as_deref()))?;
        }
        Ok(meeting)
    }

    /// Checks that the audio of a meeting can go to the pool of a sink.
    fn check_pool(&self, sink: &MediaStreamSink, media_region: Option<&str>) -> Result<()> {
        let pool = self.region().pool_of(&self.home, sink)?;
        if pool.pool_status != Some(KinesisVideoStreamPoolStatus::Active) {
            return Err(bad_request("SinkArn: the pool must be ACTIVE"));
        }
        if media_region.is_some_and(|it| OPT_IN.contains(&it) && pool.region() != it) {
            return Err(bad_request(
                "SinkArn: the pool must be in the media region of the meeting",
            ));
        }
        Ok(())
    }

    /// Checks that the ARN in a member is that of a bucket which the service can write to.
    fn check_bucket(&self, member: &str, arn: &str) -> Result<()> {
        let wrong = || bad_request(format!("{member}: must be the ARN of an S3 bucket"));
        let (bucket, _) = bucket(arn).ok_or_else(wrong)?;
        if self.service.rules.forbidden_buckets.iter().any(|forbidden| forbidden == bucket) {
            let message = format!("Insufficient permission to access S3 bucket: {bucket}");
            return Err(forbidden(message));
        }
        Ok(())
    }

    /// Checks that the meeting has no other pipeline of the same kind, and that the account and region
    /// can have another one.
    pub(super) fn check_limits(
        &self,
        work: &Work,
        meeting: Option<&SdkPipelineMeeting>,
    ) -> Result<()> {
        let kind = work.kind();
        if let (Some(arn), Some(meeting)) = (work.source(), meeting) {
            let is_same = |it: &PipelineRecord| {
                it.is_active() && it.work.kind() == kind && it.is_in(&meeting.meeting_id)
            };
            if self.service.pipelines.unfinished().any(|(_, record)| is_same(record)) {
                return Err(resource_limit_exceeded(format!(
                    "Cannot create new media {kind} pipeline for source type 'ChimeSdkMeeting' and \
                     source arn '{}'. Limit reached",
                    arn.as_str()
                )));
            }
        }
        let is_insights = |work: &Work| matches!(work, Work::Insights(_));
        let is_counted =
            |it: &&PipelineRecord| it.is_active() && is_insights(&it.work) == is_insights(work);
        let active = self.region().unfinished().filter(is_counted).count();
        let limit = match is_insights(work) {
            true => MAX_INSIGHTS,
            false => self.service.rules.max_active(&self.home.region),
        };
        require_below_limit(active, limit, "The AWS account", "active pipelines")
    }
}

/// Returns the id of the meeting of an ARN, unless the meeting belongs to another AWS account. Two forms
/// are in use: `…:chime::ACCOUNT:meeting:ID` and `…:chime:REGION:ACCOUNT:meeting/ID`.
pub(super) fn meeting_id(account: &str, arn: &MeetingArn) -> Option<MeetingId> {
    let parts: Vec<&str> = arn.as_str().splitn(6, ':').collect();
    let ["arn", _, "chime", _, owner, resource] = parts[..] else { return None };
    let id = resource.strip_prefix("meeting")?.strip_prefix([':', '/'])?;
    (owner == account).then(|| id.into())
}

/// Splits an S3 ARN, `arn:PARTITION:s3:::BUCKET/PREFIX`, into the bucket and the prefix.
pub(super) fn bucket(arn: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "s3", "", "", path] = parts[..] else { return None };
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    (!bucket.is_empty()).then_some((bucket, prefix))
}

/// Returns the elements of a configuration, as its pipelines show them.
pub(super) fn element_statuses(
    configuration: &SdkInsightsConfiguration,
) -> Vec<MediaInsightsPipelineElementStatus> {
    let types = configuration.elements.iter().map(|element| element.r#type.clone());
    types.map(|kind| MediaInsightsPipelineElementStatus::default().r#type(kind)).collect()
}

impl SdkPipelineMeeting {
    /// Describes a meeting as the meeting of a pipeline.
    pub(super) fn of(record: &MeetingRecord) -> Self {
        let meeting = &record.meeting;
        Self {
            control_region: Some(record.home.region.clone()),
            external_meeting_id: Some(meeting.external_meeting_id.clone()),
            media_region: Some(meeting.media_region().to_owned()),
            notifications_configuration: meeting.notifications_configuration.clone(),
            ..Self::new(&meeting.meeting_id)
        }
    }
}
