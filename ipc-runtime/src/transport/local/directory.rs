//! The directory of the `local:` sockets: one for each user, closed to all others.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Returns the user's directory, and creates it if it doesn't exist.
///
/// Fails unless the directory belongs to this user, is closed to everybody else and isn't a
/// symbolic link: somebody who could put a socket of their own there could pose as a backend.
pub(super) fn prepare() -> io::Result<PathBuf> {
    let user = own_uid()?;
    let (parent, name) = place(user);
    let directory = parent.join(name);
    let made = DirBuilder::new().mode(0o700).create(&directory);
    match made {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => {
            return Err(io::Error::new(
                error.kind(),
                format!(
                    "can't make the directory for local sockets, {}: {error}",
                    directory.display()
                ),
            ));
        }
    }
    check(&directory, user)?;
    Ok(directory)
}

/// `$XDG_RUNTIME_DIR/ipc-runtime` if that variable names a directory of this user, otherwise
/// `ipc-runtime-UID` in the directory for temporary files. Both sides arrive at the same path.
fn place(user: u32) -> (PathBuf, OsString) {
    match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
        Some(runtime) if runtime.is_absolute() && is_own_directory(&runtime, user) => {
            (runtime, "ipc-runtime".into())
        }
        _ => (std::env::temp_dir(), format!("ipc-runtime-{user}").into()),
    }
}

/// Whether this is a directory of this user. After a change of user, the environment may still name
/// the previous user's directory; without a session, it may name one that was never created.
fn is_own_directory(path: &Path, user: u32) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == user)
}

fn check(directory: &Path, user: u32) -> io::Result<()> {
    let refused = |why: String| {
        let directory = directory.display();
        let message =
            format!("the directory for local sockets, {directory}, can't be trusted: {why}");
        Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
    };
    // Doesn't follow links, so that a link isn't taken for its target.
    let found = fs::symlink_metadata(directory)?;
    if !found.is_dir() {
        return refused("it is no directory, or a symbolic link; remove it".into());
    }
    if found.uid() != user {
        return refused(format!("it belongs to user {}, not to {user}", found.uid()));
    }
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return refused(format!("its mode is {mode:04o}; run `chmod 700` on it"));
    }
    Ok(())
}

/// The effective user of this process, as the kernel reports it to the other side of a socket.
pub(super) fn own_uid() -> io::Result<u32> {
    let (ours, _theirs) = tokio::net::UnixStream::pair()?;
    Ok(ours.peer_cred()?.uid())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("ipc-directory-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        DirBuilder::new().mode(0o700).create(&path).unwrap();
        path
    }

    #[tokio::test]
    async fn a_private_directory_of_this_user_is_trusted() {
        let directory = scratch("private");
        let user = own_uid().unwrap();
        assert!(check(&directory, user).is_ok());
        assert!(check(&directory, user + 1).is_err());
        fs::remove_dir(&directory).unwrap();
    }

    #[tokio::test]
    async fn an_open_directory_and_a_link_are_refused() {
        let directory = scratch("open");
        let user = own_uid().unwrap();
        let link = directory.join("link");
        let inner = directory.join("inner");
        DirBuilder::new().mode(0o700).create(&inner).unwrap();
        symlink(&inner, &link).unwrap();
        assert!(check(&link, user).unwrap_err().to_string().contains("symbolic link"));
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(check(&inner, user).unwrap_err().to_string().contains("chmod 700"));
        fs::remove_dir_all(&directory).unwrap();
    }
}
