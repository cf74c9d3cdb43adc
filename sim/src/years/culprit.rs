//! What downtime is put down to.

use crate::cause::Cause;
use crate::engine::{Change, Event, Origin};
use crate::network::{Failure, Supplier};

/// What downtime is put down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Culprit {
    /// No failure: errors that there are in calm.
    Load,
    /// Processes died.
    Crash,
    /// Machines were gone.
    Vanish,
    /// Nodes hung.
    Hang,
    /// Nodes answered with errors.
    FailFast,
    /// Nodes were slow.
    Slow,
    /// Nodes were cut off from others.
    CutOff,
    /// A zone failed.
    Zone,
    /// A database was out.
    Database,
    /// A backend was out.
    Backend,
    /// Planned restarts.
    Restart,
    /// Balancers had not found out yet.
    Detection,
    /// Those that were left had too much to do.
    Overload,
    /// Control planes were away, or gateways had not got their APIs from them.
    ControlPlane,
    /// Tokens ran out while nobody gave others.
    TokenExpiry,
}

impl Culprit {
    /// Each, in the order of files.
    pub const ALL: [Self; 15] = [
        Self::Load,
        Self::Crash,
        Self::Vanish,
        Self::Hang,
        Self::FailFast,
        Self::Slow,
        Self::CutOff,
        Self::Zone,
        Self::Database,
        Self::Backend,
        Self::Restart,
        Self::Detection,
        Self::Overload,
        Self::ControlPlane,
        Self::TokenExpiry,
    ];

    /// As files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Crash => "crash",
            Self::Vanish => "vanish",
            Self::Hang => "hang",
            Self::FailFast => "fail_fast",
            Self::Slow => "slow",
            Self::CutOff => "cut_off",
            Self::Zone => "zone",
            Self::Database => "database",
            Self::Backend => "backend",
            Self::Restart => "restart",
            Self::Detection => "detection",
            Self::Overload => "overload",
            Self::ControlPlane => "control_plane",
            Self::TokenExpiry => "token_expiry",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Load => "load, without any failure",
            Self::Crash => "crashes",
            Self::Vanish => "machines gone",
            Self::Hang => "hung nodes",
            Self::FailFast => "nodes that answer with errors",
            Self::Slow => "slow nodes",
            Self::CutOff => "nodes cut off",
            Self::Zone => "zones",
            Self::Database => "database",
            Self::Backend => "backends",
            Self::Restart => "planned restarts",
            Self::Detection => "detection",
            Self::Overload => "overload after a loss",
            Self::ControlPlane => "control plane",
            Self::TokenExpiry => "expired tokens",
        }
    }

    fn of_failure(place: usize) -> Self {
        match Failure::ALL[place] {
            Failure::Crash => Self::Crash,
            Failure::Vanish => Self::Vanish,
            Failure::Hang => Self::Hang,
            Failure::FailFast { .. } => Self::FailFast,
            Failure::Slow { .. } => Self::Slow,
            Failure::CutOff => Self::CutOff,
        }
    }

    /// Who is behind a change, if that is not the consequence of another.
    fn of_origin(origin: Origin) -> Option<Self> {
        match origin {
            Origin::Node(place) => Some(Self::of_failure(place)),
            Origin::Zone(_) => Some(Self::Zone),
            Origin::Restart => Some(Self::Restart),
            Origin::Probes | Origin::Fetches | Origin::TakeOvers | Origin::Drill => None,
        }
    }

    /// Who is behind what happens to a node, if it begins by itself: neither the end nor the consequence of another.
    pub(super) fn of_event(event: Event) -> Option<Self> {
        match event {
            Event::Change(Change::Start | Change::Resume | Change::Reconnect, _)
            | Event::Enters(_)
            | Event::Believed(_) => None,
            Event::Change(_, origin) => Self::of_origin(origin),
        }
    }

    /// Who is behind an outage of what nodes call.
    pub(super) fn of_supplier(supplier: Supplier) -> Self {
        match supplier {
            Supplier::Database => Self::Database,
            // What counts for nodes goes out in drills alone.
            Supplier::Backend(_) | Supplier::Counter => Self::Backend,
        }
    }

    /// What an error is put down to that came of this cause after something had happened to nodes, or to what they
    /// call; `beyond` stands for what is put down to control planes, where it was to one of those.
    pub(super) fn of(cause: Cause, root: Self, beyond: Option<Self>) -> Self {
        let calls = matches!(root, Self::Database | Self::Backend);
        let stays =
            calls || matches!(root, Self::Hang | Self::Slow | Self::FailFast | Self::CutOff);
        match cause {
            Cause::NotDeployed => Self::ControlPlane,
            _ if beyond.is_some() => beyond.unwrap_or(root),
            Cause::Refused | Cause::ConnectTimeout | Cause::ReadTimeout if !calls => {
                Self::Detection
            }
            Cause::Rejected | Cause::TimedOut | Cause::Throttled | Cause::OutOfMemory if !stays => {
                Self::Overload
            }
            _ => root,
        }
    }
}

/// So many seconds, or minutes, put down to each.
pub type PerCulprit = [f64; Culprit::ALL.len()];
