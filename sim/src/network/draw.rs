//! What requests draw: laws, and what each number is for.

use serde::{Deserialize, Serialize};

/// A law as the engine draws it: `mean_nanos` times a draw of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variate {
    /// Index of the table of the shape.
    pub table: u16,
    /// The mean, in nanoseconds.
    pub mean_nanos: f64,
}

/// What a request draws a number for. The same request draws the same numbers for the same needs in
/// every deployment, whatever its route there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Need(u8);

impl Need {
    /// So many kinds of work there can be.
    pub const KINDS: usize = 7;

    /// Delay of the backend.
    pub const BACKEND: Self = Self(6);
    /// Delay of the database.
    pub const DATABASE: Self = Self(7);
    /// Network to the node that the client called.
    pub const HOP_IN: Self = Self(8);
    /// And back.
    pub const HOP_OUT: Self = Self(9);
    /// Network to a node that another called.
    pub const INNER_HOP_IN: Self = Self(10);
    /// And back.
    pub const INNER_HOP_OUT: Self = Self(11);
    /// Network to where an asynchronous event goes.
    pub const EVENT_HOP: Self = Self(12);
    /// Whether the steps are taken that some requests skip.
    pub const SKIP: Self = Self(13);
    /// Jitter of the wait before a retry.
    pub const BACK_OFF: Self = Self(14);
    /// Which session an open request belongs to.
    pub const SESSION: Self = Self(15);
    /// Think time.
    pub const THINK: Self = Self(16);
    /// Which flow of their users' it belongs to.
    pub const FLOW: Self = Self(17);
    /// Which of several balancers a request goes through.
    pub const WORKER: Self = Self(19);
    /// Which token it carries.
    pub const TOKEN: Self = Self(20);

    /// Delay of what counts for several nodes.
    pub const COUNTER: Self = Self(21);

    /// Numbers of the kinds of work: whoever changes one changes every result.
    const WORK: [u8; Self::KINDS] = [0, 1, 2, 3, 4, 5, 18];

    /// Work of a kind, which a node becomes warm at by itself. Who writes routes says which kind is which.
    ///
    /// # Panics
    ///
    /// If there is no such kind.
    pub const fn work(kind: usize) -> Self {
        Self(Self::WORK[kind])
    }

    /// All numbers are below this one.
    pub(crate) const COUNT: usize = 22;

    /// Its number.
    #[inline]
    pub(crate) fn number(self) -> u8 {
        self.0
    }
}
