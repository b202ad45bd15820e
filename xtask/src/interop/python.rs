//! The drivers in Python, in a virtual environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Places;
use super::install::{is_fresh, run};
use crate::Result;

const HOW_TO_GET_IT: &str =
    "boto3 and the AWS CLI need python3 with venv; on Debian: apt-get install python3-venv";

/// A command that runs a script of the scenarios in the virtual environment.
pub(super) fn script(places: &Places, name: &str) -> Result<Command> {
    let python = environment(places)?;
    let mut command = Command::new(python);
    command.arg(places.scenarios.join(name));
    // Do not write compiled files beside the scripts, and use UTF-8 on every system.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    Ok(command)
}

/// Creates the virtual environment, unless there is one with the pinned versions.
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
    // Written last, so that an incomplete environment is not reused.
    fs::write(&installed, &pins)?;
    Ok(python)
}

/// Whether the environment works. It breaks when the Python that created it is removed.
fn works(python: &Path) -> bool {
    Command::new(python).arg("--version").output().is_ok_and(|output| output.status.success())
}
