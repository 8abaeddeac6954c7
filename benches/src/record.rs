//! What `echo` carries.

use serde::{Deserialize, Serialize};

/// An identity, a name of 16 characters, four tags of 8, and a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, zbus::zvariant::Type)]
#[zvariant(crate = "zbus::zvariant")]
pub struct Record {
    pub id: u64,
    pub name: String,
    pub tags: Vec<String>,
    pub score: f64,
}

impl Record {
    /// The record that everybody sends.
    pub fn sample() -> Self {
        Self {
            id: 1_234_567_890,
            name: "sixteen letters.".into(),
            tags: ["eight ch", "aracters", "in each ", "of those"].map(String::from).into(),
            score: 0.123_456_789,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_as_large_as_it_is_said_to_be() {
        let sample = Record::sample();
        assert_eq!(sample.name.len(), 16);
        assert_eq!(sample.tags.len(), 4);
        assert!(sample.tags.iter().all(|tag| tag.len() == 8));
    }
}
