//! Pools of Kinesis video streams, which stream pipelines write to.

use chime_model::ServiceError;
use chime_model::media_pipelines::*;

use crate::engine::dispatch::handlers;
use crate::engine::errors::{Result, bad_request, not_found};
use crate::engine::home::Home;
use crate::engine::paging::List;
use crate::pipelines::call::conflict;
use crate::pipelines::lifecycle::PAGE;
use crate::pipelines::record::{POOL, PoolRecord};
use crate::pipelines::tags::new_tags;
use crate::pipelines::{Call, Pipelines};

handlers! {
    Pipelines:
        create_media_pipeline_kinesis_video_stream_pool,
        get_media_pipeline_kinesis_video_stream_pool,
        update_media_pipeline_kinesis_video_stream_pool,
        delete_media_pipeline_kinesis_video_stream_pool,
        list_media_pipeline_kinesis_video_stream_pools
}

/// How many streams a pool has once it was created.
const SIZE: i32 = 40;
const KIND: &str = "pool";

impl PoolRecord {
    pub(super) fn arn(&self, home: &Home) -> String {
        home.arn(&format!("{POOL}{}", self.name))
    }

    fn shown(&self, home: &Home) -> KinesisVideoStreamPoolConfiguration {
        let is_new = self.status == KinesisVideoStreamPoolStatus::Creating;
        KinesisVideoStreamPoolConfiguration::default()
            .created_timestamp(self.created)
            .pool_arn(self.arn(home))
            .pool_id(&self.id)
            .pool_name(&self.name)
            .set_pool_size((!is_new).then_some(SIZE))
            .pool_status(self.status.clone())
            .stream_configuration(self.streams.clone())
            .updated_timestamp(self.updated)
    }
}

impl Call<'_> {
    /// The pool of that name or ARN.
    pub(super) fn pool(&self, identifier: &str) -> Result<(PoolName, &PoolRecord)> {
        let name = self.home.name(POOL, identifier).map(PoolName::from);
        let row = name.and_then(|name| self.region()?.pools.get(&name));
        row.map(|row| (row.name.clone(), &row.value)).ok_or_else(|| unknown(identifier))
    }

    /// Brings a pool that is active into another status.
    fn change_pool(
        &mut self,
        identifier: &ResourceIdentifier,
        status: KinesisVideoStreamPoolStatus,
    ) -> Result<&mut PoolRecord> {
        let (name, pool) = self.pool(identifier.as_str())?;
        if pool.status != KinesisVideoStreamPoolStatus::Active {
            return Err(conflict("The pool is not ACTIVE"));
        }
        let now = self.at.now;
        let pool = self.region_mut().pools.get_mut(&name);
        let pool = pool.ok_or_else(|| unknown(identifier.as_str()))?;
        pool.status = status;
        pool.updated = now;
        Ok(pool)
    }
}

fn unknown(identifier: &str) -> ServiceError {
    not_found(&format!("Kinesis video stream pool <{identifier}>"))
}

fn create_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: CreateMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<CreateMediaPipelineKinesisVideoStreamPoolResponse> {
    let respond = |pool: &PoolRecord, home: &Home| {
        let response = CreateMediaPipelineKinesisVideoStreamPoolResponse::default();
        Ok(response.kinesis_video_stream_pool_configuration(pool.shown(home)))
    };
    let tags = new_tags(request.tags)?;
    if !call.rules.meetings.is_media_region(&request.stream_configuration.region) {
        return Err(bad_request("StreamConfiguration.Region: is not a media region"));
    }
    let (name, token) = (request.pool_name, request.client_request_token);
    if let Some(first) = call.made_with(KIND, token.as_ref())
        && let Ok((_, first)) = call.pool(first)
    {
        return respond(first, &call.home);
    }
    if call.pool(name.as_str()).is_ok() {
        return Err(conflict("A pool has that name"));
    }
    let pool = PoolRecord {
        name: name.clone(),
        id: format!("ChimeMediaPipelines-{name}-{}", call.at.ids.guid()).into(),
        streams: request.stream_configuration,
        status: KinesisVideoStreamPoolStatus::Creating,
        created: call.at.now,
        updated: call.at.now,
        tags,
    };
    call.remember(KIND, token, name.as_str().to_owned());
    call.region_mut().pools.insert(name, pool.clone());
    respond(&pool, &call.home)
}

fn get_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: GetMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<GetMediaPipelineKinesisVideoStreamPoolResponse> {
    let (_, pool) = call.pool(request.identifier.as_str())?;
    let response = GetMediaPipelineKinesisVideoStreamPoolResponse::default();
    Ok(response.kinesis_video_stream_pool_configuration(pool.shown(&call.home)))
}

fn update_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: UpdateMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<UpdateMediaPipelineKinesisVideoStreamPoolResponse> {
    let pool = call.change_pool(&request.identifier, KinesisVideoStreamPoolStatus::Updating)?;
    let hours = request.stream_configuration.and_then(|it| it.data_retention_in_hours);
    pool.streams.data_retention_in_hours = hours.or(pool.streams.data_retention_in_hours);
    let pool = pool.clone();
    let response = UpdateMediaPipelineKinesisVideoStreamPoolResponse::default();
    Ok(response.kinesis_video_stream_pool_configuration(pool.shown(&call.home)))
}

fn delete_media_pipeline_kinesis_video_stream_pool(
    call: &mut Call<'_>,
    request: DeleteMediaPipelineKinesisVideoStreamPoolRequest,
) -> Result<()> {
    call.change_pool(&request.identifier, KinesisVideoStreamPoolStatus::Deleting)?;
    Ok(())
}

fn list_media_pipeline_kinesis_video_stream_pools(
    call: &mut Call<'_>,
    request: ListMediaPipelineKinesisVideoStreamPoolsRequest,
) -> Result<ListMediaPipelineKinesisVideoStreamPoolsResponse> {
    let list = List::open(&call.list_owner(), &request, PAGE)?;
    let rows = call.region().into_iter().flat_map(|region| region.pools.after(list.after()));
    Ok(list.page(rows, |row| {
        let summary = KinesisVideoStreamPoolSummary::default().pool_arn(row.arn(&call.home));
        summary.pool_id(&row.id).pool_name(&row.name)
    }))
}
