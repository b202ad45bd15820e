//! Waiters: states that a resource reaches some time after a call, for which a client can poll.
//!
//! The API descriptions define no waiters; this project chose the states.

use std::marker::PhantomData;

use crate::{Operation, OperationInfo};

/// A state to wait for, as data.
#[derive(Debug)]
#[non_exhaustive]
pub struct WaiterInfo {
    /// The name, such as `PhoneNumberOrderSuccessful`.
    pub name: &'static str,
    /// A one-line description.
    pub doc: &'static str,
    /// The operation that reads the resource.
    pub operation: &'static OperationInfo,
    /// The path to the member of the response that holds the state. `*` matches the member of a structure
    /// that is set.
    pub state: &'static [&'static str],
    /// The states that end the wait successfully.
    pub success: &'static [&'static str],
    /// The states that end the wait with an error, because they never change to one of `success`.
    pub failure: &'static [&'static str],
}

/// A [`WaiterInfo`] with the type of the request that reads the resource.
pub struct Waiter<O> {
    /// The waiter as data.
    pub info: &'static WaiterInfo,
    request: PhantomData<fn() -> O>,
}

impl<O: Operation> Waiter<O> {
    const fn new(info: &'static WaiterInfo) -> Self {
        Self { info, request: PhantomData }
    }
}

impl<O> Clone for Waiter<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Waiter<O> {}

impl<O> std::fmt::Debug for Waiter<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.info.fmt(f)
    }
}

/// Declares the waiters of a service.
macro_rules! waiters {
    ($(
        $constant:ident = $name:literal, $doc:literal, $request:ident {
            state: [$($state:literal),+],
            success: [$($success:literal),+],
            failure: [$($failure:literal),+],
        }
    )+) => {
        $(
            #[doc = $doc]
            pub const $constant: Waiter<$request> = Waiter::new(&WaiterInfo {
                name: $name,
                doc: $doc,
                operation: <$request as Operation>::INFO,
                state: &[$($state),+],
                success: &[$($success),+],
                failure: &[$($failure),+],
            });
        )+

        pub(super) static ALL: &[&WaiterInfo] = &[$($constant.info),+];
    };
}

/// All waiters of the services that are compiled in.
pub fn all() -> impl Iterator<Item = &'static WaiterInfo> {
    static SERVICES: &[&[&WaiterInfo]] = &[
        #[cfg(feature = "chime")]
        chime::ALL,
        #[cfg(feature = "media-pipelines")]
        media_pipelines::ALL,
        #[cfg(feature = "voice")]
        voice::ALL,
    ];
    SERVICES.iter().flat_map(|waiters| waiters.iter().copied())
}

/// Waiters of Amazon Chime.
#[cfg(feature = "chime")]
pub mod chime {
    use super::*;
    use crate::chime::GetPhoneNumberOrderRequest;

    waiters! {
        PHONE_NUMBER_ORDER_SUCCESSFUL = "PhoneNumberOrderSuccessful",
        "Waits until all phone numbers of an order are acquired.",
        GetPhoneNumberOrderRequest {
            state: ["PhoneNumberOrder", "Status"],
            success: ["Successful"],
            failure: ["Failed", "Partial"],
        }
    }
}

/// Waiters of Amazon Chime SDK Media Pipelines.
#[cfg(feature = "media-pipelines")]
pub mod media_pipelines {
    use super::*;
    use crate::media_pipelines::{
        GetMediaCapturePipelineRequest, GetMediaPipelineKinesisVideoStreamPoolRequest,
        GetMediaPipelineRequest, GetSpeakerSearchTaskRequest, GetVoiceToneAnalysisTaskRequest,
    };

