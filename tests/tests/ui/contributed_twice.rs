//! Two modules that contribute the same channel.

use ipc_runtime::{Backend, error::RegisterError};

mod first {
    use ipc_runtime::ipc_interface;

    /// Has the channel.
    #[ipc_interface(channel = "test.contributed.twice", version = "1.0.0")]
    pub(crate) trait First {
        /// Answers.
        fn ping(&self);
    }

    struct Pong;

    impl First for Pong {
        fn ping(&self) {}
    }

    ipc_runtime::contribute!(FirstHandler::new(Pong));
}

mod second {
    use ipc_runtime::ipc_interface;

    /// Wants it too.
    #[ipc_interface(channel = "test.contributed.twice", version = "1.0.0")]
    pub(crate) trait Second {
        /// Answers.
        fn pong(&self);
    }

    struct Ping;

    impl Second for Ping {
        fn pong(&self) {}
    }

    ipc_runtime::contribute!(SecondHandler::new(Ping));
}

#[test]
fn a_channel_that_is_contributed_twice_names_both_places_and_registers_none() {
    let backend = Backend::new();
    let RegisterError::ChannelTaken { channel, holder, place, holder_place, .. } =
        backend.register_contributions().unwrap_err()
    else {
        panic!("another error");
    };
    assert_eq!((channel, holder), ("test.contributed.twice", "First"));
    assert_eq!((place.file(), holder_place.file()), (file!(), file!()));
    assert!(holder_place.line() < place.line());
    assert!(format!("{backend:?}").contains("channels: []"), "{backend:?}");
}
