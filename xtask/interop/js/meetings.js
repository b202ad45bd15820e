// A meeting server as in AWS's demos, and every other operation of Chime SDK meetings.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import * as sdk from "@aws-sdk/client-chime-sdk-meetings";

import {
  ACCOUNT, NOBODY, NOWHERE, REGION, Service, credentials, exportSettings,
} from "./world.js";

const ALL = { Audio: "SendReceive", Video: "SendReceive", Content: "SendReceive" };

const service = new Service("chime-sdk-meetings", sdk);

/** A server that knows its meetings by their titles. */
class MeetingServer {
  constructor(chime) {
    this.chime = chime;
    this.titles = new Map();
  }

  /** Gets or creates the meeting, and creates an attendee. */
  async join(title, name) {
    const known = this.titles.get(title);
    const meeting = known
      ? await this.chime.getMeeting({ MeetingId: known })
      : await this.chime.createMeeting({
          ClientRequestToken: randomUUID(),
          MediaRegion: REGION,
          ExternalMeetingId: title,
        });
    const { MeetingId } = meeting.Meeting;
    this.titles.set(title, MeetingId);
    const ExternalUserId = `${randomUUID().slice(0, 8)}#${name}`;
    const attendee = await this.chime.createAttendee({ MeetingId, ExternalUserId });
    return { Meeting: meeting.Meeting, Attendee: attendee.Attendee };
  }

  async end(title) {
    await this.chime.deleteMeeting({ MeetingId: this.titles.get(title) });
    this.titles.delete(title);
  }
}

async function serve(chime) {
  const server = new MeetingServer(chime);
  const ana = await server.join("Daily stand-up", "ana");
  const bo = await server.join("Daily stand-up", "bo");
  assert.deepEqual(bo.Meeting, ana.Meeting);
  const { MeetingId, MediaPlacement } = ana.Meeting;
  assert.ok(MediaPlacement.SignalingUrl.endsWith(MeetingId));
  const listed = await chime.listAttendees({ MeetingId });
  assert.deepEqual(listed.Attendees, [ana.Attendee, bo.Attendee]);
  await server.end("Daily stand-up");
  await service.refused("NotFoundException", () => chime.getMeeting({ MeetingId }));
  const again = await server.join("Daily stand-up", "ana");
  assert.notEqual(again.Meeting.MeetingId, MeetingId);
  await server.end("Daily stand-up");

  // A PIN as the token gets or creates without a table.
  const dialled = { ClientRequestToken: "123456", MediaRegion: REGION, ExternalMeetingId: "pin" };
  const first = await chime.createMeeting(dialled);
  assert.deepEqual((await chime.createMeeting(dialled)).Meeting, first.Meeting);
  await chime.deleteMeeting({ MeetingId: first.Meeting.MeetingId });
}

async function everythingElse(chime) {
  const Attendees = [{ ExternalUserId: "ana" }];
  const asked = { MediaRegion: REGION, ExternalMeetingId: "the rest", Attendees };
  const made = await chime.createMeetingWithAttendees(asked);
  assert.deepEqual(made.Errors, []);
  const [{ AttendeeId }] = made.Attendees;
  const { MeetingId, MeetingArn: ResourceARN } = made.Meeting;
  const batch = await chime.batchCreateAttendee({ MeetingId, Attendees });
  assert.deepEqual(batch.Attendees, made.Attendees);
  const Capabilities = { Audio: "Send", Video: "None", Content: "None" };
  const one = { MeetingId, AttendeeId };
  const changed = await chime.updateAttendeeCapabilities({ ...one, Capabilities });
  assert.deepEqual((await chime.getAttendee(one)).Attendee, changed.Attendee);
  const ExcludedAttendeeIds = [{ AttendeeId }];
  const others = { MeetingId, ExcludedAttendeeIds, Capabilities: ALL };
  await chime.batchUpdateAttendeeCapabilitiesExcept(others);
  await chime.deleteAttendee(one);
  await service.refused("NotFoundException", () => chime.getAttendee(one));

  const Tags = [{ Key: "team", Value: "core" }];
  await chime.tagResource({ ResourceARN, Tags });
  assert.deepEqual((await chime.listTagsForResource({ ResourceARN })).Tags, Tags);
  await chime.untagResource({ ResourceARN, TagKeys: ["team"] });
  assert.deepEqual((await chime.listTagsForResource({ ResourceARN })).Tags, []);
  const TranscriptionConfiguration = { EngineTranscribeSettings: { LanguageCode: "en-US" } };
  await chime.startMeetingTranscription({ MeetingId, TranscriptionConfiguration });
  await chime.stopMeetingTranscription({ MeetingId });
  await chime.deleteMeeting({ MeetingId });
  await service.refused("ResourceNotFoundException", () => chime.listTagsForResource({ ResourceARN }));
  const reserved = { MediaRegion: REGION, ExternalMeetingId: "aws:mine" };
  await service.refused("BadRequestException", () => chime.createMeeting(reserved));
}

async function faults(chime) {
  const ResourceARN = `arn:aws:chime:${REGION}:${ACCOUNT}:meeting/${NOWHERE}`;
  const one = { MeetingId: NOWHERE, AttendeeId: NOBODY };
  const calls = {
    ConflictException: [
      "UpdateAttendeeCapabilities",
      () => chime.updateAttendeeCapabilities({ ...one, Capabilities: ALL }),
    ],
    NotFoundException: ["GetMeeting", () => chime.getMeeting(one)],
    UnprocessableEntityException: [
      "CreateAttendee",
      () => chime.createAttendee({ MeetingId: NOWHERE, ExternalUserId: "ana" }),
    ],
  };
  const tag = ["TagResource", () => chime.tagResource({ ResourceARN, Tags: [] })];
  await service.faults(calls, tag);
}

/** A client with the endpoint in its settings. */
export const chime = service.client(sdk.ChimeSDKMeetings, { endpoint: service.url, credentials });

export async function meetings() {
  await serve(chime);
  await everythingElse(chime);
  await faults(chime);

  // The same with settings from the environment, for servers whose code does not know the emulator.
  exportSettings();
  await serve(service.client(sdk.ChimeSDKMeetings, { region: undefined }));

  service.complete();
  return service;
}
