// Every operation of media pipelines, starting with the capture of a meeting server.

import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-chime-sdk-media-pipelines";
import { STS } from "@aws-sdk/client-sts";

import { chime } from "./meetings.js";
import {
  ACCOUNT, NOWHERE, REGION, Service, advance, credentials, exportSettings,
} from "./world.js";

const BUCKET = "arn:aws:s3:::recordings";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/insights`;
const DOMAIN = `arn:aws:chime:${REGION}:${ACCOUNT}:voice-profile-domain/${NOWHERE}`;
const STREAM = `arn:aws:kinesisvideo:${REGION}:${ACCOUNT}:stream/calls/1700000000000`;

const service = new Service("chime-sdk-media-pipelines", sdk);

async function capture(media, meeting) {
  exportSettings();
  const { Account } = await new STS({}).getCallerIdentity({});
  assert.equal(Account, ACCOUNT);
  const asked = {
    SourceType: "ChimeSdkMeeting",
    SourceArn: `arn:aws:chime::${Account}:meeting:${meeting.MeetingId}`,
    SinkType: "S3Bucket",
    SinkArn: BUCKET,
  };
  const { MediaCapturePipeline: made } = await media.createMediaCapturePipeline(asked);
  assert.ok(made.CreatedTimestamp instanceof Date);
  const again = () => media.createMediaCapturePipeline(asked);
  await service.refused("ResourceLimitExceededException", again);
  const { MediaPipelineId } = made;
  const found = await media.getMediaCapturePipeline({ MediaPipelineId });
  assert.deepEqual(found.MediaCapturePipeline, made);
  const { MediaCapturePipelines } = await media.listMediaCapturePipelines({});
  assert.deepEqual(MediaCapturePipelines.map((one) => one.MediaPipelineId), [MediaPipelineId]);

  const ResourceARN = made.MediaPipelineArn;
  const Tags = [{ Key: "team", Value: "core" }];
  await media.tagResource({ ResourceARN, Tags });
  assert.deepEqual((await media.listTagsForResource({ ResourceARN })).Tags, Tags);
  await media.untagResource({ ResourceARN, TagKeys: ["team"] });
  return made;
}

async function concatenate(media, { MediaPipelineArn }) {
  const [on, off] = [{ State: "Enabled" }, { State: "Disabled" }];
  const ArtifactsConfiguration = {
    Audio: on, Video: on, Content: off, DataChannel: off,
    TranscriptionMessages: off, MeetingEvents: off, CompositedVideo: off,
  };
  const ChimeSdkMeetingConfiguration = { ArtifactsConfiguration };
  const MediaCapturePipelineSourceConfiguration = { MediaPipelineArn, ChimeSdkMeetingConfiguration };
  const made = await media.createMediaConcatenationPipeline({
    Sources: [{ Type: "MediaCapturePipeline", MediaCapturePipelineSourceConfiguration }],
    Sinks: [{ Type: "S3Bucket", S3BucketSinkConfiguration: { Destination: BUCKET } }],
  });
  return made.MediaConcatenationPipeline;
}

async function connect(media, meeting) {
  const ChimeSdkMeetingLiveConnectorConfiguration = {
    Arn: meeting.MeetingArn,
    MuxType: "AudioWithActiveSpeakerVideo",
  };
  const { MediaLiveConnectorPipeline: made } = await media.createMediaLiveConnectorPipeline({
    Sources: [{ SourceType: "ChimeSdkMeeting", ChimeSdkMeetingLiveConnectorConfiguration }],
    Sinks: [{ SinkType: "RTMP", RTMPConfiguration: { Url: "rtmps://live.example/key" } }],
  });
  const { MediaPipelineId } = made;
  const { MediaPipeline } = await media.getMediaPipeline({ MediaPipelineId });
  assert.deepEqual(MediaPipeline.MediaLiveConnectorPipeline, made);
  return made;
}

async function stream(media, meeting) {
  const Identifier = "Audio";
  const asked = { PoolName: Identifier, StreamConfiguration: { Region: REGION } };
  const made = await media.createMediaPipelineKinesisVideoStreamPool(asked);
  const { PoolArn } = made.KinesisVideoStreamPoolConfiguration;
  const again = () => media.createMediaPipelineKinesisVideoStreamPool(asked);
  await service.refused("ConflictException", again);
  await advance(5);
  const StreamConfiguration = { DataRetentionInHours: 48 };
  await media.updateMediaPipelineKinesisVideoStreamPool({ Identifier, StreamConfiguration });
  await advance(5);
  const found = await media.getMediaPipelineKinesisVideoStreamPool({ Identifier: PoolArn });
  assert.equal(found.KinesisVideoStreamPoolConfiguration.PoolStatus, "ACTIVE");
  const listed = await media.listMediaPipelineKinesisVideoStreamPools({});
  assert.equal(listed.KinesisVideoStreamPools.length, 1);
  await media.createMediaStreamPipeline({
    Sources: [{ SourceType: "ChimeSdkMeeting", SourceArn: meeting.MeetingArn }],
    Sinks: [{
      SinkArn: PoolArn, SinkType: "KinesisVideoStreamPool",
      ReservedStreamCapacity: 1, MediaStreamType: "MixedAudio",
    }],
  });
  await media.deleteMediaPipelineKinesisVideoStreamPool({ Identifier });
}

async function analyze(media) {
  const VoiceAnalyticsProcessorConfiguration = {
    SpeakerSearchStatus: "Enabled",
    VoiceToneAnalysisStatus: "Enabled",
  };
  const settings = {
    ResourceAccessRoleArn: ROLE,
    Elements: [{ Type: "VoiceAnalyticsProcessor", VoiceAnalyticsProcessorConfiguration }],
  };
  const MediaInsightsPipelineConfigurationName = "Voice";
  const made = await media.createMediaInsightsPipelineConfiguration({
    MediaInsightsPipelineConfigurationName,
    ...settings,
  });
  const { MediaInsightsPipelineConfigurationArn } = made.MediaInsightsPipelineConfiguration;
  const name = { Identifier: MediaInsightsPipelineConfigurationArn };
  await media.updateMediaInsightsPipelineConfiguration({ ...name, ...settings });
  const found = await media.getMediaInsightsPipelineConfiguration(name);
  assert.deepEqual(found.MediaInsightsPipelineConfiguration.Elements, settings.Elements);
  const all = await media.listMediaInsightsPipelineConfigurations({});
  assert.equal(all.MediaInsightsPipelineConfigurations.length, 1);

  const StreamChannelDefinition = { NumberOfChannels: 1 };
  const { MediaInsightsPipeline } = await media.createMediaInsightsPipeline({
    MediaInsightsPipelineConfigurationArn,
    KinesisVideoStreamSourceRuntimeConfiguration: {
      Streams: [{ StreamArn: STREAM, StreamChannelDefinition }],
      MediaEncoding: "pcm",
      MediaSampleRate: 48000,
    },
    MediaInsightsRuntimeMetadata: { callId: "4711" },
  });
  const { MediaPipelineId: Identifier } = MediaInsightsPipeline;
  await advance(2);
  for (const UpdateStatus of ["Pause", "Resume"]) {
    await media.updateMediaInsightsPipelineStatus({ Identifier, UpdateStatus });
  }
  const domain = { Identifier, VoiceProfileDomainArn: DOMAIN };
  const { SpeakerSearchTask } = await media.startSpeakerSearchTask(domain);
  const searched = { Identifier, SpeakerSearchTaskId: SpeakerSearchTask.SpeakerSearchTaskId };
  const search = await media.getSpeakerSearchTask(searched);
  assert.deepEqual(search.SpeakerSearchTask, SpeakerSearchTask);
  await media.stopSpeakerSearchTask(searched);
  const tone = { Identifier, LanguageCode: "en-US" };
  const { VoiceToneAnalysisTask } = await media.startVoiceToneAnalysisTask(tone);
  const { VoiceToneAnalysisTaskId } = VoiceToneAnalysisTask;
  const toned = { Identifier, VoiceToneAnalysisTaskId };
  const analysis = await media.getVoiceToneAnalysisTask(toned);
  assert.deepEqual(analysis.VoiceToneAnalysisTask, VoiceToneAnalysisTask);
  await media.stopVoiceToneAnalysisTask(toned);

  const forget = () => media.deleteMediaInsightsPipelineConfiguration(name);
  await service.refused("ConflictException", forget);
  await media.deleteMediaPipeline({ MediaPipelineId: Identifier });
  await advance(2);
  await forget();
}

export async function pipelines() {
  const endpoint = service.url;
  const media = service.client(sdk.ChimeSDKMediaPipelines, { endpoint, credentials });
  const asked = { MediaRegion: REGION, ExternalMeetingId: "captured" };
  const { Meeting } = await chime.createMeeting(asked);
  const captured = await capture(media, Meeting);
  const concatenated = await concatenate(media, captured);
  const connected = await connect(media, Meeting);
  const { MediaPipelines } = await media.listMediaPipelines({});
  assert.deepEqual(
    MediaPipelines.map((one) => one.MediaPipelineId),
    [captured, concatenated, connected].map((one) => one.MediaPipelineId),
  );
  await stream(media, Meeting);
  await media.deleteMediaCapturePipeline({ MediaPipelineId: captured.MediaPipelineId });
  await chime.deleteMeeting({ MeetingId: Meeting.MeetingId });
  await analyze(media);

  const stop = { Identifier: NOWHERE, SpeakerSearchTaskId: NOWHERE };
  const calls = {
    ConflictException: ["StopSpeakerSearchTask", () => media.stopSpeakerSearchTask(stop)],
    ResourceLimitExceededException: ["ListMediaPipelines", () => media.listMediaPipelines({})],
  };
  const get = ["GetMediaPipeline", () => media.getMediaPipeline({ MediaPipelineId: NOWHERE })];
  await service.faults(calls, get);
  service.complete();
  return service;
}
