//! Named random streams. A draw is a pure function of the stream's name and an index, so that two
//! runs that differ in one thing share every other random number.

use std::convert::Infallible;

use rand::TryRng;

/// What a stream is drawn for. The number of each purpose is part of the output's stability: new
/// purposes go at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Times between arrivals of a flow.
    Arrivals = 1,
    /// States of a modulated arrival process.
    Modulation,
    /// Everything that a request of a flow needs.
    Requests,
    /// Up times and repairs of a node.
    Failures,
    /// Garbage collection of a node.
    Pauses,
    /// Choices of a balancer.
    Balancing,
    /// Stalls of a node.
    Stalls,
    /// What the cache of a node holds at the start.
    Caches,
    /// When the tokens of a flow end that there are at the start.
    Tokens,
    /// What the clock on the wall shows at the start.
    Clock,
    /// When a node looks for calls whose time is over.
    Endpoints,
    /// What a node has fetched at the start.
    Lots,
    /// Which of many episodes are played.
    Episodes,
    /// Points of a Latin hypercube.
    Points,
}

/// A random stream, named by seed, replication, purpose and entity.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    key: u64,
}

impl Stream {
    /// The stream of this name.
    pub fn new(seed: u64, replication: u32, purpose: Purpose, entity: u64) -> Self {
        let key = [u64::from(replication), purpose as u64, entity]
            .into_iter()
            .fold(mix(seed), |key, part| mix(key ^ part.wrapping_mul(GOLDEN)));
        Self { key }
    }

    /// Draws the number at `index`: 64 uniform bits.
    #[inline]
    pub fn draw(self, index: u64) -> u64 {
        mix(self.key.wrapping_add(index.wrapping_mul(GOLDEN)))
    }

    /// Draws at `index`, uniform in 0..1.
    #[inline]
    pub fn uniform(self, index: u64) -> f64 {
        (self.draw(index) >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// The draws from index 0 on, for samplers that take a generator.
    pub fn sequence(self) -> Sequence {
        Sequence { stream: self, index: 0 }
    }
}

/// The draws of a stream one after the other; a generator of the `rand` crate.
#[derive(Clone, Debug)]
pub struct Sequence {
    stream: Stream,
    index: u64,
}

impl Sequence {
    /// The stream whose draws these are.
    pub fn stream(&self) -> Stream {
        self.stream
    }

    /// The next draw: 64 uniform bits.
    #[inline]
    pub fn draw(&mut self) -> u64 {
        let bits = self.stream.draw(self.index);
        self.index += 1;
        bits
    }

    /// Leaves out the next draws.
    pub fn skip(&mut self, draws: u64) {
        self.index += draws;
    }
}

impl TryRng for Sequence {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.draw())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let bits = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&bits[..chunk.len()]);
        }
        Ok(())
    }
}

/// 2⁶⁴ divided by the golden ratio: the increment of `SplitMix64`.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Finaliser of `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014), variant 13 of Stafford.
#[inline]
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_stable_between_versions() {
        let stream = Stream::new(1, 0, Purpose::Arrivals, 0);
        let drawn: Vec<u64> = (0..3).map(|index| stream.draw(index)).collect();
        assert_eq!(drawn, STABLE);
    }

    /// If these change, every published result changes with them.
    const STABLE: [u64; 3] =
        [12_900_124_755_252_491_903, 11_051_141_155_654_072_712, 11_097_083_555_640_761_866];

    #[test]
    fn streams_of_different_names_do_not_correlate() {
        let names = [
            (1, 0, Purpose::Arrivals, 0),
            (2, 0, Purpose::Arrivals, 0),
            (1, 1, Purpose::Arrivals, 0),
            (1, 0, Purpose::Requests, 0),
            (1, 0, Purpose::Arrivals, 1),
        ];
        let streams = names.map(|(s, r, p, e)| Stream::new(s, r, p, e));
        for (i, a) in streams.iter().enumerate() {
            for b in &streams[i + 1..] {
                let draws = 100_000;
                let product =
                    (0..draws).map(|k| (a.uniform(k) - 0.5) * (b.uniform(k) - 0.5)).sum::<f64>();
                // A product of two centred uniforms has standard deviation 1/12; 5 of its errors.
                assert!((product / draws as f64).abs() < 5.0 / 12.0 / (draws as f64).sqrt());
            }
        }
    }
}
