//! The clients that are written in Python, in an environment of their own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Places;
use crate::Result;

const HOW_TO_GET_IT: &str =
    "boto3 and the AWS CLI need python3 with venv; on Debian: apt-get install python3-venv";

/// A script of the scenarios, with the clients at hand.
pub(super) fn script(places: &Places, name: &str) -> Result<Command> {
    let python = environment(places)?;
    let mut command = Command::new(python);
    command.arg(places.scenarios.join(name));
    // No folders of compiled files beside the scripts; text is UTF-8 wherever this runs.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    Ok(command)
}

/// Makes the environment, unless there is one with these very versions.
fn environment(places: &Places) -> Result<PathBuf> {
    let folder = places.target.join("python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let pins = fs::read_to_string(places.scenarios.join("requirements.txt"))?;
    let installed = folder.join("installed.txt");
    if is_fresh(&pins, fs::read_to_string(&installed).ok().as_deref()) && works(&python) {
        return Ok(python);
    }

    let any = if cfg!(windows) { "python" } else { "python3" };
    println!("{any} -m venv, and what xtask/interop/requirements.txt lists");
    run(Command::new(any).args(["-m", "venv", "--clear"]).arg(&folder))
        .map_err(|error| format!("{error}\n{HOW_TO_GET_IT}"))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(places.scenarios.join("requirements.txt")))?;
    // Last, so that half an environment is not taken for one.
    fs::write(&installed, &pins)?;
    Ok(python)
}

/// Whether what was installed is what is asked for now.
fn is_fresh(pins: &str, installed: Option<&str>) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    installed.is_some_and(|installed| lines(installed) == lines(pins))
}

/// An environment breaks when the Python that made it goes.
fn works(python: &Path) -> bool {
    Command::new(python).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("{program} is not installed"),
        _ => format!("{program}: {error}"),
    })?;
    if status.success() { Ok(()) } else { Err(format!("{program}: {status}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_fresh_while_its_pins_are_the_same() {
        let pins = "boto3==1.0\nbotocore==1.0\n";
        assert!(is_fresh(pins, Some(pins)));
        assert!(is_fresh(pins, Some("boto3==1.0\r\nbotocore==1.0\r\n\r\n")));
        assert!(!is_fresh(pins, None));
        assert!(!is_fresh(pins, Some("boto3==1.0\n")));
        assert!(!is_fresh(pins, Some("boto3==1.1\nbotocore==1.0\n")));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-python")).unwrap_err();
        assert_eq!(error.to_string(), "no-such-python is not installed");
    }
}
