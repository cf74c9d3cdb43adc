//! Where gateways count together.

use super::keys::{Keyed, Row, Slot, Unit};
use crate::random::Law;
use crate::time::SimDuration;

/// Where the gateways of a cluster count bursts together: as WSO2 API Manager has it in its hybrid mode (since 4.3;
/// docs-apim, `configuring-rate-limiting-api-gateway-cluster.md`). In each second a gateway admits its quota by itself,
/// which is its part of the limit without a buffer. Once one of them has used its quota up, each request of all of them
/// is counted in Redis: a call that a worker waits for, for as long as it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Redis {
    /// How long a call takes.
    pub delay: Law,
    /// What of a limit is not dealt out as quotas, 0..=1.
    pub quota_buffer: f64,
}

impl Redis {
    /// `throttling.local_quota_buffer_percentage`, which is 20 where nothing is configured.
    pub const QUOTA_BUFFER: f64 = 0.2;

    /// What each of so many gateways admits in a second by itself.
    pub fn quota(&self, limit: u32, gateways: u32) -> u32 {
        (f64::from(limit) * (1.0 - self.quota_buffer) / f64::from(gateways)) as u32
    }
}

impl Keyed for Redis {
    const NAME: &'static str = "Redis";
    const DOC: &'static str = "Where the gateways of a cluster count bursts together. Each admits its part of a \
        limit by itself; once one of them has used it up, each request of all of them is counted by a call, which a \
        worker waits for as long as it takes.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("delay", "How long a call takes.", Unit::Law, |redis| {
            Slot::Law(&mut redis.delay)
        })
        .needed("\"0.25 ms\""),
        Row::<Self>::new(
            "quota_buffer",
            "What of a limit is not dealt out to the gateways, to be admitted without a call.",
            Unit::Share,
            |redis| Slot::Number(&mut redis.quota_buffer),
        )
        .spelt(),
    ];
    const BARE: Option<&'static str> = Some("delay");

    fn unstated() -> Self {
        Self { delay: Law::constant(SimDuration::ZERO), quota_buffer: Self::QUOTA_BUFFER }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_an_even_part_of_what_the_buffer_leaves() {
        let redis = |quota_buffer| Redis { quota_buffer, ..Redis::unstated() };
        assert_eq!(redis(0.2).quota(100, 2), 40);
        assert_eq!(redis(0.3).quota(100, 3), 23);
        assert_eq!(redis(1.0).quota(100, 2), 0);
    }
}
