//! Lets generated code ask whether the shape of a type is known, without requiring it.

use std::marker::PhantomData;

use crate::shape::{ipc_type::IpcType, node::Node};

/// `Probe::<T>::PROBED` is the inherent constant if `T: IpcType`. Otherwise that one doesn't apply,
/// and it is the constant of the same name of [`ProbeFallback`].
///
/// The names are unusual, because a trait of the app that every type implements may be in scope.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: IpcType + ?Sized> Probe<T> {
    pub const PROBED: Option<&'static Node> = Some(const { &Node::link::<T>() });
}

/// What a [`Probe`] yields for any other type.
#[doc(hidden)]
pub trait ProbeFallback {
    const PROBED: Option<&'static Node> = None;
}

impl<T: ?Sized> ProbeFallback for Probe<T> {}

/// A generic type, made for arguments whose shapes are given: so `Page<Uuid>` is known as a page,
/// though nothing is known of `Uuid`. `#[ipc_type]` implements it for your types.
#[doc(hidden)]
pub trait Generic<Arguments> {
    /// The name of the type. Behind an alias, its arguments may be others than those written.
    const NAME: &'static str;

    const INSTANCE: &'static Node;
}

/// The shape of one argument.
#[doc(hidden)]
pub trait Argument {
    const ARGUMENT: &'static Node;
}

/// As [`Probe`], for [`Generic`].
#[doc(hidden)]
#[derive(Debug)]
pub struct GenericProbe<T: ?Sized, Arguments>(PhantomData<(Arguments, T)>);

impl<T: Generic<Arguments> + ?Sized, Arguments> GenericProbe<T, Arguments> {
    pub const INSTANCE_PROBED: Option<(&'static str, &'static Node)> =
        Some((T::NAME, const { &Node::link_to(T::INSTANCE, instance::<T, Arguments>) }));
}

fn instance<T: Generic<Arguments> + ?Sized, Arguments>() -> &'static Node {
    T::INSTANCE
}

/// What a [`GenericProbe`] yields for any other type.
#[doc(hidden)]
pub trait GenericProbeFallback {
    const INSTANCE_PROBED: Option<(&'static str, &'static Node)> = None;
}

impl<T: ?Sized, Arguments> GenericProbeFallback for GenericProbe<T, Arguments> {}

/// Whether a type is std's `Result`, by whichever name.
#[doc(hidden)]
#[derive(Debug)]
pub struct ResultProbe<T: ?Sized>(PhantomData<T>);

impl<T, E> ResultProbe<Result<T, E>> {
    pub const RESULT_PROBED: bool = true;
}

/// What a [`ResultProbe`] yields for any other type.
#[doc(hidden)]
pub trait ResultProbeFallback {
    const RESULT_PROBED: bool = false;
}

impl<T: ?Sized> ResultProbeFallback for ResultProbe<T> {}

/// The shape that a [`Probe`] found, or else what the macro made from the written type.
#[doc(hidden)]
pub const fn known_or(probed: Option<&'static Node>, written: &'static Node) -> &'static Node {
    match probed {
        Some(known) => known,
        None => written,
    }
}

/// The shape that a [`GenericProbe`] found for a type of this name, or else that of a foreign type.
#[doc(hidden)]
pub const fn instance_or(
    instantiated: Option<(&'static str, &'static Node)>,
    name: &str,
    written: &'static Node,
) -> &'static Node {
    match instantiated {
        Some((found, instance)) if equal(found, name) => instance,
        _ => written,
    }
}

const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
