//! The control token of a server: the variable that sets it, and the files with the token of a running
//! server, one for each port, for commands of the same user.
//!
//! A file is `chime/local-PORT.token` below `$XDG_RUNTIME_DIR`, or else below `$XDG_STATE_HOME`, which is
//! `~/.local/state` by default; on Windows below `%LOCALAPPDATA%`.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process;

/// The variable with the token.
pub(crate) const VARIABLE: &str = "CHIME_LOCAL_CONTROL_TOKEN";

/// The token in the environment; `None` if it is unset or empty.
pub(crate) fn of_environment() -> Option<String> {
    // Bytes that are not UTF-8 are replaced by a character that no valid token has.
    let token = env::var_os(VARIABLE)?.to_string_lossy().into_owned();
    (!token.is_empty()).then_some(token)
}

/// The file of one port. It is removed with this.
pub(super) struct TokenFile {
    path: PathBuf,
    token: String,
}

impl TokenFile {
    /// Writes a file that its owner alone can read. It replaces one that a killed server left.
    ///
    /// # Errors
    /// Returns an error if the environment names no place for it, or if it cannot be written.
    pub(super) fn write(path: Option<PathBuf>, token: &str) -> io::Result<Self> {
        let missing =
            || io::Error::new(io::ErrorKind::NotFound, "XDG_RUNTIME_DIR or HOME must be set");
        let path = path.ok_or_else(missing)?;
        if let Some(folder) = path.parent() {
            let mut builder = DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.recursive(true).create(folder)?;
        }
        // A file of that name may be readable for others, or a link. A new one takes its place.
        let new = path.with_extension(format!("token.{}", process::id()));
        let _ = fs::remove_file(&new);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&new).and_then(|mut file| file.write_all(token.as_bytes()));
        written.and_then(|()| fs::rename(&new, &path)).inspect_err(|_| {
            let _ = fs::remove_file(&new);
        })?;
        Ok(Self { path, token: token.to_owned() })
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        // A server at another address may have the same port, and have written its own.
        if fs::read_to_string(&self.path).is_ok_and(|found| found == self.token) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The path of the file for a port; `None` if the environment names no place for it.
pub(crate) fn path(port: u16, var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| var(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_RUNTIME_DIR")
            .or_else(|| folder("XDG_STATE_HOME"))
            .or_else(|| Some(folder("HOME")?.join(".local/state")))
    };
    Some(base?.join("chime").join(format!("local-{port}.token")))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use super::*;

    fn path_with(vars: &[(&str, &str)]) -> Option<PathBuf> {
        path(80, |name| {
            vars.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_place_follows_the_rules_of_xdg() {
        let (run, state, home) =
            (("XDG_RUNTIME_DIR", "/run/u"), ("XDG_STATE_HOME", "/state"), ("HOME", "/users/u"));
        let is = |vars: &[_], expected: &str| {
            assert_eq!(path_with(vars).as_deref(), Some(Path::new(expected)));
        };
        is(&[run, state, home], "/run/u/chime/local-80.token");
        is(&[state, home], "/state/chime/local-80.token");
        is(&[home], "/users/u/.local/state/chime/local-80.token");
        // A relative path is to be ignored.
        is(
            &[("XDG_RUNTIME_DIR", "run"), ("XDG_STATE_HOME", ""), home],
            "/users/u/.local/state/chime/local-80.token",
        );
        assert_eq!(path_with(&[]), None);
        assert_eq!(path_with(&[("HOME", "u")]), None);
    }

    #[test]
    fn the_owner_alone_can_read_it_and_it_goes_with_its_server() {
        let base = std::env::temp_dir().join(format!("chime-token-{}", process::id()));
        let path = base.join("chime/local-80.token");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "of a killed server").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();

        let file = TokenFile::write(Some(path.clone()), "a-token").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a-token");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let other = TokenFile::write(Some(path.clone()), "another-token").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "another-token");
        drop(other);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 0);
        fs::remove_dir_all(base).unwrap();

        assert!(TokenFile::write(None, "a-token").is_err());
    }
}
