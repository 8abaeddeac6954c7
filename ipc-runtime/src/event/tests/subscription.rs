use super::*;
use crate::support::item_notes::{self, Notes, Position};

/// Polls the stream until it is pending, and collects what a subscription would note.
fn noted<S: crate::Stream + Unpin>(notes: &mut Notes, stream: &mut S) -> Vec<S::Item> {
    item_notes::scope(notes, || {
        std::iter::from_fn(|| stream.next().now_or_never().flatten()).collect()
    })
}

#[test]
fn event_tells_a_subscription_its_positions_and_lag_through_adaptors() {
    let emitter = Emitter::builder().capacity(2).build();
    let epoch = emitter.owner.shared.epoch;
    let mut notes = Notes::default();
    let listener = item_notes::scope(&mut notes, || emitter.event().listen());
    let mut stream = listener.filter(|value| std::future::ready(value % 2 == 1)).map(|v| v * 10);
    let mut stream = std::pin::Pin::new(&mut stream);
    (1..=5).for_each(|value| emitter.fire(value));
    assert_eq!(noted(&mut notes, &mut stream), [50]);
    assert_eq!((notes.lagged, notes.position), (3, Some(Position { epoch, seq: 5 })));
    emitter.fire(6);
    assert!(noted(&mut notes, &mut stream).is_empty());
    assert_eq!(notes.position, Some(Position { epoch, seq: 6 }), "also of what was filtered out");
    assert!(!notes.gap && !notes.mixed);
}

#[test]
fn event_counts_as_missed_only_what_no_subscription_was_told() {
    let emitter = Emitter::builder().capacity(1).build();
    let mut listener = emitter.event().listen();
    let mut notes = Notes::default();
    (1..=3).for_each(|value| emitter.fire(value));
    assert_eq!(noted(&mut notes, &mut listener), [3]);
    assert_eq!((mem::take(&mut notes.lagged), listener.take_missed()), (2, 0));
    (4..=5).for_each(|value| emitter.fire(value));
    assert_eq!(ready(&mut listener), [5]);
    assert_eq!((notes.lagged, listener.take_missed()), (0, 1));
}

#[test]
fn event_two_emitters_in_one_subscription_are_mixed() {
    let (one, two) = (Emitter::new(), Emitter::new());
    let mut stream = futures_util::stream::select(one.event().listen(), two.event().listen());
    let mut notes = Notes::default();
    one.fire(1);
    assert_eq!(noted(&mut notes, &mut stream), [1]);
    assert!(notes.position.is_some() && !notes.mixed);
    two.fire(2);
    assert_eq!(noted(&mut notes, &mut stream), [2]);
    assert!(notes.position.is_none() && notes.mixed);
}

#[test]
fn event_resumes_a_returning_subscriber_where_it_was() {
    let emitter = Emitter::builder().replay(3).build();
    let epoch = emitter.owner.shared.epoch;
    (1..=5).for_each(|value| emitter.fire(value));
    let resumed = |epoch, seq| {
        let mut notes = Notes { resume: Some(Position { epoch, seq }), ..Notes::default() };
        let mut listener = item_notes::scope(&mut notes, || emitter.event().listen());
        let gap = notes.gap;
        let values = noted(&mut notes, &mut listener);
        assert_eq!((notes.gap, notes.lagged), (gap, 0));
        (values, gap)
    };
    assert_eq!(resumed(epoch, 5), (vec![], false));
    assert_eq!(resumed(epoch, 4), (vec![5], false));
    assert_eq!(resumed(epoch, 2), (vec![3, 4, 5], false));
    assert_eq!(resumed(epoch, 1), (vec![3, 4, 5], true));
    assert_eq!(resumed(epoch, 9), (vec![3, 4, 5], true));
    assert_eq!(resumed(epoch ^ 1, 4), (vec![3, 4, 5], true));
    assert_eq!(emitter.listener_count(), 0);
}
