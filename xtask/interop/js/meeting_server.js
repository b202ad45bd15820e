// The AWS SDK for JavaScript against the local Chime: what a server of meetings does, and every
// operation and exception of Chime SDK meetings besides.
//
// The URL of the local Chime is the first argument.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import * as meetings from "@aws-sdk/client-chime-sdk-meetings";

const { ChimeSDKMeetings } = meetings;

const REGION = "eu-central-1";
const NOWHERE = "00000000-0000-4000-8000-000000000000";
const NOBODY = "11111111-0000-4000-8000-000000000000";
const ALL = { Audio: "SendReceive", Video: "SendReceive", Content: "SendReceive" };

const url = process.argv[2];
const path = `${url}/chime-sdk-meetings`;
const credentials = { accessKeyId: "AKIDINTEROP", secretAccessKey: "interop-secret" };
const succeeded = new Set();
const met = new Map();

/** A client that keeps count, with one attempt for each call, so that every fault shows. */
function client(settings) {
  const made = new ChimeSDKMeetings({ region: REGION, maxAttempts: 1, ...settings });
  const count = (next, { commandName }) => async (sent) => {
    const came = await next(sent);
    succeeded.add(commandName);
    return came;
  };
  made.middlewareStack.add(count, { step: "initialize", name: "count" });
  return made;
}

/** A call that must be refused with that exception. */
async function refused(exception, call) {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof meetings[exception], `should be ${exception}, is ${error}`);
    assert.equal(error.name, exception);
    return true;
  });
  met.set(exception, (met.get(exception) ?? 0) + 1);
}

async function control(method, target, body) {
  const headers = { Authorization: `Bearer ${process.env.CHIME_LOCAL_CONTROL_TOKEN}` };
  const sent = { method, headers, body: JSON.stringify(body) };
  const came = await fetch(`${url}/_chime/${target}`, sent);
  assert.ok(came.ok, `${method} /_chime/${target}: ${came.status}`);
}

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
  await refused("NotFoundException", () => chime.getMeeting({ MeetingId }));
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
  await refused("NotFoundException", () => chime.getAttendee(one));

  const Tags = [{ Key: "team", Value: "core" }];
  await chime.tagResource({ ResourceARN, Tags });
  assert.deepEqual((await chime.listTagsForResource({ ResourceARN })).Tags, Tags);
  await chime.untagResource({ ResourceARN, TagKeys: ["team"] });
  assert.deepEqual((await chime.listTagsForResource({ ResourceARN })).Tags, []);
  const TranscriptionConfiguration = { EngineTranscribeSettings: { LanguageCode: "en-US" } };
  await chime.startMeetingTranscription({ MeetingId, TranscriptionConfiguration });
  await chime.stopMeetingTranscription({ MeetingId });
  await chime.deleteMeeting({ MeetingId });
  await refused("ResourceNotFoundException", () => chime.listTagsForResource({ ResourceARN }));
  const reserved = { MediaRegion: REGION, ExternalMeetingId: "aws:mine" };
  await refused("BadRequestException", () => chime.createMeeting(reserved));
}

/** Every exception once as a fault; an operation for each that no other has. */
async function faults(chime) {
  const ResourceARN = `arn:aws:chime:${REGION}:222233334444:meeting/${NOWHERE}`;
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
  for (const Exception of exceptions()) {
    const [Operation, call] = calls[Exception] ?? tag;
    const rule = { Service: "chime-sdk-meetings", Operation, Times: 1, Error: { Exception } };
    await control("PUT", "faults", { Faults: [rule] });
    await refused(Exception, call);
  }
  await control("PUT", "faults", {});
}

/** The exceptions that the client knows, without their common base. */
function exceptions() {
  const names = Object.keys(meetings).filter((name) => name.endsWith("Exception"));
  return names.filter((name) => name !== "ChimeSDKMeetingsServiceException").sort();
}

/** Fails if anything of the service was left out. */
function complete() {
  const commands = Object.keys(meetings).filter((name) => /^[A-Z].*Command$/.test(name));
  assert.deepEqual([...succeeded].sort(), commands.sort());
  assert.deepEqual([...met.keys()].sort(), exceptions());
}

const chime = client({ endpoint: path, credentials });
await serve(chime);
await everythingElse(chime);
await faults(chime);

// The same, as servers are that know nothing of a local Chime.
process.env.AWS_ENDPOINT_URL_CHIME_SDK_MEETINGS = path;
process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
await serve(client({}));

complete();
const errors = [...met.values()].reduce((sum, count) => sum + count, 0);
console.log(`${succeeded.size} operations, ${errors} errors`);
