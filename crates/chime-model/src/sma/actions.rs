//! The table of actions, with their required and optional parameters and the legs that they run on.

use serde::{Serialize, Serializer};

use super::action::{RawAction, Typed};
use super::bot::BotConfiguration;
use super::checked::*;
use super::leg::{CallId, ParticipantTag};
use super::parameter::{Flaw, Parameter};
use super::sip_headers::SipHeaders;
use super::storage::{
    CallRecordingDestination, Endpoint, Endpoints, RecordingDestination, S3Object,
};
use super::{AttendeeId, MeetingId};
use crate::{SensitiveString, Value};

/// The default of the maximum number of digits.
const MAX_DIGITS: u32 = 128;

open_enum! {
    /// An engine of Amazon Polly.
    Engine {
        /// The standard engine.
        Standard = "standard",
        /// The neural engine.
        Neural = "neural",
    }
}

open_enum! {
    /// The format of a spoken text.
    TextType {
        /// Plain text.
        Text = "text",
        /// SSML.
        Ssml = "ssml",
    }
}

open_enum! {
    /// The audio of a leg that is recorded.
    Track {
        /// The audio that the leg hears and the audio that it sends.
        Both = "BOTH",
        /// The audio that the leg sends.
        Incoming = "INCOMING",
        /// The audio that the leg hears.
        Outgoing = "OUTGOING",
    }
}

open_enum! {
    /// The ways to modify attendees of a meeting.
    AttendeeOperation {
        /// Mutes the attendees.
        Mute = "Mute",
        /// Unmutes the attendees.
        Unmute = "Unmute",
    }
}

open_enum! {
    /// The SIP response code with which a leg is hung up.
    HangupCode {
        /// Normal.
        Normal = "0",
        /// No answer.
        NoAnswer = "480",
        /// Busy.
        Busy = "486",
    }
}

open_sets!(AttendeeOperation, Engine, TextType, Track);

/// Also reads a code that is a number instead of text.
impl Parameter for HangupCode {
    fn read(value: Value) -> Result<Self, Flaw> {
        match value {
            Value::Integer(code) => Ok(Self::from(code.to_string())),
            other => other.as_text().map(Self::from).ok_or(Flaw::Value),
        }
    }

    fn check(&self) -> Result<(), Flaw> {
        if self.is_known() { Ok(()) } else { Err(Flaw::Value) }
    }
}

structure! {
    /// The speech of [`SpeakAndGetDigits`].
    Speech {
        required {
            /// What to say.
            text: Text = "Text",
        }
        optional {
            /// The engine of Amazon Polly. Default: standard.
            engine: Engine = "Engine",
            /// The language, such as `en-US`. Default: that of the voice.
            language_code: String = "LanguageCode",
            /// What the text is written in. Default: plain text.
            text_type: TextType = "TextType",
            /// The voice of Amazon Polly. Default: `Joanna`.
            voice_id: String = "VoiceId",
        }
    }
}

impl From<Text> for Speech {
    fn from(text: Text) -> Self {
        Self::new(text)
    }
}

