//! Tests with a disk that can be made to fail.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

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

#[derive(Debug)]
struct Bytes {
    bytes: Vec<u8>,
    /// The number of changes before the disk fails.
    changes: usize,
    /// The number of bytes that were written.
    written: usize,
}

impl Default for Bytes {
    fn default() -> Self {
        Self { bytes: Vec::new(), changes: usize::MAX, written: 0 }
    }
}

impl Disk {
    fn of(bytes: Vec<u8>) -> Self {
        let disk = Self::default();
        disk.get().bytes = bytes;
        disk
    }

    fn get(&self) -> MutexGuard<'_, Bytes> {
        self.0.lock().unwrap()
    }

    fn open(&self) -> Result<StateFile, StoreError> {
        StateFile::over(self.clone())
    }

    fn file(&self) -> StateFile {
        self.open().unwrap()
    }

    fn fail(&self, fails: bool) {
        self.fail_after(if fails { 0 } else { usize::MAX });
    }

    fn fail_after(&self, changes: usize) {
        self.get().changes = changes;
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<u8>) -> T) -> io::Result<T> {
        let Bytes { bytes, changes, .. } = &mut *self.get();
        let left = changes.checked_sub(1).ok_or_else(|| io::Error::other("the disk is full"))?;
        *changes = left;
        Ok(change(bytes))
    }

    /// A database with a table that is not ours.
    fn foreign() -> Self {
        let disk = Self::default();
        let database = Database::builder().create_with_backend(disk.clone()).unwrap();
        let write = database.begin_write().unwrap();
        write.open_table(TableDefinition::<u8, u8>::new("shop")).unwrap();
        write.commit().unwrap();
        disk
    }
}

/// Why a state file is not readable.
fn unreadable<T>(outcome: Result<T, StoreError>) -> String {
    let Err(StoreError::Unreadable(why)) = outcome else { panic!("{:?}", outcome.err()) };
    why
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.get().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = offset as usize;
        out.copy_from_slice(&self.get().bytes[start..start + out.len()]);
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
        self.get().written += data.len();
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
    let error = unreadable(disk.open());
    let current = format!("format {FORMAT_VERSION}");
    assert!(error.contains("format 1") && error.contains(&current), "{error}");
}

#[test]
fn a_database_of_another_program_is_rejected_unchanged() {
    let disk = Disk::foreign();
    assert!(unreadable(disk.open()).contains("another program"));
    let database = Database::builder().create_with_backend(disk).unwrap();
    assert_eq!(database.begin_read().unwrap().list_tables().unwrap().count(), 1);
}

#[test]
fn a_file_is_created_again_wherever_its_creation_was_interrupted() {
    let failures = (0..).take_while(|changes| {
        let disk = Disk::default();
        disk.fail_after(*changes);
        let has_failed = disk.open().is_err();
        disk.fail(false);
        assert_eq!(disk.file().rows().unwrap(), []);
        has_failed
    });
    assert_ne!(failures.count(), 0);
}

#[test]
fn only_an_interrupted_creation_is_blank() {
    let is_blank = |len: usize, other: Option<usize>| {
        let mut bytes = vec![0; len];
        other.into_iter().for_each(|at| bytes[at] = 1);
        LockedFile::lock(Disk::of(bytes)).unwrap().is_blank().unwrap()
    };
    for (len, other) in [(0, None), (5, None), (8192, None), (8192, Some(9)), (8192, Some(319))] {
        assert!(is_blank(len, other), "{len} {other:?}");
    }
    for (len, other) in [(512, 9), (4096, 9), (8192, 8), (8192, 320), (8192, 8191)] {
        assert!(!is_blank(len, Some(other)), "{len} {other}");
    }
}

#[test]
fn a_file_that_is_emptied_while_it_is_in_use_is_not_created_again() {
    let disk = Disk::default();
    let mut file = disk.file();
    file.close();
    disk.get().bytes.clear();
    assert_eq!(unreadable(file.rows()), "it is empty");
    assert_eq!(disk.len().unwrap(), 0);
}

#[test]
fn a_file_stays_locked_after_an_error() {
    let path = std::env::temp_dir().join(format!("chime-locked-{}.state", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let mut file = StateFile::open(&path).unwrap();
    // As after an I/O error.
    file.close();
    let second = StateFile::open(&path);
    assert!(matches!(second, Err(StoreError::InUse)), "{:?}", second.err());
    assert_eq!(file.rows().unwrap(), []);
    drop(file);
    drop(StateFile::open(&path).unwrap());
    std::fs::remove_file(&path).unwrap();
}

/// Rows of 1,000 bytes.
fn large_rows(count: usize) -> Snapshot {
    (0..count).map(|i| (format!("/a/{i:016x}"), vec![b'0'; 1000])).collect()
}

#[test]
fn replacing_all_rows_writes_only_those_that_differ() {
    let disk = Disk::default();
    let mut file = disk.file();
    let mut rows = large_rows(500);
    file.replace(&rows).unwrap();
    rows[300].1[0] = b'1';
    rows.remove(200);
    rows.push(("/b".to_owned(), b"0".to_vec()));
    disk.get().written = 0;
    file.replace(&rows).unwrap();
    let written = disk.get().written;
    assert!(written < 100_000, "{written}");
    assert_eq!(file.rows().unwrap(), rows);
}

#[test]
fn a_damaged_file_is_an_error_and_not_a_panic() {
    let disk = Disk::default();
    let mut file = disk.file();
    file.replace(&large_rows(20)).unwrap();
    file.put_snapshot("one", large_rows(20)).unwrap();
    drop(file);
    let good = disk.get().bytes.clone();
    let mut found = BTreeSet::new();
    for page in (4096..good.len()).step_by(4096) {
        let mut bytes = good.clone();
        bytes[page..page + 512].fill(0xff);
        let outcome = Disk::of(bytes).open().and_then(|mut file| {
            file.rows()?;
            file.snapshots()?;
            file.snapshot("one")
        });
        found.insert(outcome.err().map(|error| error.to_string()));
    }
    let damaged = "not a readable state file: it is damaged".to_owned();
    assert!(found.contains(&Some(damaged)), "{found:?}");
}

#[test]
fn a_panic_of_the_database_is_an_error_and_closes_it() {
    let mut file = Disk::default().file();
    let outcome = file.with(|_| -> Result<(), StoreError> { panic!("a page is damaged") });
    assert_eq!(unreadable(outcome), "it is damaged");
    assert!(file.database.is_none());
    assert_eq!(file.rows().unwrap(), []);
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
