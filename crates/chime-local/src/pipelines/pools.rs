//! Pools of Kinesis video streams, which stream pipelines write to.

use chime_model::ServiceError;
use chime_model::events::StreamPoolEventType as Event;
use chime_model::media_pipelines::KinesisVideoStreamPoolStatus as Status;
use chime_model::media_pipelines::*;
use time::{Duration, OffsetDateTime};

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, conflict, not_found};
use crate::engine::home::Home;
use crate::engine::ids::Ids;
use crate::engine::tags::{self, by_key};
use crate::pipelines::documents::SdkPool;
use crate::pipelines::record::{POOL, PipelineRecord};
use crate::pipelines::rules::PipelineRules;
use crate::pipelines::{Call, Pipelines, RegionTables, Service};

handlers! {
    Pipelines:
        create_media_pipeline_kinesis_video_stream_pool,
        get_media_pipeline_kinesis_video_stream_pool,
        update_media_pipeline_kinesis_video_stream_pool,
        delete_media_pipeline_kinesis_video_stream_pool,
        list_media_pipeline_kinesis_video_stream_pools
}

/// How many streams a pool has once it has been created.
const SIZE: i32 = 40;

impl SdkPool {
    pub(super) fn arn(&self, home: &Home) -> String {
        home.arn(&format!("{POOL}{}", self.pool_name))
    }

    /// Sets the unset members to their defaults.
    pub(super) fn complete(mut self, home: &Home, ids: &mut Ids, now: OffsetDateTime) -> Self {
        let id = || format!("ChimeMediaPipelines-{}-{}", self.pool_name, ids.guid()).into();
        self.pool_id.get_or_insert_with(id);
        self.region.get_or_insert_with(|| home.region.clone());
        self.pool_status.get_or_insert(Status::Active);
        let created = *self.created_timestamp.get_or_insert(now);
        self.updated_timestamp.get_or_insert(created);
        self.tags = by_key(self.tags);
        self
    }

    fn id(&self) -> &str {
        self.pool_id.as_ref().map_or("", |id| id.as_str())
    }

    pub(super) fn region(&self) -> &str {
        self.region.as_deref().unwrap_or_default()
    }

    pub(super) fn set_status(&mut self, status: Status, now: OffsetDateTime) {
        self.pool_status = Some(status);
        self.updated_timestamp = Some(now);
    }

    /// Returns when the status changes. A pool is deleted once no active pipeline uses it.
    pub(super) fn due(
        &self,
        region: &RegionTables,
        home: &Home,
        rules: &PipelineRules,
    ) -> Option<OffsetDateTime> {
        let wait = Duration::seconds(rules.pool_seconds.into());
        let due = self.updated_timestamp?.saturating_add(wait);
        match self.pool_status.as_ref()? {
            Status::Creating | Status::Updating => Some(due),
            Status::Deleting => {
                let arn = self.arn(home);
                let uses = |record: &&PipelineRecord| {
                    record.work.pools().iter().any(|sink| sink.sink_arn.expose() == arn)
                };
                // The unfinished come first, because an active user decides alone.
                let mut users = region.unfinished().chain(region.pipelines.values()).filter(uses);
                users
                    .try_fold(due, |due, user| (!user.is_active()).then(|| due.max(user.updated())))
            }
            _ => None,
        }
    }

    /// Returns the pool as responses show it.
    pub(super) fn shown(&self, home: &Home) -> KinesisVideoStreamPoolConfiguration {
        let is_new = self.pool_status == Some(Status::Creating);
        let streams = KinesisVideoStreamConfiguration::new(self.region())
            .set_data_retention_in_hours(self.data_retention_in_hours);
        KinesisVideoStreamPoolConfiguration::default()
            .set_created_timestamp(self.created_timestamp)
            .pool_arn(self.arn(home))
            .set_pool_id(self.pool_id.clone())
            .pool_name(&self.pool_name)
            .set_pool_size((!is_new).then_some(SIZE))
            .set_pool_status(self.pool_status.clone())
            .stream_configuration(streams)
            .set_updated_timestamp(self.updated_timestamp)
    }
}

impl RegionTables {
    /// Finds the pool of a sink, which has its ARN.
    pub(super) fn pool_of(&self, home: &Home, sink: &MediaStreamSink) -> Result<&SdkPool> {
        let arn = sink.sink_arn.expose();
        let name = home.name_in(arn, POOL).unwrap_or_default();
        let found = self.pools.get(&name.into());
        found.map(|row| &row.value).ok_or_else(|| unknown(arn))
    }
}

