//! The report of an evaluation.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::{Benign, Class, Judged};

/// Formats the report of one folder of cases.
#[must_use]
pub fn table(folder: &str, judged: &[Judged], benign: Option<&Benign>) -> String {
    let mut text = format!("== {folder}\n");
    for judged in judged {
        case(&mut text, judged);
    }
    recall(&mut text, judged);
    if let Some(benign) = benign {
        ordinary(&mut text, benign);
    }
    text
}

// Writing to a string cannot fail.
fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(arguments);
    text.push('\n');
}

fn case(text: &mut String, judged: &Judged) {
    let mark = if judged.is_right() {
        "ok    "
    } else {
        "MISSED"
    };
    line(
        text,
        format_args!(
            "{mark} {:<26} {}",
            judged.case.name, judged.case.description
        ),
    );
    for (what, labels) in [("expected", &judged.expected), ("extra", &judged.extra)] {
        for (wanted, found) in labels {
            match found {
                Some(found) if found == wanted => {}
                Some(found) => line(text, format_args!("         {what} {wanted}: as {found}")),
                None => line(text, format_args!("         {what} {wanted}: not found")),
            }
        }
    }
    for (name, severity) in &judged.on_attack {
        line(text, format_args!("         found {name} {severity:.1}"));
    }
    for beside in &judged.beside {
        line(text, format_args!("         unrelated: {beside}"));
    }
}

fn recall(text: &mut String, judged: &[Judged]) {
    let mut by_type: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for judged in judged {
        for (wanted, found) in judged.expected.iter().chain(&judged.extra) {
            let (all, right) = by_type.entry(wanted).or_default();
            *all += 1;
            *right += usize::from(found.is_some());
        }
    }
    line(text, format_args!("\nrecall by type"));
    for (name, (all, right)) in &by_type {
        line(text, format_args!("  {right}/{all} {name}"));
    }
    let of = |class: Class| {
        let cases: Vec<&Judged> = judged
            .iter()
            .filter(|judged| judged.case.class == class)
            .collect();
        let right = cases.iter().filter(|judged| judged.is_right()).count();
        (right, cases.len())
    };
    let (found, attacks) = of(Class::Attack);
    let (quiet, hard) = of(Class::BenignHard);
    let (confusable, of_confusable) = of(Class::Confusable);
    line(
        text,
        format_args!(
            "\nattacks found {found}/{attacks}, benign cases quiet {quiet}/{hard}, \
             confusable found {confusable}/{of_confusable}"
        ),
    );
}

fn ordinary(text: &mut String, benign: &Benign) {
    line(
        text,
        format_args!(
            "\n{}: {} events, {:.2} findings per 10,000, {} above Low",
            benign.name,
            benign.events,
            benign.rate(),
            benign.above_low.len()
        ),
    );
    for ((name, label), count) in &benign.counts {
        line(text, format_args!("  {count:>5} {label:<8} {name}"));
    }
    for finding in &benign.above_low {
        line(text, format_args!("  above Low: {finding}"));
    }
}
