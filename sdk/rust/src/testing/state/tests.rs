use super::{At, ENTRY_BYTES, State};
use crate::contract::StateError;
use crate::testing::sequence::Moment;

fn at(reference: u64, time: u64) -> Moment {
    Moment {
        reference,
        id: format!("id-{reference}"),
        actor: "alice".to_owned(),
        time,
        text: None,
    }
}

fn of<'a>(actor: Option<&'a str>, moment: &'a Moment) -> At<'a> {
    At {
        actor,
        name: "key",
        moment,
    }
}

#[test]
fn a_value_expires_by_the_time_of_events() {
    let mut state = State::default();
    state.set(&of(None, &at(1, 100)), b"x", 10).unwrap();
    assert_eq!(
        state.get(&of(None, &at(2, 109))).as_deref(),
        Some(&b"x"[..])
    );
    assert_eq!(state.get(&of(None, &at(3, 110))), None);
    state.set(&of(None, &at(4, 100)), b"y", 0).unwrap();
    assert!(state.get(&of(None, &at(5, u64::MAX))).is_some());
}

#[test]
fn actors_and_the_cluster_do_not_meet() {
    let mut state = State::default();
    let moment = at(1, 1);
    for place in [None, Some("alice"), Some("bob"), Some("")] {
        assert_eq!(state.increment(&of(place, &moment), 1, 0), Ok(1));
    }
}

#[test]
fn a_counter_keeps_the_end_of_its_first_use() {
    let mut state = State::default();
    let mut add = |time| state.increment(&of(None, &at(1, time)), 2, 10).unwrap();
    assert_eq!((add(100), add(109), add(110), add(119)), (2, 4, 2, 4));
}

#[test]
fn a_member_is_new_once_until_it_has_not_been_seen_for_long_enough() {
    let mut state = State::default();
    let mut new = |time, member| {
        state
            .first_seen(&of(None, &at(1, time)), member, 10)
            .unwrap()
    };
    assert!(new(100, "a") && !new(105, "a") && !new(114, "a"));
    assert!(new(114, "b") && new(124, "a"));
}

#[test]
fn a_window_slides_holds_its_limit_and_puts_late_events_in_place() {
    let mut state = State::default();
    let mut observe = |reference, time, member| {
        state
            .observe(&of(None, &at(reference, time)), member, 10, 3)
            .unwrap()
    };
    observe(1, 100, "a");
    let two = observe(2, 105, "a");
    assert_eq!((two.count, two.distinct, two.events), (2, 1, vec![1]));
    // Later in the log, earlier in time.
    let late = observe(3, 103, "b");
    assert_eq!(
        (late.events, late.members),
        (vec![1, 3], vec!["a".to_owned(), "b".to_owned()])
    );
    // The first has left: one is over the limit and the window.
    let slid = observe(4, 111, "c");
    assert_eq!((slid.count, slid.events), (3, vec![3, 2, 4]));
    let limited = observe(5, 112, "d");
    assert_eq!((limited.count, limited.events), (3, vec![2, 4, 5]));
}

#[test]
fn what_a_batch_cleared_can_still_be_cited_and_comes_back_when_it_fails() {
    let mut state = State::default();
    state.observe(&of(None, &at(1, 1)), "a", 10, 5).unwrap();
    state.begin();
    state.clear(&of(None, &at(2, 2)));
    assert_eq!(state.cited(1).as_deref(), Some("id-1"));
    state.undo();
    let again = state.observe(&of(None, &at(3, 3)), "b", 10, 5).unwrap();
    assert_eq!(again.count, 2);
    state.begin();
    state.clear(&of(None, &at(4, 4)));
    state.begin();
    assert_eq!(state.cited(1), None);
}

#[test]
fn one_entry_has_a_quota() {
    let mut state = State::default();
    let moment = at(1, 1);
    let place = of(None, &moment);
    assert_eq!(
        state.set(&place, &vec![0; ENTRY_BYTES], 0),
        Err(StateError::TooLarge)
    );
    assert_eq!(state.get(&place), None);
    let member = "m".repeat(ENTRY_BYTES / 4);
    for _ in 0..9 {
        // The oldest go, so that the rest fits.
        let window = state.observe(&place, &member, 10, 100).unwrap();
        assert!((1..=3).contains(&window.count));
    }
}

#[test]
fn deleting_forgets_values_and_counters_and_no_window() {
    let mut state = State::default();
    let moment = at(1, 1);
    let place = of(Some("alice"), &moment);
    state.set(&place, b"x", 0).unwrap();
    state.increment(&place, 5, 0).unwrap();
    state.observe(&place, "a", 10, 5).unwrap();
    state.delete(&place);
    assert_eq!(state.get(&place), None);
    assert_eq!(state.increment(&place, 1, 0), Ok(1));
    assert_eq!(state.observe(&place, "b", 10, 5).unwrap().count, 2);
}
