//! What the host must make of each guest.

use wardline::plugin::Step;
use wardline_detect::Outcome;

use crate::junk::Junk;
use crate::text::Text;
use crate::{Conduct, Guest};

/// What the host makes of a guest.
pub enum Expected {
    /// It is not put to work: this step fails.
    Refused(Step),
    /// It is put to work, and calls end like this.
    Fails(Outcome),
    /// It judges, and its findings are refused for this reason.
    Refuses(&'static str),
    /// It judges, and what is too much is cut or dropped.
    Curbed,
}

/// What the host must make of a guest. There is no arm for all others.
pub fn expected(guest: Guest) -> Expected {
    match guest {
        Guest::Conduct(conduct) => of_conduct(conduct),
        Guest::Text(text) => of_text(text),
        Guest::Junk(junk) => Expected::Refused(match junk {
            Junk::NotWasm | Junk::Empty | Junk::GarbledType | Junk::GarbledCode | Junk::CutOff => {
                Step::Validate
            }
            // It can be made a component, of nothing.
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
        Conduct::LogFlood | Conduct::GiantLogLine | Conduct::HostileText => Expected::Curbed,
        Conduct::GiantFinding | Conduct::HollowFinding => Expected::Refuses("too_large"),
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
