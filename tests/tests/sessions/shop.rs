//! One interface as it was and as it is, which somebody has changed without another version.

pub(crate) mod old {
    use ipc_runtime::{ipc_interface, ipc_type};

    /// An item.
    #[ipc_type]
    #[derive(Debug)]
    pub(crate) struct Item {
        /// Its name.
        pub name: String,
        /// What it is wrapped in.
        pub wrapping: Wrapping,
    }

    /// What an item is wrapped in.
    #[ipc_type]
    #[derive(Debug)]
    pub(crate) enum Wrapping {
        /// Paper.
        Paper,
        /// A box of this size.
        Box(u32),
    }

    /// A shop.
    #[ipc_interface(channel = "test.shop", version = "1.0.0")]
    pub(crate) trait Shop {
        /// All items.
        async fn items(&self) -> Vec<Item>;
        /// Buys.
        async fn buy(&self, name: &str, count: u32) -> bool;
        /// Goes away.
        fn opened(&self) -> bool;
        /// Stays as it is.
        fn untouched(&self, of: Option<String>) -> u8;
    }
}

pub(crate) mod new {
    use ipc_runtime::{ipc_interface, ipc_type};

    /// An item, with one field more.
    #[ipc_type]
    #[derive(Debug)]
    pub(crate) struct Item {
        /// Its name.
        pub name: String,
        /// What it is wrapped in.
        pub wrapping: Wrapping,
        /// In cents.
        pub price: u64,
    }

    /// What an item is wrapped in, with one variant more.
    #[ipc_type]
    #[derive(Debug)]
    pub(crate) enum Wrapping {
        /// Paper.
        Paper,
        /// A box of this size.
        Box(u32),
        /// Nothing.
        Bare,
    }

    /// The same shop, changed without another version.
    #[ipc_interface(channel = "test.shop", version = "1.0.0")]
    pub(crate) trait Shop {
        /// All items.
        async fn items(&self) -> Vec<Item>;
        /// Buys more.
        async fn buy(&self, name: &str, count: u64) -> bool;
        /// Is new.
        fn closed(&self, when: String) -> bool;
        /// Stays as it is.
        fn untouched(&self, of: Option<String>) -> u8;
    }

    #[derive(Debug)]
    pub(crate) struct Corner;

    impl Shop for Corner {
        async fn items(&self) -> Vec<Item> {
            Vec::new()
        }

        async fn buy(&self, _: &str, _: u64) -> bool {
            true
        }

        fn closed(&self, _: String) -> bool {
            false
        }

        fn untouched(&self, _: Option<String>) -> u8 {
            1
        }
    }
}
