//! What was called, with what outcome.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_chime::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_chime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_chime::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;

/// Sits in the client and keeps count.
#[derive(Clone, Debug, Default)]
pub struct Record(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    succeeded: BTreeSet<(String, String)>,
    errors: usize,
    met: BTreeSet<(String, String)>,
    last: String,
}

impl Record {
    /// How many operations succeeded at least once.
    pub fn succeeded(&self) -> usize {
        self.counts().succeeded.len()
    }

    /// How many calls failed.
    pub fn errors(&self) -> usize {
        self.counts().errors
    }

    /// The exceptions that the crates have types for and that calls failed with: service and name.
    pub fn met(&self) -> BTreeSet<(String, String)> {
        self.counts().met.clone()
    }

    /// What was sent last.
    pub fn last(&self) -> String {
        self.counts().last.clone()
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Record {
    fn name(&self) -> &'static str {
        "Record"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.counts().last = format!("{:?}", context.input());
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut counts = self.counts();
        let operation = config.load::<Metadata>();
        let service = operation.map(|operation| operation.service().to_owned());
        match (context.output_or_error(), operation, service) {
            (Some(Ok(_)), Some(operation), Some(service)) => {
                counts.succeeded.insert((service, operation.name().to_owned()));
            }
            (Some(Err(error)), _, Some(service)) => {
                counts.errors += 1;
                // Typed errors read `NotFoundException: …`, others `unhandled error (…)`.
                let said = error.as_operation_error().map(ToString::to_string).unwrap_or_default();
                counts.met.extend(said.split(':').next().map(|name| (service, name.to_owned())));
            }
            _ => counts.errors += 1,
        }
        Ok(())
    }
}