impl Call<'_> {
    /// Finds a pool by name or ARN, or else by id. The ARN has the name.
    fn pool(&self, identifier: &str) -> Result<&SdkPool> {
        let name = self.home.name(identifier, POOL).unwrap_or_default();
        let named = self.region().pools.get(&name.into());
        named.map_or_else(|| self.pool_with(identifier), |row| Ok(&row.value))
    }

    /// Finds a pool by id. A name can equal the id of another one.
    fn pool_with(&self, id: &str) -> Result<&SdkPool> {
        let found = self.region().pools.values().find(|pool| pool.id() == id);
        found.ok_or_else(|| unknown(id))
    }

    /// Sets the status of an active pool. A pool that has failed can only be deleted.
    fn change_pool(
        &mut self,
        identifier: &ResourceIdentifier,
        status: Status,
    ) -> Result<&mut SdkPool> {
        let (name, now) = (self.pool(identifier.as_str())?.pool_name.clone(), self.now());
        let pool = self.region_mut().pools.get_mut(&name);
        let pool = pool.ok_or_else(|| unknown(identifier.as_str()))?;
        match pool.pool_status {
            Some(Status::Active) => {}
            Some(Status::Failed) if status == Status::Deleting => {}
            _ => return Err(conflict("The pool is not ACTIVE")),
        }
        pool.set_status(status, now);
        Ok(pool)
    }
}

impl Service<'_> {
    /// Sets the next status of a pool, or removes it.
    pub(super) fn act_on_pool(&mut self, home: &Home, name: &PoolName) {
        let at = &mut self.meetings.at;
        let pools = &mut self.pipelines.region_mut(home).pools;
        let Some(pool) = pools.get_mut(name) else { return };
        let event = match pool.pool_status {
            Some(Status::Creating) => Event::Active,
            Some(Status::Updating) => Event::Updated,
            _ => Event::Deleted,
        };
        at.events.push(pool.effect(home, event.clone(), at.now));
        if event == Event::Deleted {
            pools.remove(name);
        } else {
            pool.set_status(Status::Active, at.now);
        }
    }
}

fn unknown(identifier: &str) -> ServiceError {
    not_found(&format!("Kinesis video stream pool <{identifier}>"))
}

fn create_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: CreateMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<CreateMediaPipelineKinesisVideoStreamPoolResponse> {
    let tags = tags::new(request.tags.unwrap_or_default())?;
    let streams = request.stream_configuration;
    if !call.service.meetings.rules.is_media_region(&streams.region) {
        return Err(bad_request("StreamConfiguration.Region: must be a media region"));
    }
    let find = |call: &Call<'_>, id: &str| Ok(call.pool_with(id)?.shown(&call.home));
    let shown = call.once("pool", request.client_request_token, find, |call| {
        let name = request.pool_name;
        if call.region().pools.contains(&name) {
            return Err(conflict("A pool has that name"));
        }
        let pool = SdkPool {
            region: Some(streams.region),
            data_retention_in_hours: streams.data_retention_in_hours,
            pool_status: Some(Status::Creating),
            tags,
            ..SdkPool::new(&name)
        };
        let at = &mut call.service.meetings.at;
        let pool = pool.complete(&call.home, at.ids, at.now);
        let id = pool.id().to_owned();
        call.region_mut().pools.insert(name, pool);
        Ok(id)
    })?;
    let response = CreateMediaPipelineKinesisVideoStreamPoolResponse::default();
    Ok(response.kinesis_video_stream_pool_configuration(shown))
}

fn get_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: GetMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<GetMediaPipelineKinesisVideoStreamPoolResponse> {
    let shown = call.pool(request.identifier.as_str())?.shown(&call.home);
    let response = GetMediaPipelineKinesisVideoStreamPoolResponse::default();
    Ok(response.kinesis_video_stream_pool_configuration(shown))
}

fn update_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: UpdateMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<UpdateMediaPipelineKinesisVideoStreamPoolResponse> {
    let pool = call.change_pool(&request.identifier, Status::Updating)?;
    let hours = request.stream_configuration.and_then(|it| it.data_retention_in_hours);
    pool.data_retention_in_hours = hours.or(pool.data_retention_in_hours);
    let pool = pool.clone();
    let response = UpdateMediaPipelineKinesisVideoStreamPoolResponse::default();
    Ok(response.kinesis_video_stream_pool_configuration(pool.shown(&call.home)))
}

fn delete_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: DeleteMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<()> {
    call.change_pool(&request.identifier, Status::Deleting)?;
    Ok(())
}

fn list_media_pipeline_kinesis_video_stream_pools(
    call: &mut Call<'_>,
    request: ListMediaPipelineKinesisVideoStreamPoolsRequest,
) -> Result<ListMediaPipelineKinesisVideoStreamPoolsResponse> {
    let list = call.list(&request)?;
    Ok(list.page(call.region().pools.after(list.after()), |row| {
        let summary = KinesisVideoStreamPoolSummary::default().pool_arn(row.arn(&call.home));
        summary.set_pool_id(row.pool_id.clone()).pool_name(&row.pool_name)
    }))
}
