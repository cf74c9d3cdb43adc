//! Brute force for the tests: any continuous-time Markov chain, solved without a formula.

use std::collections::BTreeMap;

/// The stationary law of a chain, by state.
pub(super) struct MarkovChain<S> {
    law: BTreeMap<S, f64>,
}

impl<S: Ord + Clone> MarkovChain<S> {
    /// Finds all states that can be reached from `start` and sweeps the balance equations (Gauss
    /// and Seidel) up and down until nothing moves. `moves` lists where a state goes, and how fast.
    pub(super) fn solve(start: S, moves: impl Fn(&S) -> Vec<(S, f64)>) -> Self {
        let mut index = BTreeMap::from([(start.clone(), 0)]);
        let mut states = vec![start];
        let mut inflows: Vec<Vec<(usize, f64)>> = vec![vec![]];
        let mut outflow = vec![];
        while outflow.len() < states.len() {
            let from = outflow.len();
            let targets = moves(&states[from]);
            outflow.push(targets.iter().map(|(_, rate)| rate).sum::<f64>());
            for (target, rate) in targets {
                let to = *index.entry(target.clone()).or_insert_with(|| {
                    states.push(target);
                    inflows.push(vec![]);
                    states.len() - 1
                });
                inflows[to].push((from, rate));
            }
        }
        let law = sweep(&inflows, &outflow);
        Self { law: states.into_iter().zip(law).collect() }
    }

    /// Mean of a reward over the stationary law.
    pub(super) fn mean(&self, reward: impl Fn(&S) -> f64) -> f64 {
        self.law.iter().map(|(state, probability)| probability * reward(state)).sum()
    }

    /// Probability of the states for which `holds`.
    pub(super) fn probability(&self, holds: impl Fn(&S) -> bool) -> f64 {
        self.mean(|state| f64::from(u8::from(holds(state))))
    }
}

/// Solves p(j) outflow(j) = Σ p(i) rate(i, j) to a total of 1.
fn sweep(inflows: &[Vec<(usize, f64)>], outflow: &[f64]) -> Vec<f64> {
    let mut law = vec![1.0 / outflow.len() as f64; outflow.len()];
    for _ in 0..200_000 {
        let mut change: f64 = 0.0;
        for state in (0..law.len()).chain((0..law.len()).rev()) {
            let inflow: f64 = inflows[state].iter().map(|&(from, rate)| law[from] * rate).sum();
            let updated = inflow / outflow[state];
            change = change.max((updated - law[state]).abs());
            law[state] = updated;
        }
        let total: f64 = law.iter().sum();
        for probability in &mut law {
            *probability /= total;
        }
        if change < 1e-15 {
            return law;
        }
    }
    panic!("the chain settles");
}
