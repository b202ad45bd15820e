//! What only a terminal sees: the status line, and the pager.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::bulk::Folder;
use super::{ACCOUNT, chime, with_key};

/// Opens a terminal: what shows on it, and what a program writes to.
fn terminal() -> (File, File) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let inside = OpenOptions::new().write(true).open(name.to_str().unwrap()).unwrap();
    (terminal.into(), inside)
}

/// Reads everything that shows on a terminal. It closes with its last writer.
fn read(mut terminal: File) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // Linux reports an error in place of the end.
        let _ = terminal.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    })
}

/// What a run with a row writes to a terminal. It succeeds.
fn shown(flags: &str) -> String {
    let folder = Folder::new(&format!("terminal{flags}"));
    let (rows, _) = folder.rows(&format!("AccountId\n{ACCOUNT}\n"));
    let (terminal, inside) = terminal();
    let line = format!("--local bulk chime get-account {flags} --from {}", rows.display());
    let mut command = chime(&line);
    let mut running = command.stderr(inside).spawn().unwrap();
    drop(command);
    let reader = read(terminal);
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

#[test]
fn ctrl_c_removes_the_status_line() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 20\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
    });
    let (mut terminal, inside) = terminal();
    let line = format!("get-account --account-id a --endpoint-url {url}");
    let mut command = with_key(chime(&line));
    let mut running = command.stderr(inside).spawn().unwrap();
    drop(command);

    let mut line = [0; 256];
    let length = terminal.read(&mut line).unwrap();
    let line = String::from_utf8_lossy(&line[..length]);
    assert!(line.starts_with('\r') && line.contains("throttled"), "{line:?}");
    let reader = read(terminal);
    let interrupt = Command::new("kill").args(["-INT", &running.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(running.wait().unwrap().code(), Some(130));
    let rest = reader.join().unwrap();
    assert!(rest.ends_with("\r\u{1b}[K"), "{rest:?}");
}

#[test]
fn ctrl_c_is_for_the_pager_while_it_runs() {
    let (terminal, inside) = terminal();
    let mut command = chime(&format!("--local get-account --account-id {ACCOUNT}"));
    command.env("AWS_PAGER", "sh -c 'kill -INT $PPID && cat'");
    let mut running = command.stdout(inside).stderr(Stdio::null()).spawn().unwrap();
    drop(command);
    let reader = read(terminal);
    assert_eq!(running.wait().unwrap().code(), Some(0));
    let text = reader.join().unwrap();
    assert!(text.contains(ACCOUNT) && text.trim_end().ends_with('}'), "{text:?}");
}
