//! The expected reaction of the host to each guest.

use wardline::plugin::Step;
use wardline_detect::Outcome;

use crate::junk::Junk;
use crate::text::Text;
use crate::{Conduct, Guest};

/// The reaction of the host to a guest.
pub enum Expected {
    /// The guest is not loaded: this step fails.
    Refused(Step),
    /// The guest is loaded, and its calls end with this outcome.
    Fails(Outcome),
    /// The guest judges, and its findings are refused for this reason.
    Refuses(&'static str),
    /// The guest judges, and its excess output is truncated or dropped.
    Curbed,
}

/// Returns the expected reaction to a guest. There must be no wildcard arm.
pub fn expected(guest: Guest) -> Expected {
    match guest {
        Guest::Conduct(conduct) => of_conduct(conduct),
        Guest::Text(text) => of_text(text),
        Guest::Junk(junk) => Expected::Refused(match junk {
            Junk::NotWasm | Junk::Empty | Junk::GarbledType | Junk::GarbledCode | Junk::CutOff => {
                Step::Validate
            }
            // The module encodes to an empty component.
            Junk::BareModule => Step::Admit,
            Junk::HugeFile | Junk::Directory | Junk::Pipe | Junk::LinkOut => Step::Read,
        }),
    }
}

fn of_conduct(conduct: Conduct) -> Expected {
    match conduct {
        Conduct::EndlessLoop => Expected::Fails(Outcome::Deadline),
        Conduct::MemoryBomb => Expected::Fails(Outcome::Memory),
        Conduct::PoisonEvent | Conduct::Panic | Conduct::Crisis => Expected::Fails(Outcome::Trap),
        Conduct::PanicInConfigure | Conduct::RefusesSettings => Expected::Refused(Step::Configure),
        Conduct::BadEvents => Expected::Fails(Outcome::BadEvent),
        Conduct::BadStranger => Expected::Fails(Outcome::Output),
        Conduct::GivesUp => Expected::Fails(Outcome::Error),
        Conduct::FindingsFlood => Expected::Fails(Outcome::Output),
        Conduct::HostCallFlood => Expected::Fails(Outcome::HostCalls),
        Conduct::GiantTransfer => Expected::Fails(Outcome::Output),
        Conduct::RisingFindings => Expected::Refuses("too_many"),
        Conduct::LogFlood
        | Conduct::StateFlood
        | Conduct::GiantLogLine
        | Conduct::HostileText
        | Conduct::GiantFinding
        | Conduct::HollowFinding => Expected::Curbed,
        Conduct::StaleEvent => Expected::Refuses("unknown_event"),
        Conduct::UndeclaredType => Expected::Refuses("undeclared_type"),
        Conduct::Severity => Expected::Refuses("severity"),
    }
}

fn of_text(text: Text) -> Expected {
    match text {
        Text::EndlessRecursion => Expected::Fails(Outcome::Stack),
        Text::TableGrowth => Expected::Fails(Outcome::Table),
        Text::HugeMemory | Text::TrapInStart | Text::SlowStart => Expected::Refused(Step::Start),
        Text::SlowDescribe
        | Text::TrapInDescribe
        | Text::RecursionInDescribe
        | Text::Changing
        | Text::GiantDescription
        | Text::GarbledDescription
        | Text::EndlessSubscription => Expected::Refused(Step::Describe),
        Text::WrongVersion | Text::MissingExport | Text::UngrantedImport | Text::WasiImport => {
            Expected::Refused(Step::Admit)
        }
        Text::UnknownEvent | Text::EvidenceOfAnother => Expected::Refuses("unknown_event"),
        Text::InvalidTitle
        | Text::TitleBeyondMemory
        | Text::ListBeyondMemory
        | Text::UnalignedResult
        | Text::NoSuchCase
        | Text::WildAllocation => Expected::Fails(Outcome::Output),
        Text::SlowAllocation => Expected::Fails(Outcome::Deadline),
        Text::OutOfBounds => Expected::Fails(Outcome::Trap),
    }
}