actions! {
    /// Speaks a text.
    Speak = "Speak" on [any leg] {
        required {
            /// What to say.
            text: Text = "Text",
        }
        optional {
            /// The engine of Amazon Polly. Default: standard.
            engine: Engine = "Engine",
            /// The language, such as `en-US`. Default: that of the voice.
            language_code: String = "LanguageCode",
            /// What the text is written in. Default: plain text.
            text_type: TextType = "TextType",
            /// The voice of Amazon Polly. Default: `Joanna`.
            voice_id: String = "VoiceId",
        }
    }

    /// Speaks a text and collects digits.
    SpeakAndGetDigits = "SpeakAndGetDigits" on [any leg, collects digits] {
        required {
            /// What to say.
            speech_parameters: Speech = "SpeechParameters",
        }
        optional {
            /// The speech after invalid digits. Unset members have the values of the first speech.
            failure_speech_parameters: Speech = "FailureSpeechParameters",
        }
        check Self::check_numbers_of_digits
    }

    /// Plays an audio file.
    PlayAudio = "PlayAudio" on [any leg] {
        required {
            /// The file.
            audio_source: S3Object = "AudioSource",
        }
        optional {
            /// Keys that stop playback. Default: none.
            playback_terminators: Vec<Key> = "PlaybackTerminators",
            /// The number of times to play the file. Default: 1.
            repeat: Times = "Repeat",
        }
    }

    /// Plays an audio file and collects digits.
    PlayAudioAndGetDigits = "PlayAudioAndGetDigits" on [any leg, collects digits] {
        required {
            /// The file.
            audio_source: S3Object = "AudioSource",
        }
        optional {
            /// The file to play after invalid digits.
            failure_audio_source: S3Object = "FailureAudioSource",
        }
        check Self::check_numbers_of_digits
    }

    /// Records the audio that the leg sends.
    RecordAudio = "RecordAudio" on [any leg] {
        required {
            /// Where to write the recording.
            recording_destination: RecordingDestination = "RecordingDestination",
            /// Keys that stop the recording.
            recording_terminators: Vec<Key> = "RecordingTerminators",
        }
        optional {
            /// The maximum length of the recording.
            duration_in_seconds: Seconds = "DurationInSeconds",
            /// The length of silence that ends the recording. Default: silence does not end it.
            silence_duration_in_seconds: SilenceSeconds = "SilenceDurationInSeconds",
            /// The noise level below which the leg counts as silent. Default: 200.
            silence_threshold: SilenceThreshold = "SilenceThreshold",
        }
    }

    /// Reports digits whenever they match, with [`DigitsReceived`](super::Event::DigitsReceived), while later
    /// actions run.
    ReceiveDigits = "ReceiveDigits" on [any leg] {
        required {
            /// The expression that the digits have to match.
            input_digits_regex: DigitRegex = "InputDigitsRegex",
            /// The time without a digit after which the digits are matched.
            in_between_digits_duration_in_milliseconds: Millis = "InBetweenDigitsDurationInMilliseconds",
            /// The time after the first digit at which digits that do not match are discarded. Must not be
            /// less than the time between digits.
            flush_digits_duration_in_milliseconds: Millis = "FlushDigitsDurationInMilliseconds",
        }
        optional {}
        check |action| {
            let between = action.in_between_digits_duration_in_milliseconds;
            match between <= action.flush_digits_duration_in_milliseconds {
                true => Ok(()),
                false => Err(Flaw::Invalid("FlushDigitsDurationInMilliseconds")),
            }
        }
    }

    /// Sends digits as tones.
    SendDigits = "SendDigits" on [any leg] {
        required {
            /// The digits.
            digits: Digits = "Digits",
        }
        optional {
            /// The length of each tone. Default: 250 ms.
            tone_duration_in_milliseconds: ToneMillis = "ToneDurationInMilliseconds",
        }
    }

    /// Pauses before the next action.
    Pause = "Pause" on [any leg] {
        required {
            /// The length of the pause.
            duration_in_milliseconds: PauseMillis = "DurationInMilliseconds",
        }
        optional {}
    }

    /// Calls another party, which becomes the second leg, and connects the first leg to it.
    CallAndBridge = "CallAndBridge" on [leg A] {
        required {
            /// The number that the called party sees: a number of the account, or that of the first
            /// leg's caller.
            caller_id_number: PhoneNumber = "CallerIdNumber",
            /// The [`Endpoint`](super::Endpoint) to call.
            endpoints: Endpoints = "Endpoints",
        }
        optional {
            /// How long to wait until the called party answers. Default: 30 s.
            call_timeout_seconds: RingSeconds = "CallTimeoutSeconds",
            /// The audio that the caller hears until then.
            ringback_tone: S3Object = "RingbackTone",
            /// SIP headers for a Voice Connector. Ignored in calls to phone numbers.
            sip_headers: SipHeaders = "SipHeaders",
        }
        check |action| match (action.endpoints.endpoint(), &action.sip_headers) {
            (Endpoint::VoiceConnector { .. }, Some(headers)) => headers.check_sent(),
            _ => Ok(()),
        }
    }

    /// Connects the first leg to a meeting, as an attendee.
    JoinChimeMeeting = "JoinChimeMeeting" on [leg A] {
        required {
            /// The join token of the attendee.
            join_token: SensitiveString = "JoinToken",
        }
        optional {
            /// The meeting. Meetings of the Amazon Chime SDK require it.
            meeting_id: MeetingId = "MeetingId",
        }
    }

    /// Mutes or unmutes attendees of the leg's meeting.
    ModifyChimeMeetingAttendees = "ModifyChimeMeetingAttendees" on [any leg] {
        required {
            /// Whether to mute or to unmute.
            operation: AttendeeOperation = "Operation",
            /// The meeting.
            meeting_id: MeetingId = "MeetingId",
            /// The attendees: 1 to 100.
            attendee_list: Vec<AttendeeId> = "AttendeeList",
        }
        optional {}
        check |action| match action.attendee_list.len() {
            1..=100 => Ok(()),
            _ => Err(Flaw::Invalid("AttendeeList")),
        }
    }

    /// Starts to record a leg.
    StartCallRecording = "StartCallRecording" on [any leg] {
        required {
            /// The audio to record.
            track: Track = "Track",
            /// Where to write the recording.
            destination: CallRecordingDestination = "Destination",
        }
        optional {}
    }

    /// Stops recording a leg.
    StopCallRecording = "StopCallRecording" on [any leg] {
        required {}
        optional {}
    }

    /// Pauses the recording of a leg.
    PauseCallRecording = "PauseCallRecording" on [any leg] {
        required {}
        optional {}
    }

    /// Resumes the recording of a leg.
    ResumeCallRecording = "ResumeCallRecording" on [any leg] {
        required {}
        optional {}
    }

    /// Starts a conversation of the first leg with an Amazon Lex bot.
    StartBotConversation = "StartBotConversation" on [leg A] {
        required {
            /// The ARN of the bot's alias.
            bot_alias_arn: SensitiveString = "BotAliasArn",
        }
        optional {
            /// The locale of the bot. Default: `en_US`.
            locale_id: String = "LocaleId",
            /// How the conversation starts. Maximum: 10 KB of JSON.
            configuration: BotConfiguration = "Configuration",
        }
    }

    /// Turns suppression of a leg's background noise on or off.
    VoiceFocus = "VoiceFocus" on [call id] {
        required {
            /// Whether to suppress noise.
            enable: bool = "Enable",
        }
        optional {}
    }

    /// Hangs up a leg.
    Hangup = "Hangup" on [any leg] {
        required {}
        optional {
            /// The SIP response code. Default: normal.
            sip_response_code: HangupCode = "SipResponseCode",
        }
    }
}
