//! A lint that the user allows or expects on a trait or method is silent for what is generated.
#![deny(warnings, missing_docs, single_use_lifetimes, unused_qualifications)]

use ipc_runtime::ipc_interface;

/// Every level can be set where the name was written.
#[ipc_interface(channel = "demo.files", version = "1.0.0")]
pub trait Files {
    /// On a method.
    #[allow(non_snake_case)]
    async fn readDir(&self, dirName: &str) -> u64;
    /// As an expectation, which is fulfilled by the trait.
    #[expect(non_snake_case, reason = "the name of the old protocol")]
    async fn readFile(&self, fileName: &str, _reserved: u8) -> u64;
    /// Behind a condition.
    #[cfg_attr(all(), allow(non_snake_case))]
    #[cfg_attr(all(), deprecated = "use `readFile`")]
    fn readLink(&self);
    /// It isn't there, and neither is what is made of it.
    #[cfg_attr(all(), cfg(any()))]
    async fn gone(&self, of: NoSuchType);
}

/// On the trait.
#[expect(non_snake_case, non_camel_case_types)]
#[ipc_interface(channel = "demo.disk", version = "1.0.0")]
pub trait disk {
    /// By the trait.
    async fn freeBytes(&self, ofDevice: Option<&str>) -> u64;
}

/// Warnings about it are this module's business.
#[deprecated]
#[ipc_runtime::ipc_type]
pub struct Old;

#[warn(deprecated)]
mod old {
    use ipc_runtime::ipc_interface;

    /// The trait's own attributes concern what is generated as well.
    #[expect(deprecated)]
    #[ipc_interface(channel = "demo.old", version = "1.0.0")]
    pub trait Olds {
        /// Both in argument and result.
        async fn newer(&self, old: crate::Old) -> crate::Old;
    }
}

fn main() {}
