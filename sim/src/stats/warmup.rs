//! How much of a replication to discard: MSER-5.
