//! Why requests end without their answer. A cause is stated here, once: name, words, and what its
//! client is told; then whoever raises it names it.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a request ended without its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Cause {
    /// A full queue, or a balancer without a connection left, rejected it.
    Rejected,
    /// The client gave up.
    TimedOut,
    /// It was sent to a node that is down.
    Refused,
    /// A node did not react to the attempt to connect.
    ConnectTimeout,
    /// A balancer waited too long for the answer of a node.
    ReadTimeout,
    /// A node answered with an error.
    ServerError,
    /// A node waited too long for the answer of a backend.
    BackendTimeout,
    /// A node did not call a backend that had just failed.
    Suspended,
    /// A node admitted no more requests of its kind.
    Throttled,
    /// A node had not fetched yet what was asked for.
    NotDeployed,
    /// It was in flight on a node that crashed.
    Reset,
    /// The balancer believed no node up.
    NoNode,
    /// It was in flight on a node that ran out of memory.
    OutOfMemory,
}

impl Cause {
    /// Every cause, in the order of files.
    pub const ALL: [Self; 13] = [
        Self::Rejected,
        Self::TimedOut,
        Self::Refused,
        Self::ConnectTimeout,
        Self::ReadTimeout,
        Self::ServerError,
        Self::BackendTimeout,
        Self::Suspended,
        Self::Throttled,
        Self::NotDeployed,
        Self::Reset,
        Self::NoNode,
        Self::OutOfMemory,
    ];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// As files name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::TimedOut => "timed_out",
            Self::Refused => "refused",
            Self::ConnectTimeout => "connect_timeout",
            Self::ReadTimeout => "read_timeout",
            Self::ServerError => "server_error",
            Self::BackendTimeout => "backend_timeout",
            Self::Suspended => "suspended",
            Self::Throttled => "throttled",
            Self::NotDeployed => "not_deployed",
            Self::Reset => "reset",
            Self::NoNode => "no_node",
            Self::OutOfMemory => "out_of_memory",
        }
    }

    /// As a sentence says it of a request.
    pub fn words(self) -> &'static str {
        match self {
            Self::Rejected => "rejected by a full queue or balancer",
            Self::TimedOut => "given up by the client",
            Self::Refused => "sent to a node that was down",
            Self::ConnectTimeout => "sent to a machine that did not react",
            Self::ReadTimeout => "without an answer for longer than the balancer waits",
            Self::ServerError => "answered with an error by the node",
            Self::BackendTimeout => {
                "without an answer of the backend for longer than the node waits"
            }
            Self::Suspended => "not passed on, as the backend had just failed",
            Self::Throttled => "beyond the limit of their rate",
            Self::NotDeployed => "sent to a gateway that had not loaded its APIs",
            Self::Reset => "in flight on a node that crashed",
            Self::NoNode => "without a node that was believed up",
            Self::OutOfMemory => "in flight on a node that ran out of memory",
        }
    }

    /// Status and reason phrase of the answer by which the proxy in front tells the client (RFC 9110,
    /// section 15.6); none where no answer comes, and the client gives up by itself.
    pub fn answer(self) -> Option<(u16, &'static str)> {
        match self {
            Self::Rejected | Self::NoNode | Self::Suspended => Some((503, "Service Unavailable")),
            Self::Refused | Self::Reset | Self::OutOfMemory => Some((502, "Bad Gateway")),
            Self::ConnectTimeout | Self::ReadTimeout | Self::BackendTimeout => {
                Some((504, "Gateway Timeout"))
            }
            Self::ServerError => Some((500, "Internal Server Error")),
            Self::Throttled => Some((429, "Too Many Requests")),
            Self::NotDeployed => Some((404, "Not Found")),
            Self::TimedOut => None,
        }
    }
}

/// Something of every cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerCause<T>([T; Cause::COUNT]);

impl<T> PerCause<T> {
    /// Makes one of each cause.
    pub fn of_each(make: impl FnMut(Cause) -> T) -> Self {
        Self(Cause::ALL.map(make))
    }

    /// Each with its cause, in the order of [`Cause::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Cause, &T)> {
        Cause::ALL.into_iter().zip(&self.0)
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

impl PerCause<u64> {
    /// So many of one cause, and none of the others.
    pub fn only(cause: Cause, count: u64) -> Self {
        Self::of_each(|each| if each == cause { count } else { 0 })
    }

    /// Those of all causes together.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds the counts of others.
    pub fn merge(&mut self, others: &Self) {
        self.0.iter_mut().zip(&others.0).for_each(|(count, other)| *count += other);
    }
}

impl<T> Index<Cause> for PerCause<T> {
    type Output = T;

    fn index(&self, cause: Cause) -> &T {
        &self.0[cause as usize]
    }
}

impl<T> IndexMut<Cause> for PerCause<T> {
    fn index_mut(&mut self, cause: Cause) -> &mut T {
        &mut self.0[cause as usize]
    }
}

/// By the names of the causes that occurred, so that one more cause changes nothing of what is kept.
impl Serialize for PerCause<u64> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let occurred = self.iter().filter(|(_, count)| **count > 0);
        serializer.collect_map(occurred.map(|(cause, count)| (cause.name(), count)))
    }
}

impl<'de> Deserialize<'de> for PerCause<u64> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut counts = Self::default();
        for (name, count) in BTreeMap::<String, u64>::deserialize(deserializer)? {
            let cause = Cause::ALL.into_iter().find(|cause| cause.name() == name);
            let cause = cause.ok_or_else(|| D::Error::custom(format!("no cause is `{name}`")))?;
            counts[cause] = count;
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, MapDeserializer};

    use super::*;

    #[test]
    fn each_stands_at_its_place_under_a_name_of_its_own() {
        for (place, cause) in Cause::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, place, "{cause:?}");
            let alike = Cause::ALL.into_iter().filter(|other| other.name() == cause.name());
            assert_eq!(alike.count(), 1, "{cause:?}");
            let is_plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
            assert!(cause.name().chars().all(is_plain), "a column is called {}", cause.name());
        }
    }

    #[test]
    fn counts_are_kept_apart_and_add_up() {
        let mut counts = PerCause::only(Cause::Reset, 3);
        counts[Cause::NoNode] += 4;
        counts.merge(&PerCause::only(Cause::Reset, 10));
        let named: Vec<_> =
            counts.iter().filter(|(_, n)| **n > 0).map(|(cause, n)| (cause.name(), *n)).collect();
        assert_eq!(named, [("reset", 13), ("no_node", 4)]);
        assert_eq!(counts.total(), 17);
    }

    #[test]
    fn counts_read_back_by_the_names_of_their_causes() {
        let read = |named: &[(&'static str, u64)]| {
            let entries = named.iter().map(|(name, count)| (*name, *count));
            let map: MapDeserializer<'_, _, Error> = MapDeserializer::new(entries);
            PerCause::<u64>::deserialize(map.into_deserializer())
        };
        let counts = read(&[("reset", 13)]).expect("there is such a cause");
        assert_eq!(counts, PerCause::only(Cause::Reset, 13));
        let unknown = read(&[("reset", 1), ("bored", 1)]).expect_err("there is none");
        assert_eq!(unknown.to_string(), "no cause is `bored`");
    }
}
