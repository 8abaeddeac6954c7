//! An interface with every kind of method.

use std::{path::Path, sync::Mutex};

use ipc_runtime::{Bytes, CallContext, ipc_interface};

use crate::{FileError, FileInfo};

/// A module's own `Result`.
pub type Result<T, E = FileError> = std::result::Result<T, E>;

/// Every kind of method.
#[ipc_interface(channel = "test.everything", version = "1.0.0")]
pub trait Everything {
    /// Gives the text back, after a pause in which others run.
    async fn echo(&self, text: String) -> String;
    /// The sum: a sync method.
    fn add(&self, a: i64, b: i64) -> i64;
    /// The bytes in reverse: a method that blocks its thread.
    #[ipc(blocking)]
    fn reverse(&self, bytes: Vec<u8>) -> Vec<u8>;
    /// Keeps a line.
    #[ipc(notification)]
    async fn note(&self, line: String);
    /// Keeps a number, synchronously.
    #[ipc(notification)]
    fn mark(&self, number: u32);
    /// Keeps a number, on a thread that it may block.
    #[ipc(notification, blocking)]
    fn mark_slowly(&self, number: u32);
    /// What was kept.
    fn noted(&self) -> Vec<String>;
    /// Two arguments that may be left out.
    async fn optional(&self, first: u32, second: Option<String>, third: Option<u32>) -> String;
    /// Borrowed arguments.
    async fn borrowed(&self, text: &str, numbers: &[u32], info: &FileInfo, path: &Path) -> String;
    /// A borrowed argument that may be left out.
    async fn maybe_borrowed(&self, text: Option<&str>) -> Option<usize>;
    /// Names that are keywords.
    async fn r#type(&self, r#fn: String) -> String;
    /// Many arguments.
    #[allow(clippy::too_many_arguments)]
    async fn fourteen(
        &self,
        a: u8,
        b: u16,
        c: u32,
        d: u64,
        e: i8,
        f: i16,
        g: i32,
        h: i64,
        i: f32,
        j: f64,
        k: bool,
        l: char,
        m: String,
        n: (u8, u8),
    ) -> String;
    /// Renamed on the wire.
    #[ipc(name = "readDir")]
    async fn read_dir(&self, #[ipc(name = "dirName")] dir: String) -> Vec<String>;
    /// A method's own error.
    async fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError>;
    /// The same by an alias.
    fn half(&self, number: i32) -> Result<i32>;
    /// No result.
    async fn nothing(&self);
    /// A result that holds nothing, or an error.
    async fn succeed(&self, fail: bool) -> Result<(), FileError>;
    /// Bytes as bytes.
    async fn bytes(&self, bytes: Bytes) -> Bytes;
    /// One argument that is an object.
    async fn describe(&self, info: FileInfo) -> String;
    /// A number, and whatever it is.
    async fn float(&self, number: f64) -> f64;
    /// The name of the method, from the context.
    async fn context(&self, before: u8, #[ipc(context)] call: &CallContext, after: u8) -> String;
    /// A method with a name that isn't ASCII.
    #[ipc(name = "größe")]
    fn size(&self) -> u32;
}

/// The handler.
#[derive(Debug, Default)]
pub struct EverythingService {
    /// What came by notifications.
    pub noted: Mutex<Vec<String>>,
}

impl EverythingService {
    fn keep(&self, line: String) {
        self.noted.lock().unwrap().push(line);
    }
}

impl Everything for EverythingService {
    async fn echo(&self, text: String) -> String {
        tokio::task::yield_now().await;
        text
    }

    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    fn reverse(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes.into_iter().rev().collect()
    }

    async fn note(&self, line: String) {
        tokio::task::yield_now().await;
        self.keep(line);
    }

    fn mark(&self, number: u32) {
        self.keep(number.to_string());
    }

    fn mark_slowly(&self, number: u32) {
        self.keep(format!("slow {number}"));
    }

    fn noted(&self) -> Vec<String> {
        self.noted.lock().unwrap().clone()
    }

    async fn optional(&self, first: u32, second: Option<String>, third: Option<u32>) -> String {
        format!("{first} {second:?} {third:?}")
    }

    async fn borrowed(&self, text: &str, numbers: &[u32], info: &FileInfo, path: &Path) -> String {
        tokio::task::yield_now().await;
        format!("{text} {numbers:?} {} {}", info.name, path.display())
    }

    async fn maybe_borrowed(&self, text: Option<&str>) -> Option<usize> {
        text.map(str::len)
    }

    async fn r#type(&self, r#fn: String) -> String {
        format!("fn {}", r#fn)
    }

    async fn fourteen(
        &self,
        a: u8,
        b: u16,
        c: u32,
        d: u64,
        e: i8,
        f: i16,
        g: i32,
        h: i64,
        i: f32,
        j: f64,
        k: bool,
        l: char,
        m: String,
        n: (u8, u8),
    ) -> String {
        format!("{a} {b} {c} {d} {e} {f} {g} {h} {i} {j} {k} {l} {m} {n:?}")
    }

    async fn read_dir(&self, dir: String) -> Vec<String> {
        vec![format!("{dir}/a"), format!("{dir}/b")]
    }

    async fn list(&self, dir: &str) -> Result<Vec<FileInfo>, FileError> {
        tokio::task::yield_now().await;
        if dir == "/none" {
            return Err(FileError::NotFound(dir.into()));
        }
        Ok(vec![FileInfo { name: format!("{dir}/a"), size: 7 }])
    }

    fn half(&self, number: i32) -> Result<i32> {
        if number % 2 == 0 { Ok(number / 2) } else { Err(FileError::NotFound("half".into())) }
    }

    async fn nothing(&self) {}

    async fn succeed(&self, fail: bool) -> Result<(), FileError> {
        if fail { Err(FileError::NotFound("asked for".into())) } else { Ok(()) }
    }

    async fn bytes(&self, bytes: Bytes) -> Bytes {
        bytes
    }

    async fn describe(&self, info: FileInfo) -> String {
        format!("{} {}", info.name, info.size)
    }

    async fn float(&self, number: f64) -> f64 {
        if number < 0.0 { f64::NAN } else { number }
    }

    async fn context(&self, before: u8, call: &CallContext, after: u8) -> String {
        format!("{before} {} {after}", call.method())
    }

    fn size(&self) -> u32 {
        4
    }
}
