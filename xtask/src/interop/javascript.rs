//! The driver of the SDK for JavaScript, with its packages in a separate folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::Places;
use super::install::{is_fresh, run};
use crate::Result;

const HOW_TO_GET_IT: &str = "the SDK for JavaScript needs node 20 or later, with npm";

/// Installs the packages, and copies the scripts of the scenarios beside them.
pub(super) fn scripts(places: &Places) -> Result<Command> {
    let (source, folder) = (places.scenarios.join("js"), places.target.join("js"));
    install(&source, &folder)?;
    for name in ["main.js", "meetings.js", "pipelines.js", "world.js"] {
        fs::copy(source.join(name), folder.join(name))?;
    }
    let mut command = Command::new("node");
    // Without this, the SDK warns in every run about versions of node that it will drop.
    command.arg("--no-warnings").arg(folder.join("main.js"));
    Ok(command)
}

/// Installs the packages, unless those of this lock file are installed.
fn install(source: &Path, folder: &Path) -> Result<()> {
    let lock = fs::read_to_string(source.join("package-lock.json"))?;
    let installed = folder.join("installed.json");
    if is_fresh(&lock, fs::read_to_string(&installed).ok().as_deref()) {
        return Ok(());
    }
    println!("npm ci in xtask/interop/js");
    fs::create_dir_all(folder)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), folder.join(name))?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder))
    .map_err(|error| format!("{error}\n{HOW_TO_GET_IT}"))?;
    // Written last, so that an incomplete installation is not reused.
    fs::write(&installed, &lock)?;
    Ok(())
}