    waiters! {
        KINESIS_VIDEO_STREAM_POOL_ACTIVE = "KinesisVideoStreamPoolActive",
        "Waits until a pool of Kinesis video streams can be used.",
        GetMediaPipelineKinesisVideoStreamPoolRequest {
            state: ["KinesisVideoStreamPoolConfiguration", "PoolStatus"],
            success: ["ACTIVE"],
            failure: ["DELETING", "FAILED"],
        }
        MEDIA_CAPTURE_PIPELINE_IN_PROGRESS = "MediaCapturePipelineInProgress",
        "Waits until a media capture pipeline is in progress.",
        GetMediaCapturePipelineRequest {
            state: ["MediaCapturePipeline", "Status"],
            success: ["InProgress"],
            failure: ["Failed", "Stopping", "Stopped"],
        }
        MEDIA_CAPTURE_PIPELINE_STOPPED = "MediaCapturePipelineStopped",
        "Waits until a media capture pipeline has stopped.",
        GetMediaCapturePipelineRequest {
            state: ["MediaCapturePipeline", "Status"],
            success: ["Stopped"],
            failure: ["Failed"],
        }
        MEDIA_PIPELINE_IN_PROGRESS = "MediaPipelineInProgress",
        "Waits until a media pipeline of any kind is in progress.",
        GetMediaPipelineRequest {
            state: ["MediaPipeline", "*", "Status"],
            success: ["InProgress"],
            failure: ["Failed", "Stopping", "Stopped"],
        }
        MEDIA_PIPELINE_STOPPED = "MediaPipelineStopped",
        "Waits until a media pipeline of any kind has stopped.",
        GetMediaPipelineRequest {
            state: ["MediaPipeline", "*", "Status"],
            success: ["Stopped"],
            failure: ["Failed"],
        }
        SPEAKER_SEARCH_TASK_STOPPED = "SpeakerSearchTaskStopped",
        "Waits until a speaker search task has stopped.",
        GetSpeakerSearchTaskRequest {
            state: ["SpeakerSearchTask", "SpeakerSearchTaskStatus"],
            success: ["Stopped"],
            failure: ["Failed"],
        }
        VOICE_TONE_ANALYSIS_TASK_STOPPED = "VoiceToneAnalysisTaskStopped",
        "Waits until a voice tone analysis task has stopped.",
        GetVoiceToneAnalysisTaskRequest {
            state: ["VoiceToneAnalysisTask", "VoiceToneAnalysisTaskStatus"],
            success: ["Stopped"],
            failure: ["Failed"],
        }
    }
}

/// Waiters of Amazon Chime SDK Voice.
#[cfg(feature = "voice")]
pub mod voice {
    use super::*;
    use crate::voice::GetPhoneNumberOrderRequest;

    waiters! {
        PHONE_NUMBER_ORDER_SUCCESSFUL = "PhoneNumberOrderSuccessful",
        "Waits until all phone numbers of an order are acquired or ported in.",
        GetPhoneNumberOrderRequest {
            state: ["PhoneNumberOrder", "Status"],
            success: ["Successful"],
            failure: ["Failed", "Partial", "Exception", "CancelRequested", "Cancelled"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Shape, Structure};

    /// Returns the shapes of the states at a path.
    fn states(structure: &'static Structure, path: &[&str]) -> Vec<&'static Shape> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let members = structure.members.iter().filter(|it| *first == "*" || it.name == *first);
        let inner = members.flat_map(|member| match member.shape {
            Shape::Structure(structure) if !rest.is_empty() => states(structure, rest),
            shape => vec![shape],
        });
        inner.collect()
    }

    #[test]
    fn every_waiter_uses_states_of_the_api() {
        for waiter in all() {
            let found = states(waiter.operation.output.unwrap(), waiter.state);
            assert!(!found.is_empty(), "{}", waiter.name);
            for shape in found {
                let Shape::Enumeration(known) = shape else { panic!("{}: {shape:?}", waiter.name) };
                for state in waiter.success.iter().chain(waiter.failure) {
                    assert!(known.values.contains(state), "{}: {state}", waiter.name);
                }
            }
        }
    }

    #[test]
    fn names_are_unique_in_a_service_and_match_their_constants() {
        let mut names: Vec<_> = all().map(|it| (it.operation.service.id, it.name)).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
