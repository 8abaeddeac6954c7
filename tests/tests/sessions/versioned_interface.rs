//! One interface in many versions, a module each.

/// An interface of one sync method, under a version of its own.
macro_rules! interface_of_version {
    ($name:ident, $version:literal) => {
        interface_of_version!($name, $version, "semver");
    };
    ($name:ident, $version:literal, $compat:literal) => {
        pub(crate) mod $name {
            use ipc_runtime::ipc_interface;

            /// One version.
            #[ipc_interface(channel = "test.versions", version = $version, compat = $compat)]
            pub(crate) trait Versioned {
                /// Its name.
                fn name(&self) -> String;
            }

            #[derive(Debug)]
            pub(crate) struct Named;

            impl Versioned for Named {
                fn name(&self) -> String {
                    $version.into()
                }
            }
        }
    };
}

interface_of_version!(v1_0_0, "1.0.0");
interface_of_version!(v1_2_0, "1.2.0");
interface_of_version!(v1_2_3, "1.2.3");
interface_of_version!(v2_0_0, "2.0.0");
interface_of_version!(v0_1_0, "0.1.0");
interface_of_version!(v0_1_5, "0.1.5");
interface_of_version!(v0_2_0, "0.2.0");
interface_of_version!(v0_0_1, "0.0.1");
interface_of_version!(v0_0_2, "0.0.2");
interface_of_version!(pre_1, "1.3.0-beta.1");
interface_of_version!(pre_2, "1.3.0-beta.2");
interface_of_version!(exact_1_2_0, "1.2.0", "exact");
interface_of_version!(exact_1_2_3, "1.2.3", "exact");
interface_of_version!(build_a, "1.2.0+a");
interface_of_version!(build_b, "1.2.0+b.7");
interface_of_version!(exact_build_a, "1.2.0+a", "exact");
interface_of_version!(exact_build_b, "1.2.0+b.7", "exact");
