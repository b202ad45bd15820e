//! A record of all calls and their outcomes.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_chime::config::interceptors::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_chime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_chime::error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::Metadata;

/// An interceptor that counts calls by outcome.
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
    /// The number of operations that succeeded at least once.
    pub fn succeeded(&self) -> usize {
        self.counts().succeeded.len()
    }

    /// The number of calls that failed.
    pub fn errors(&self) -> usize {
        self.counts().errors
    }

    /// The typed exceptions that calls failed with, as service and name.
    pub fn met(&self) -> BTreeSet<(String, String)> {
        self.counts().met.clone()
    }

    /// The last request.
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
                // Typed errors display as `NotFoundException: …`, others as `unhandled error (…)`.
                let said = error.as_operation_error().map(ToString::to_string).unwrap_or_default();
                counts.met.extend(said.split(':').next().map(|name| (service, name.to_owned())));
            }
            _ => counts.errors += 1,
        }
        Ok(())
    }
}
