//! What was found of a flow or a cluster, by quantity.

use std::ops::Index;

use super::Quantity;
use crate::stats::Estimate;

/// Estimates by their quantity, in the order of files. Of a quantity that nothing showed it is known that
/// there is none: the quantiles of a flow of which no request was answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimates(Vec<(Quantity, Option<Estimate>)>);

impl Estimates {
    /// What was found of a quantity; none where nothing showed it.
    pub fn get(&self, quantity: Quantity) -> Option<&Estimate> {
        let found = self.0.iter().find(|(of, _)| *of == quantity);
        found.and_then(|(_, estimate)| estimate.as_ref())
    }

    /// Each with its quantity.
    pub fn iter(&self) -> impl Iterator<Item = (Quantity, Option<&Estimate>)> {
        self.0.iter().map(|(quantity, estimate)| (*quantity, estimate.as_ref()))
    }

    /// Each that there is, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Estimate> {
        self.0.iter_mut().filter_map(|(_, estimate)| estimate.as_mut())
    }

    /// Takes it that this was found of a quantity.
    pub fn set(&mut self, quantity: Quantity, estimate: Option<Estimate>) {
        match self.0.iter_mut().find(|(of, _)| *of == quantity) {
            Some((_, found)) => *found = estimate,
            None => self.0.push((quantity, estimate)),
        }
    }
}

/// Of what is always found, such as a rate.
impl Index<Quantity> for Estimates {
    type Output = Estimate;

    fn index(&self, quantity: Quantity) -> &Estimate {
        self.get(quantity).unwrap_or_else(|| panic!("no {} was found", quantity.words()))
    }
}

impl FromIterator<(Quantity, Option<Estimate>)> for Estimates {
    fn from_iter<I: IntoIterator<Item = (Quantity, Option<Estimate>)>>(found: I) -> Self {
        Self(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_showed_is_none_and_has_its_place() {
        let rate = Estimate::symmetric(3.0, 0.5);
        let mut found: Estimates =
            [(Quantity::Throughput, None), (Quantity::P99, None)].into_iter().collect();
        found.set(Quantity::Throughput, Some(rate));
        assert_eq!((found.get(Quantity::P99), found.get(Quantity::Retries)), (None, None));
        assert_eq!(found[Quantity::Throughput], rate);
        let order = [(Quantity::Throughput, Some(&rate)), (Quantity::P99, None)];
        assert_eq!(found.iter().collect::<Vec<_>>(), order);
    }
}
