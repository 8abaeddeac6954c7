//! The settings on disk. A store lives in memory: if values are to outlive it, the app saves them.

use std::{
    collections::BTreeMap,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
};

use ipc_runtime::store::{Key, Snapshot, Store};
use serde_json::Value;

use crate::keys::{AUTOSAVE, FONT_SIZE, THEME};

pub(crate) struct SettingsFile {
    path: PathBuf,
}

impl SettingsFile {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { path: directory.join("settings.json") }
    }

    /// A store with what was written down, or with what a new user begins with.
    pub(crate) fn load(&self) -> Result<Store, Box<dyn Error>> {
        let store = Store::new();
        match fs::read_to_string(&self.path) {
            Ok(text) => {
                let values: BTreeMap<String, Value> = serde_json::from_str(&text)?;
                for (key, value) in values {
                    store.set(&Key::new(key), &value)?;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                store.set(&THEME, &"light".to_owned())?;
                store.set(&FONT_SIZE, &12)?;
                store.set(&AUTOSAVE, &true)?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(store)
    }

    /// Writes all of it at once: a reader of the file sees the settings of one moment.
    pub(crate) fn save(&self, settings: &Snapshot) -> Result<(), Box<dyn Error>> {
        let values: BTreeMap<_, _> = settings.iter().map(|(key, value, _)| (key, value)).collect();
        let new = self.path.with_extension("new");
        fs::write(&new, serde_json::to_string_pretty(&values)?)?;
        Ok(fs::rename(new, &self.path)?)
    }
}
