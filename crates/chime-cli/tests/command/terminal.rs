//! What only a terminal sees: the status line.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::bulk::Folder;
use super::{ACCOUNT, chime};

/// What a run with a row writes to a terminal. It succeeds.
fn shown(flags: &str) -> String {
    let folder = Folder::new(&format!("terminal{flags}"));
    let (rows, _) = folder.rows(&format!("AccountId\n{ACCOUNT}\n"));
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let inside = OpenOptions::new().write(true).open(name.to_str().unwrap()).unwrap();
    let line = format!("--local bulk chime get-account {flags} --from {}", rows.display());
    let mut command = chime(&line);
    let mut running = command.stderr(inside).spawn().unwrap();
    // The terminal closes with its last writer.
    drop(command);
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        // Linux reports an error in place of the end.
        let _ = File::from(terminal).read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    });
    assert!(running.wait().unwrap().success());
    reader.join().unwrap()
}

#[test]
fn progress_is_shown_and_removed_unless_the_run_is_quiet() {
    let bar = "\r[########################] 1/1\u{1b}[K\r\u{1b}[K";
    let text = shown("");
    assert!(text.starts_with(&format!("{bar}1 of 1 rows are done.")), "{text:?}");
    for flags in ["--quiet", "--debug"] {
        let text = shown(flags);
        assert!(!text.contains('\u{1b}') && text.contains("1 of 1 rows are done."), "{text:?}");
    }
}
