//! What is simulated of a scenario: its deployments in all their situations, and these once more with
//! what calibrations leave open of their profiles one standard error off.

use std::collections::BTreeSet;

use super::situation::{Situation, Unfit, compiled, offered, situations};
use crate::deployment::{Deployment, Direction, Profile};
use crate::network::Network;
use crate::scenario::Scenario;

/// Replications in which the parameters of calibrations are moved: those before this index.
///
/// What is asked of them are differences from the same replications without it, under the same draws, of
/// which chance is a small part.
const CARRIED: u32 = 6;

/// Everything that is simulated of a scenario.
pub(crate) struct Design {
    pub(crate) situations: Vec<Situation>,
    shifts: Vec<Shift>,
}

/// A situation with the parameters of one calibration off in one direction.
struct Shift {
    /// Index of the situation.
    situation: usize,
    /// Number of the direction among those of all calibrations.
    direction: usize,
    /// By a standard error upwards, and downwards.
    networks: [Network; 2],
}

/// What one run simulates.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) network: &'a Network,
    /// Whether it is simulated to see what a calibration leaves open.
    pub(crate) is_shifted: bool,
    /// Index of the situation.
    pub(crate) index: usize,
}

/// A run in which a parameter was moved: which of the replication, of which situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Index of the run within its replication.
    pub(crate) run: usize,
    /// Number of the direction.
    pub(crate) direction: usize,
}

impl Design {
    pub(crate) fn new(scenario: &Scenario) -> Result<Self, Unfit> {
        let mut tables = Vec::new();
        let situations = situations(scenario, &mut tables)?;
        let errors = Errors::of(&scenario.deployments);
        let mut shifts = Vec::new();
        for (index, situation) in situations.iter().enumerate() {
            for (number, direction) in errors.directions.iter().enumerate() {
                if let Some(both) = errors.moved(&situation.placed, *direction) {
                    let flows = offered(scenario, situation.kind);
                    let [up, down] = both.map(|moved| compiled(&moved, &flows, &mut tables));
                    let networks = [up?, down?];
                    shifts.push(Shift { situation: index, direction: number, networks });
                }
            }
        }
        Ok(Self { situations, shifts })
    }

    /// Indices of the deployments as they are.
    pub(crate) fn whole(&self) -> impl Iterator<Item = usize> {
        let situations = self.situations.iter().enumerate();
        situations.filter(|(_, situation)| situation.is_whole()).map(|(index, _)| index)
    }

    /// How many runs a replication has.
    pub(crate) fn runs_of(&self, replication: u32) -> usize {
        let shifts = if replication < CARRIED { self.shifts.len() } else { 0 };
        self.situations.len() + shifts
    }

    /// A run of a replication: first those of the situations, then those in which parameters are moved,
    /// upwards in one replication and downwards in the next.
    pub(crate) fn candidate(&self, replication: u32, run: usize) -> Candidate<'_> {
        match run.checked_sub(self.situations.len()) {
            None => {
                let situation = &self.situations[run];
                Candidate { situation, network: &situation.network, is_shifted: false, index: run }
            }
            Some(shift) => {
                let shift = &self.shifts[shift];
                Candidate {
                    situation: &self.situations[shift.situation],
                    network: &shift.networks[usize::from(is_down(replication))],
                    is_shifted: true,
                    index: shift.situation,
                }
            }
        }
    }

    /// The runs of a situation in which parameters are moved.
    pub(crate) fn moved(&self, situation: usize) -> Vec<Moved> {
        let first = self.situations.len();
        let shifts = self.shifts.iter().enumerate();
        let own = shifts.filter(|(_, shift)| shift.situation == situation);
        own.map(|(index, shift)| Moved { run: first + index, direction: shift.direction }).collect()
    }

    /// The networks of a situation with its parameters moved, up and down, one pair a direction.
    pub(crate) fn moved_networks(&self, situation: usize) -> impl Iterator<Item = &[Network; 2]> {
        let own = self.shifts.iter().filter(move |shift| shift.situation == situation);
        own.map(|shift| &shift.networks)
    }
}

/// Whether the parameters of a replication are moved downwards.
pub(crate) fn is_down(replication: u32) -> bool {
    replication % 2 == 1
}

/// The errors of calibrations: those of profiles that start from one another are the same ones.
struct Errors<'a> {
    /// Profiles of one calibration each.
    calibrations: Vec<Vec<&'a Profile>>,
    /// Index of a calibration, and a direction of it.
    directions: Vec<(usize, Direction)>,
}

impl<'a> Errors<'a> {
    fn of(deployments: &'a [Deployment]) -> Self {
        let clusters = deployments.iter().flat_map(|deployment| &deployment.clusters);
        let mut calibrations: Vec<Vec<&Profile>> = Vec::new();
        for profile in clusters.map(|cluster| &cluster.profile) {
            let is_open = profile.directions().next().is_some();
            if !is_open || calibrations.iter().flatten().any(|known| *known == profile) {
                continue;
            }
            let shares =
                |all: &Vec<&Profile>| all.iter().any(|one| one.shares_errors_with(profile));
            let (mut one, others): (Vec<_>, Vec<_>) = calibrations.into_iter().partition(shares);
            let mut joined: Vec<&Profile> = one.drain(..).flatten().collect();
            joined.push(profile);
            calibrations = others;
            calibrations.push(joined);
        }
        let all = calibrations.iter().enumerate().flat_map(|(index, profiles)| {
            let directions: BTreeSet<Direction> =
                profiles.iter().flat_map(|profile| profile.directions()).collect();
            directions.into_iter().map(move |direction| (index, direction))
        });
        let directions = all.collect();
        Self { calibrations, directions }
    }

    /// A deployment with everything of that calibration off in that direction, up and down; none where it
    /// has nothing of it.
    fn moved(
        &self,
        deployment: &Deployment,
        (calibration, direction): (usize, Direction),
    ) -> Option<[Deployment; 2]> {
        let is_moved = |profile: &Profile| {
            profile.directions().any(|own| own == direction)
                && self.calibrations[calibration].contains(&profile)
        };
        deployment.clusters.iter().any(|cluster| is_moved(&cluster.profile)).then(|| {
            [1.0, -1.0].map(|by| {
                let mut moved = deployment.clone();
                for cluster in &mut moved.clusters {
                    if is_moved(&cluster.profile) {
                        cluster.profile = cluster.profile.shifted(direction, by);
                    }
                }
                moved
            })
        })
    }
}
