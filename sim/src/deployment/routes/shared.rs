//! Flows whose routes are alike share one, so that a thousand of them are no more to carry about than one.

use crate::network::Step;

/// The routes that have been written, each with its events before it.
#[derive(Default)]
pub(super) struct SharedRoutes(Vec<Route>);

struct Route {
    begin: u16,
    first_step: u16,
    /// Its steps and those of its events, as if they stood at the very beginning.
    steps: Vec<Step>,
}

impl SharedRoutes {
    /// The first step of the route that has been written from `begin` on, or of an earlier one like it: then
    /// what has been written is taken away again.
    pub(super) fn share(&mut self, steps: &mut Vec<Step>, begin: u16, first_step: u16) -> u16 {
        let written = &steps[usize::from(begin)..];
        let written: Vec<Step> = written.iter().map(|step| step.earlier_by(begin)).collect();
        let is_like = |other: &&Route| {
            first_step - begin == other.first_step - other.begin && written == other.steps
        };
        if let Some(other) = self.0.iter().find(is_like) {
            steps.truncate(usize::from(begin));
            return other.first_step;
        }
        self.0.push(Route { begin, first_step, steps: written });
        first_step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Miss;

    /// A route that may skip a step, and sends events that begin with it.
    fn route(begin: u16) -> [Step; 4] {
        [
            Step::Discard,
            Step::Publish { cluster: 0, first_step: begin, counts: false },
            Step::LookUp { depth: 0, miss: Miss::Share(0.5), to: begin + 3 },
            Step::Answer,
        ]
    }

    #[test]
    fn routes_that_are_alike_stand_once_wherever_they_were_written() {
        let (mut routes, mut steps) = (SharedRoutes::default(), Vec::new());
        let mut write = |route: &dyn Fn(u16) -> [Step; 4]| {
            let begin = steps.len() as u16;
            steps.extend(route(begin));
            (routes.share(&mut steps, begin, begin + 1), steps.len())
        };
        assert_eq!(write(&route), (1, 4));
        assert_eq!(write(&route), (1, 4));
        let other = |begin| {
            let mut route = route(begin);
            route[3] = Step::Leave { depth: 0 };
            route
        };
        assert_eq!(write(&other), (5, 8));
        assert_eq!(write(&other), (5, 8));
    }
}
