//! Closed forms: the oracle of the tests and of `apimsim verify`.
