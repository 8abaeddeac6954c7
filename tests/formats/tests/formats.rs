//! Features of the runtime tell the format of other crates' types. No feature changes a
//! fingerprint: sides that were built with other features still fit.

#![allow(dead_code, reason = "no value of these types is made")]

use ipc_runtime::{Client, interface::TypeSchema, ipc_interface, ipc_type, shape::Shape};

/// An alias hides from the macros which type it is.
type Moment = chrono::DateTime<chrono::Utc>;

#[ipc_type]
struct Visit {
    id: uuid::Uuid,
    page: url::Url,
    began: chrono::DateTime<chrono::Utc>,
    ended: Moment,
    day: chrono::NaiveDate,
    seen: Vec<jiff::Timestamp>,
    #[serde(with = "time::serde::rfc3339")]
    left: time::OffsetDateTime,
    pages: Page<uuid::Uuid>,
    listed: Listed<Moment>,
}

#[ipc_type]
struct Page<T> {
    items: Vec<T>,
}

#[ipc_type]
struct Listed<T>(Vec<Option<T>>);

#[ipc_interface(channel = "test.formats", version = "1.0.0")]
trait Visits {
    async fn find(&self, id: uuid::Uuid) -> Result<Visit, String>;
    async fn latest(&self, since: Moment) -> Vec<jiff::civil::DateTime>;
}

#[test]
fn no_feature_changes_a_fingerprint() {
    assert_eq!(VisitsClient::INTERFACE.fingerprint().to_string(), "2:40ff29a7bd14ed87");
    assert_eq!(VisitsClient::INTERFACE.lock_hash().to_string(), "L1:40ff29a7bd14ed87");
}

#[test]
fn a_format_is_known_by_its_feature() {
    let mut formats = Vec::new();
    let schema = TypeSchema::of::<Visit>();
    schema.visit(&mut |shape| {
        if let Shape::Foreign(foreign) = shape {
            formats.push((&*foreign.name, foreign.format.as_deref()));
        }
    });
    let known = |feature: bool, format| feature.then_some(format);
    let date_time = known(cfg!(feature = "chrono"), "date-time");
    let uuid = known(cfg!(feature = "uuid"), "uuid");
    let expected = [
        ("Uuid", uuid),
        ("Url", known(cfg!(feature = "url"), "uri")),
        ("DateTime", date_time),
        ("Utc", None),
        ("Moment", date_time),
        ("NaiveDate", known(cfg!(feature = "chrono"), "date")),
        ("Timestamp", known(cfg!(feature = "jiff"), "date-time")),
        ("OffsetDateTime", known(cfg!(feature = "time"), "date-time")),
        ("Uuid", uuid),
        ("Moment", date_time),
    ];
    assert_eq!(formats, expected);
}
