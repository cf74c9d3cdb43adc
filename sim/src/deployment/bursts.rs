//! How the demand of a request is cut into bursts.

/// How the demand of a request is cut into bursts, each drawn on its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bursts {
    /// So many bursts of equal mean, 1..=64, each of which needs a worker. On a node that calls on,
    /// the first half of them (rounded up) comes before the call.
    Equal(u8),
    /// A dispatcher reads, a worker mediates and a dispatcher writes, on the way to the call and again
    /// on the way back: the threads of WSO2's pass-through transport (wso2-synapse
    /// `transports/core/nhttp`, package `passthru`). Only the workers' bursts need a worker.
    Reactor {
        /// Size of an I/O buffer, KiB: a larger message is handled in so many pieces, whose demands
        /// are independent (`io_buffer_size` of the product: 16 KiB).
        buffer_kib: f64,
    },
}

/// The I/O buffer of the product's pass-through transport (`io_buffer_size` in `am.default.json`).
const BUFFER_KIB: f64 = 16.0;

impl Bursts {
    /// Those of a reactor whose buffers are the product's.
    pub fn of_reactor() -> Self {
        Self::Reactor { buffer_kib: BUFFER_KIB }
    }
}
