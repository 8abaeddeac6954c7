use super::*;

#[test]
fn a_flow_stops_at_its_window_and_goes_on_with_credit() {
    let mut flows = Flows::default();
    flows.set_window(Window { items: 2, bytes: 10 });
    let id = FlowId::next();
    flows.open(id, FlowKind::Argument, None);
    let waker = Waker::noop();
    assert!(flows.may_send(id, waker));
    flows.sent(id, 1, 100);
    assert!(!flows.may_send(id, waker), "bytes are used up");
    assert!(flows.credit(id, 1, Some(50)).is_none());
    assert!(flows.credit(id, 0, Some(50)).is_some());
    assert!(flows.may_send(id, waker));
    flows.sent(id, 2, 0);
    assert!(!flows.may_send(id, waker), "items are used up");
    flows.close(id);
    assert!(!flows.is_open(id));
}

#[test]
fn credit_without_bytes_gives_back_those_of_its_items() {
    let mut flows = Flows::default();
    flows.set_window(Window { items: 100, bytes: 30 });
    let id = FlowId::next();
    flows.open(id, FlowKind::Argument, None);
    let waker = Waker::noop();
    flows.sent(id, 3, 30);
    assert!(!flows.may_send(id, waker), "bytes are used up");
    assert!(flows.credit(id, 1, None).is_some());
    assert!(flows.may_send(id, waker));
    flows.sent(id, 1, 10);
    assert!(!flows.may_send(id, waker), "it isn't without a limit from then on");
    // More than it has got gives back no more than all.
    assert!(flows.credit(id, 1000, None).is_some());
    flows.sent(id, 1, 30);
    assert!(!flows.may_send(id, waker));
}

#[test]
fn a_chosen_number_names_one_subscription_after_another() {
    let mut flows = Flows::default();
    let first = FlowId::chosen(5).unwrap();
    flows.reserve_place(Some(first));
    assert!(flows.is_in_use(5), "its method runs");
    assert_eq!(flows.subscription(5), None, "it isn't open");
    flows.open(first, FlowKind::Subscription("a.b"), None);
    flows.use_place();
    assert_eq!(flows.subscription(5), Some(first));
    flows.close(first);
    assert!(!flows.is_in_use(5));
    let second = FlowId::chosen(5).unwrap();
    flows.reserve_place(Some(second));
    flows.open(second, FlowKind::Subscription("a.b"), None);
    flows.use_place();
    // The producer of the first one is dropped only now.
    flows.close(first);
    assert_eq!(flows.subscription(5), Some(second));
    assert_eq!(flows.subscription_count(), 1);
}

#[test]
fn numbers_of_subscriptions_and_of_stream_arguments_are_told_apart() {
    let mut flows = Flows::default();
    let argument = FlowId::next();
    flows.open(argument, FlowKind::Argument, None);
    let number = argument.on_wire();
    assert!(!flows.is_in_use(number));
    assert_eq!((flows.subscription(number), flows.argument(number)), (None, Some(argument)));
    let chosen = FlowId::chosen(number).unwrap();
    flows.open(chosen, FlowKind::Subscription("a.b"), None);
    flows.reserve_place(Some(chosen));
    let found = (flows.subscription(number), flows.argument(number));
    assert_eq!(found, (Some(chosen), Some(argument)));
    // Nor does a number that it has only in here find a subscription.
    assert_eq!(flows.subscription(chosen.unique), None);
    assert_eq!(flows.subscription(number | 1 << 63), None);
    assert!(FlowId::chosen(LARGEST).is_some() && FlowId::chosen(LARGEST + 1).is_none());
}

#[test]
fn subscriptions_alone_are_counted() {
    let mut flows = Flows::default();
    let [first, second, argument] = [(); 3].map(|()| FlowId::next());
    flows.open(argument, FlowKind::Argument, None);
    flows.open(first, FlowKind::Subscription("a.b"), None);
    flows.open(second, FlowKind::Subscription("a.c"), None);
    assert_eq!(flows.subscription_count(), 2);
    flows.was_told(second);
    assert!(flows.told_subscriptions().eq([(second, "a.c")]));
    flows.has_ended(second);
    assert_eq!(flows.told_subscriptions().count(), 0, "nothing tells another end");
    for id in [argument, second, second] {
        flows.close(id);
    }
    assert_eq!(flows.subscription_count(), 1);
}

#[test]
fn without_a_window_nothing_is_counted() {
    let mut flows = Flows::default();
    let id = FlowId::next();
    flows.open(id, FlowKind::Argument, None);
    for _ in 0..10_000 {
        assert!(flows.may_send(id, Waker::noop()));
        flows.sent(id, 1, 1_000_000);
    }
}
