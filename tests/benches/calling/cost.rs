//! Measures what a piece of work costs its thread.

use allocation_counter::measure;

/// The total cost of a piece of work to its thread.
pub(crate) struct Cost {
    /// The number of allocations. A reallocation counts as an allocation of its full size.
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
    /// CPU time in the program and in the kernel.
    pub(crate) cpu_nanos: Option<f64>,
    /// Instructions in the program, without the kernel.
    pub(crate) instructions: Option<f64>,
}

/// Measures the thread on which it was created.
pub(crate) struct Meter(system::Counters);

impl Meter {
    pub(crate) fn new() -> Self {
        Self(system::Counters::new())
    }

    pub(crate) fn cost(&mut self, work: impl FnOnce()) -> Cost {
        let before = self.0.read();
        let memory = measure(work);
        let after = self.0.read();
        let spent = |(after, before): (u64, u64)| (after - before) as f64;
        Cost {
            allocations: memory.count_total as f64,
            bytes: memory.bytes_total as f64,
            cpu_nanos: after.cpu_nanos.zip(before.cpu_nanos).map(spent),
            instructions: after.instructions.zip(before.instructions).map(spent),
        }
    }
}

/// The values of the counters; `None` if the system has no such counter.
struct Reading {
    cpu_nanos: Option<u64>,
    instructions: Option<u64>,
}

#[cfg(target_os = "linux")]
mod system {
    use perf_event::events::Hardware;
    use perf_event::{Builder, Counter};
    use rustix::time::{ClockId, clock_gettime};

    use super::Reading;

    pub(super) struct Counters {
        instructions: Option<Counter>,
    }

    impl Counters {
        pub(super) fn new() -> Self {
            // By default, it counts for this thread on any core, without the kernel.
            let counter = Builder::new().kind(Hardware::INSTRUCTIONS).build();
            let enabled = counter.and_then(|mut counter| counter.enable().map(|()| counter));
            Self { instructions: enabled.ok() }
        }

        pub(super) fn read(&mut self) -> Reading {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            let nanos = time.tv_sec * 1_000_000_000 + time.tv_nsec;
            let instructions = self.instructions.as_mut();
            Reading {
                cpu_nanos: u64::try_from(nanos).ok(),
                instructions: instructions.and_then(|counter| counter.read().ok()),
            }
        }
    }
}

/// On other systems, only memory is measured.
#[cfg(not(target_os = "linux"))]
mod system {
    use super::Reading;

    pub(super) struct Counters;

    impl Counters {
        pub(super) fn new() -> Self {
            Self
        }

        pub(super) fn read(&mut self) -> Reading {
            Reading { cpu_nanos: None, instructions: None }
        }
    }
}
