//! Lets generated code ask whether a type is an [`IpcType`], without requiring it.

use std::marker::PhantomData;

use crate::interface::fingerprint::{ipc_type::IpcType, shapes::TypeShapes};

/// `Probe::<T>::PROBED` is the inherent constant if `T: IpcType`. Otherwise that one doesn't apply,
/// and it is the constant of the same name of [`ProbeFallback`].
///
/// The names are unusual, because a trait of the app that every type implements may be in scope.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: IpcType + ?Sized> Probe<T> {
    pub const PROBED: Option<u64> = Some(T::FINGERPRINT);

    pub fn describe_probed(shapes: &mut TypeShapes) {
        T::describe(shapes);
    }
}

/// What a [`Probe`] yields for any other type.
#[doc(hidden)]
pub trait ProbeFallback {
    const PROBED: Option<u64> = None;

    fn describe_probed(shapes: &mut TypeShapes) {
        let _ = shapes;
    }
}

impl<T: ?Sized> ProbeFallback for Probe<T> {}
