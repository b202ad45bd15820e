//! What the creation of all kinds of pipelines has in common.

use chime_model::media_pipelines::*;
use chime_model::meetings::MeetingId;
use chime_model::{SensitiveString, ServiceError};

use crate::engine::errors::{Result, bad_request, forbidden, limit_exceeded};
use crate::meetings::events::EventSource;
use crate::meetings::record::MeetingRow;
use crate::pipelines::Call;
use crate::pipelines::record::{PipelineRecord, Work};
use crate::pipelines::tags::new_tags;

/// How many insights pipelines can be at work in a control region.
const MOST_INSIGHTS: usize = 20;
/// How many attendees can be selected by their ids.
const MOST_SELECTED: usize = 25;

/// Creates a pipeline, or finds the one of that kind that was created with the same token.
pub(super) fn create(
    call: &mut Call<'_>,
    kind: &str,
    token: Option<SensitiveString>,
    tags: Option<Vec<Tag>>,
    draft: impl FnOnce(&Call<'_>) -> Result<(Work, Option<EventSource>)>,
) -> Result<MediaPipeline> {
    let tags = new_tags(tags)?;
    let first = call.made_with(kind, token.as_ref()).map(MediaPipelineId::from);
    if let Some(id) = first
        && let Ok(row) = call.pipeline(&id)
    {
        return Ok(row.shown(&call.home));
    }
    let (work, meeting) = draft(call)?;
    check_quota(call, work.is_insights())?;
    let id = MediaPipelineId::from(call.at.ids.guid());
    let record = PipelineRecord::new(id.clone(), work, meeting, tags, call.at.now);
    let shown = record.shown(&call.home);
    call.region_mut().pipelines.insert(id.clone(), record);
    call.remember(kind, token, id.into());
    Ok(shown)
}

/// Checks that one more pipeline can be at work.
fn check_quota(call: &Call<'_>, insights: bool) -> Result<()> {
    let all = call.region().into_iter().flat_map(|region| region.pipelines.values());
    let active = all.filter(|it| it.is_active() && it.work.is_insights() == insights).count();
    let documented = || call.rules.pipelines.most_active(&call.home.region);
    if active >= if insights { MOST_INSIGHTS } else { documented() } {
        return Err(limit_exceeded("The AWS account has as many active pipelines as it can have"));
    }
    Ok(())
}

/// Why an ARN names no meeting to take.
pub(super) enum NoMeeting {
    /// It belongs to another AWS account.
    Foreign,
    Unknown,
}

impl From<NoMeeting> for ServiceError {
    fn from(_: NoMeeting) -> Self {
        forbidden("Resource ownership mismatch")
    }
}

/// The meeting that an ARN names, in one of the two forms in use: `…:chime::ACCOUNT:meeting:ID` and
/// `…:chime:REGION:ACCOUNT:meeting/ID`.
pub(super) fn meeting_of(account: &str, arn: &MeetingArn) -> Result<MeetingId, NoMeeting> {
    let parts: Vec<&str> = arn.as_str().splitn(6, ':').collect();
    let ["arn", _, "chime", _, owner, resource] = parts[..] else {
        return Err(NoMeeting::Unknown);
    };
    if owner != account {
        return Err(NoMeeting::Foreign);
    }
    let id = resource.strip_prefix("meeting").and_then(|rest| rest.strip_prefix([':', '/']));
    id.map(MeetingId::from).ok_or(NoMeeting::Unknown)
}

impl Call<'_> {
    /// The meeting that an ARN names, in whatever region of the caller's account.
    pub(super) fn source(&self, arn: &MeetingArn) -> Result<(MeetingId, &MeetingRow), NoMeeting> {
        let account = &self.home.account;
        let id = meeting_of(account, arn)?;
        let row = self.meetings.of_account(account, &id).ok_or(NoMeeting::Unknown)?;
        Ok((id, row))
    }

    /// Checks that a meeting has no pipeline of that kind.
    pub(super) fn check_alone(
        &self,
        kind: &str,
        meeting: &MeetingId,
        arn: &MeetingArn,
    ) -> Result<()> {
        let is_taken = |it: &PipelineRecord| {
            let source = it.meeting.as_ref().map(|source| &source.meeting_id);
            it.is_active() && it.work.kind() == kind && source == Some(meeting)
        };
        let mut regions = self.pipelines.regions.rows().map(|(_, row)| &row.below);
        if regions.any(|region| region.pipelines.values().any(is_taken)) {
            let arn = arn.as_str();
            return Err(limit_exceeded(format!(
                "Cannot create new media {kind} pipeline for source type 'ChimeSdkMeeting' and \
                 source arn '{arn}'. Limit reached"
            )));
        }
        Ok(())
    }

    /// Checks that the service can write to the bucket of an S3 ARN.
    pub(super) fn check_bucket(&self, arn: &SensitiveString) -> Result<()> {
        let (bucket, _) = bucket(arn.expose());
        if self.rules.pipelines.forbidden_buckets.iter().any(|forbidden| forbidden == bucket) {
            let message = format!("Insufficient permission to access S3 bucket: {bucket}");
            return Err(forbidden(message));
        }
        Ok(())
    }
}

/// The bucket of an S3 ARN, and the prefix behind it.
pub(super) fn bucket(arn: &str) -> (&str, &str) {
    let path = arn.rsplit_once(":::").map_or(arn, |(_, path)| path);
    path.split_once('/').unwrap_or((path, ""))
}

/// Checks what is taken of a meeting: whom, and that there is a layout where one is needed.
pub(super) fn check_configuration(
    selected: Option<&SourceConfiguration>,
    needs_layout: bool,
    layout: Option<&CompositedVideoArtifactsConfiguration>,
) -> Result<()> {
    let streams = selected.and_then(|source| source.selected_video_streams.as_ref());
    let count = |streams: &SelectedVideoStreams| {
        streams.attendee_ids.as_ref().map_or(0, Vec::len)
            + streams.external_user_ids.as_ref().map_or(0, Vec::len)
    };
    if streams.map_or(0, count) > MOST_SELECTED {
        return Err(bad_request("SelectedVideoStreams: must have 25 ids or less in all"));
    }
    if needs_layout && layout.is_none() {
        return Err(bad_request("CompositedVideo: is required with AudioWithCompositedVideo"));
    }
    Ok(())
}
