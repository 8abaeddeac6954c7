//! The interface, implemented.

use std::{
    collections::BTreeMap,
    future,
    sync::{Mutex, PoisonError},
};

use futures_util::{StreamExt, stream};
use ipc_runtime::{Bytes, CallContext, Stream, Streaming, event::Emitter};
use serde_json::Value;

use crate::{
    dropped::Count,
    interface::{Entry, EverythingApi, Failure, Indexed, WindowClient},
};

/// How many fired items may wait for one listener.
const FEW: usize = 8;

#[derive(Debug)]
pub(crate) struct Everything {
    dropped: Count,
    produced: Count,
    fired: Emitter<u32>,
    lines: Mutex<Vec<String>>,
}

impl Default for Everything {
    fn default() -> Self {
        Self {
            dropped: Count::default(),
            produced: Count::default(),
            fired: Emitter::builder().capacity(FEW).build(),
            lines: Mutex::default(),
        }
    }
}

impl EverythingApi for Everything {
    fn find(&self, name: &str) -> Result<Vec<Entry>, Failure> {
        match name {
            "none" => Err(Failure::NotFound(name.to_owned())),
            "large" => Err(Failure::TooLarge { path: name.to_owned(), limit: 3 }),
            "busy" => Err(Failure::Busy),
            _ => Ok(vec![
                Entry { name: name.to_owned(), size: 5, inode: 1, head: None },
                Entry {
                    name: "ü".to_owned(),
                    size: 0,
                    inode: u64::MAX,
                    head: Some(Bytes::from(vec![0, 1, 255])),
                },
            ]),
        }
    }

    fn integer(&self, value: u64) -> u64 {
        value
    }

    fn widest(&self, value: u128) -> u128 {
        value
    }

    fn float(&self, value: f64) -> f64 {
        value
    }

    fn bytes(&self, value: Bytes) -> Bytes {
        value
    }

    fn any(&self, value: Value) -> Value {
        value
    }

    fn map(&self, value: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        value
    }

    fn optional(&self, value: Option<f64>) -> bool {
        value.is_some()
    }

    async fn wait(&self) {
        let _counted = self.dropped.when_dropped();
        future::pending::<()>().await;
    }

    fn dropped(&self) -> u32 {
        self.dropped.get()
    }

    async fn index(&self, call: &CallContext<Indexed>, dirs: Vec<String>) -> u64 {
        for files in 1..=dirs.len() as u64 {
            call.progress(&Indexed { files });
        }
        dirs.len() as u64
    }

    async fn store(&self, most: u32, mut chunks: Streaming<Bytes>) -> Result<Vec<u32>, Failure> {
        let mut sizes = Vec::new();
        while sizes.len() < most as usize {
            match chunks.next().await {
                None => break,
                Some(Ok(chunk)) => sizes.push(u32::try_from(chunk.len()).unwrap_or(u32::MAX)),
                Some(Err(error)) => return Err(Failure::NotFound(error.to_string())),
            }
        }
        Ok(sizes)
    }

    async fn countdown(&self, from: u64) -> Result<impl Stream<Item = u64>, String> {
        if from > 100_000 {
            return Err("that takes too long".to_owned());
        }
        Ok(stream::iter((0..from).rev()))
    }

    fn measure(&self) -> impl Stream<Item = Result<u64, Failure>> {
        stream::iter([Ok(7), Err(Failure::TooLarge { path: "it".to_owned(), limit: 7 })])
    }

    fn endless(&self) -> impl Stream<Item = u32> {
        let counted = self.dropped.when_dropped();
        stream::iter(0..).map(move |number| {
            let _held = &counted;
            self.produced.add();
            number
        })
    }

    fn produced(&self) -> u32 {
        self.produced.get()
    }

    fn fired(&self) -> impl Stream<Item = u32> {
        self.fired.event().listen()
    }

    fn fire(&self, count: u32) {
        for number in 0..count {
            self.fired.fire(number);
        }
    }

    fn log(&self, line: String) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn logged(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn show(&self, call: &CallContext, text: &str) -> Result<u32, String> {
        let window: WindowClient = call.peer().client();
        window.show(text).await.map_err(|error| error.to_string())
    }

    async fn sum_ticks(&self, call: &CallContext, count: u32) -> Result<u64, String> {
        let window: WindowClient = call.peer().client();
        let mut ticks = window.ticks(count).await.map_err(|error| error.to_string())?;
        let mut sum = 0;
        while let Some(tick) = ticks.next().await {
            sum += tick.map_err(|error| error.to_string())?;
        }
        Ok(sum)
    }

    async fn upload(&self, call: &CallContext, count: u32) -> Result<u32, String> {
        let window: WindowClient = call.peer().client();
        let numbers = Streaming::new(stream::iter(0..count));
        window.sum(numbers).await.map_err(|error| error.to_string())
    }
}
