//! Handlers that the modules of an app contribute by themselves.

use std::panic::Location;

use crate::{backend::Backend, error::register_error::RegisterError, registration::Registration};

/// A handler that [`contribute!`](crate::contribute) has submitted.
#[doc(hidden)]
#[derive(Debug)]
pub struct Contribution {
    register: fn(&Backend) -> Result<Registration, RegisterError>,
    place: &'static Location<'static>,
}

inventory::collect!(Contribution);

impl Contribution {
    /// Called by `contribute!`.
    #[track_caller]
    pub const fn new(register: fn(&Backend) -> Result<Registration, RegisterError>) -> Self {
        Self { register, place: Location::caller() }
    }
}

/// Contributes a handler to every backend of the program that calls
/// [`Backend::register_contributions`]. No central list has to name it.
///
/// Write it outside of functions, in any module or crate that is linked into the program. The
/// expression is evaluated once for each such backend. A closure is a factory, as for
/// [`Backend::register_with`]: it makes one handler for each peer.
///
/// ```
/// use ipc_runtime::{Backend, Frontend, ipc_interface};
///
/// mod search {
///     use ipc_runtime::ipc_interface;
///
///     /// Searches.
///     #[ipc_interface(channel = "docs.contributed.search", version = "1.0.0")]
///     pub trait Search {
///         /// How often the text occurs.
///         fn count(&self, text: &str) -> u32;
///     }
///
///     struct Nothing;
///
///     impl Search for Nothing {
///         fn count(&self, _: &str) -> u32 {
///             0
///         }
///     }
///
///     ipc_runtime::contribute!(SearchHandler::new(Nothing));
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let backend = Backend::new();
/// backend.register_contributions()?;
/// backend.listen("memory:docs-contribute").await?;
///
/// let frontend = Frontend::connect("memory:docs-contribute").await?;
/// let search: search::SearchClient = frontend.open().await?;
/// assert_eq!(search.count("needle").await?, 0);
/// # Ok(())
/// # }
/// ```
///
/// A crate that you link only for its contributions must be named somewhere (`use plugin as _;`).
/// Otherwise it isn't linked at all.
#[macro_export]
macro_rules! contribute {
    (|$peer:pat_param| $handler:expr $(,)?) => {
        $crate::contribute!(@factory |$peer: $crate::Peer| $handler);
    };
    (|$peer:ident: $type:ty| $handler:expr $(,)?) => {
        $crate::contribute!(@factory |$peer: $type| $handler);
    };
    (|_: $type:ty| $handler:expr $(,)?) => {
        $crate::contribute!(@factory |_: $type| $handler);
    };
    (@factory $($factory:tt)*) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Contribution::new(|backend| backend.register_with($($factory)*))
        }
    };
    ($handler:expr $(,)?) => {
        $crate::__private::inventory::submit! {
            $crate::__private::Contribution::new(|backend| backend.register($handler))
        }
    };
}

impl Backend {
    /// Adds all handlers that were contributed to the program with
    /// [`contribute!`](crate::contribute), in the order of their files and lines, and returns their
    /// registrations. Call it once, before the backend listens, so that its peers find all of them.
    ///
    /// # Errors
    ///
    /// The first error of [`register`](Self::register). Then none of the handlers is registered. If
    /// a channel is taken, the error names both places in the source.
    pub fn register_contributions(&self) -> Result<Vec<Registration>, RegisterError> {
        let mut contributions: Vec<_> = inventory::iter::<Contribution>.into_iter().collect();
        contributions.sort_by_key(|contribution| {
            let place = contribution.place;
            (place.file(), place.line(), place.column())
        });
        let mut registrations = Vec::with_capacity(contributions.len());
        for contribution in contributions {
            match (contribution.register)(self) {
                Ok(registration) => registrations.push(registration),
                Err(error) => {
                    registrations.into_iter().for_each(Registration::remove);
                    return Err(error);
                }
            }
        }
        Ok(registrations)
    }
}
