//! The progress bar, in the status line.

use std::time::{Duration, Instant};

use super::results::{Line, Outcome};
use crate::terminal::line;

const BETWEEN_DRAWINGS: Duration = Duration::from_millis(100);
const BAR: usize = 24;

/// Counts the rows and shows the counts.
pub(super) struct Progress {
    counts: Counts,
    start: Instant,
    drawn: Option<Instant>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    /// The rows to send in this run.
    total: usize,
    done: usize,
    failed: usize,
    unknown: usize,
    unsent: usize,
}

impl Progress {
    /// Counts up to this many rows.
    pub(super) fn new(total: usize) -> Self {
        Self { counts: Counts { total, ..Counts::default() }, start: Instant::now(), drawn: None }
    }

    pub(super) fn add(&mut self, lines: &[Line]) {
        for line in lines {
            self.counts.add(line.outcome);
        }
        let now = Instant::now();
        if self.drawn.is_none_or(|drawn| now.duration_since(drawn) >= BETWEEN_DRAWINGS) {
            self.drawn = Some(now);
            line::show(&self.counts.bar(now.duration_since(self.start)));
        }
    }
}

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Begun => return,
            Outcome::Done => &mut self.done,
            Outcome::Failed => &mut self.failed,
            Outcome::Unknown => &mut self.unknown,
            Outcome::Unsent => &mut self.unsent,
        };
        *count += 1;
    }

    /// The bar, less than 80 columns wide for up to a million rows.
    fn bar(self, elapsed: Duration) -> String {
        let ended = self.done + self.failed + self.unknown + self.unsent;
        let filled = (ended * BAR).checked_div(self.total).unwrap_or(BAR).min(BAR);
        let mut text =
            format!("[{}{}] {ended}/{}", "#".repeat(filled), " ".repeat(BAR - filled), self.total);
        for (count, name) in
            [(self.failed, "failed"), (self.unknown, "unknown"), (self.unsent, "not sent")]
        {
            if count > 0 {
                text.push_str(&format!(", {count} {name}"));
            }
        }
        if ended > 0 && elapsed >= Duration::from_secs(1) {
            let left =
                elapsed.as_secs_f64() / ended as f64 * self.total.saturating_sub(ended) as f64;
            text.push_str(&format!(", {} left", time(left as u64)));
        }
        text
    }
}

fn time(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_how_far_the_run_is_and_what_is_wrong() {
        let counts =
            |total, done, failed, unknown, unsent| Counts { total, done, failed, unknown, unsent };
        for (counts, seconds, expected) in [
            (counts(10, 0, 0, 0, 0), 0, "[                        ] 0/10"),
            (counts(10, 5, 0, 0, 0), 0, "[############            ] 5/10"),
            (counts(10, 5, 0, 0, 0), 20, "[############            ] 5/10, 20s left"),
            (
                counts(1000, 7, 1, 1, 1),
                70,
                "[                        ] 10/1000, 1 failed, 1 unknown, 1 not sent, 1h55m left",
            ),
            (counts(4, 4, 0, 0, 0), 90, "[########################] 4/4, 0s left"),
            (counts(40, 20, 0, 0, 0), 90, "[############            ] 20/40, 1m30s left"),
            (counts(0, 0, 0, 0, 0), 9, "[########################] 0/0"),
        ] {
            assert_eq!(counts.bar(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn each_outcome_is_counted_once() {
        let mut progress = Progress::new(3);
        let line = |outcome| Line::new(1, outcome);
        progress.add(&[line(Outcome::Done), line(Outcome::Begun), line(Outcome::Failed)]);
        progress.add(&[line(Outcome::Unsent)]);
        assert_eq!(
            progress.counts.bar(Duration::ZERO),
            "[########################] 3/3, 1 failed, 1 not sent"
        );
    }
}
