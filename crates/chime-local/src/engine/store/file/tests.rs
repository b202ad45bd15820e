//! Tests with a disk that can be made to fail.

use std::sync::{Arc, Mutex};

use redb::StorageBackend;
use serde_json::Value;

use super::super::Store;
use super::*;
use crate::sample::*;
use crate::testing::Bench;
use crate::{Config, LocalChime};

/// A disk, which clones share and which outlives the database.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<Mutex<Bytes>>);

#[derive(Debug, Default)]
struct Bytes {
    bytes: Vec<u8>,
    fails: bool,
}

impl Disk {
    fn file(&self) -> StateFile {
        let disk = self.clone();
        let open = move |_| Ok(Database::builder().create_with_backend(disk.clone())?);
        StateFile::opened_by(open).unwrap()
    }

    fn fail(&self, fails: bool) {
        self.0.lock().unwrap().fails = fails;
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<u8>) -> T) -> io::Result<T> {
        let Bytes { bytes, fails } = &mut *self.0.lock().unwrap();
        if *fails { Err(io::Error::other("the disk is full")) } else { Ok(change(bytes)) }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = offset as usize;
        out.copy_from_slice(&self.0.lock().unwrap().bytes[start..start + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(|bytes| bytes.resize(len as usize, 0))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|_| ())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let start = offset as usize;
        self.change(|bytes| bytes[start..start + data.len()].copy_from_slice(data))
    }
}

/// An emulator with its state on a disk.
fn bench(disk: &Disk) -> Bench {
    Bench::with(Config::sample(), |config| {
        LocalChime::durable(config, |initial| Store::over(disk.file(), initial)).unwrap()
    })
}

fn room_names(bench: &Bench) -> Vec<String> {
    let rooms = bench.send("GET", &format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms"), "").json();
    let name = |room: &Value| room["Name"].as_str().unwrap().to_owned();
    rooms["Rooms"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn saving_works_again_after_the_disk_recovers() {
    let disk = Disk::default();
    let bench_of = bench(&disk);
    let before = room_names(&bench_of);
    let make = |name: &str| {
        let body = format!(r#"{{"Name":"{name}"}}"#);
        bench_of.send("POST", &format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms"), &body).status()
    };
    disk.fail(true);
    assert_eq!([make("One"), make("Two")], [500, 500]);
    assert_eq!(
        bench_of.chime.take_snapshot("x").unwrap_err().to_string(),
        "the state file cannot be read or written"
    );
    disk.fail(false);
    assert_eq!(make("Three"), 201);
    let after = room_names(&bench_of);
    assert_eq!(after[before.len()..], ["Three"]);
    // The disk has the same state as the memory.
    drop(bench_of);
    assert_eq!(room_names(&bench(&disk)), after);
}

#[test]
fn a_change_that_failed_is_absent_after_a_restart() {
    let disk = Disk::default();
    let bench_of = bench(&disk);
    let before = room_names(&bench_of);
    disk.fail(true);
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms");
    assert_eq!(bench_of.send("POST", &target, r#"{"Name":"One"}"#).status(), 500);
    drop(bench_of);
    disk.fail(false);
    assert_eq!(room_names(&bench(&disk)), before);
}

#[test]
fn a_reset_that_cannot_be_saved_changes_nothing() {
    let disk = Disk::default();
    let bench = bench(&disk);
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms/{ROOM_ID}");
    assert_eq!(bench.send("DELETE", &target, "").status(), 204);
    bench.chime.clock().freeze();
    let mode = bench.chime.clock().mode();
    let state = || bench.chime.engine().store().state.rows().unwrap();
    let before = state();
    disk.fail(true);
    bench.chime.reset().unwrap_err();
    assert!(state() == before);
    assert_eq!(bench.chime.clock().mode(), mode);
    disk.fail(false);
    bench.chime.reset().unwrap();
    assert_eq!(bench.send("GET", &target, "").status(), 200);
}

#[test]
fn snapshots_are_sorted_and_separate() {
    let disk = Disk::default();
    let mut file = disk.file();
    let rows = |text: &str| vec![(String::new(), b"0".to_vec()), ("/a/1".to_owned(), text.into())];
    for name in ["b", "a", "", "a/1"] {
        file.put_snapshot(name, rows(name)).unwrap();
    }
    assert_eq!(file.snapshots().unwrap(), ["", "a", "a/1", "b"]);
    assert_eq!(file.snapshot("a").unwrap().unwrap(), rows("a"));
    assert_eq!(file.snapshot("c").unwrap(), None);
    assert!(file.remove_snapshot("a").unwrap());
    assert!(!file.remove_snapshot("a").unwrap());
    assert_eq!(file.snapshots().unwrap(), ["", "a/1", "b"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_state_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let path = std::env::temp_dir().join(format!("chime-owner-{}.state", std::process::id()));
    let _ = std::fs::remove_file(&path);
    drop(StateFile::open(&path).unwrap());
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_of_another_format_is_rejected_with_both_versions() {
    let disk = Disk::default();
    drop(disk.file());
    let database = Database::builder().create_with_backend(disk.clone()).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(FORMAT).unwrap().insert((), 1).unwrap();
    write.commit().unwrap();
    drop(database);
    let open = move |_| Ok(Database::builder().create_with_backend(disk.clone())?);
    let error = StateFile::opened_by(open).err().unwrap().to_string();
    let current = format!("format {FORMAT_VERSION}");
    assert!(error.contains("format 1") && error.contains(&current), "{error}");
}

#[test]
fn a_deleted_file_is_not_created_again() {
    let path = std::env::temp_dir().join(format!("chime-vanished-{}.state", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let mut file = StateFile::open(&path).unwrap();
    // As after an I/O error.
    file.database = None;
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(file.rows(), Err(StoreError::Io(_))));
    std::fs::write(&path, "").unwrap();
    assert!(matches!(file.rows(), Err(StoreError::Unreadable(_))));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn all_rows_are_written_after_an_error() {
    let disk = Disk::default();
    let bench_of = bench(&disk);
    let target = format!("/accounts/{ENTERPRISE_ACCOUNT_ID}/rooms");
    disk.fail(true);
    assert_eq!(bench_of.send("POST", &target, r#"{"Name":"One"}"#).status(), 500);
    disk.fail(false);
    // Replaces the rows in the file, of which the emulator knows nothing.
    let other = Bench::new(crate::Config::default());
    let rows = other.chime.engine().store().state.rows().unwrap();
    disk.file().replace(&rows).unwrap();
    assert_eq!(bench_of.send("POST", &target, r#"{"Name":"Two"}"#).status(), 201);
    let names = room_names(&bench_of);
    drop(bench_of);
    assert_eq!(room_names(&bench(&disk)), names);
}
