//! Values, whatever their type.

/// A value that may be absent.
pub trait Stored<V> {
    /// The value; none where it is absent.
    fn stored(&self) -> Option<V>;

    /// Replaces the value.
    fn store(&mut self, value: V);
}

impl<V: Copy> Stored<V> for V {
    fn stored(&self) -> Option<V> {
        Some(*self)
    }

    fn store(&mut self, value: V) {
        *self = value;
    }
}

impl<V: Copy> Stored<V> for Option<V> {
    fn stored(&self) -> Option<V> {
        *self
    }

    fn store(&mut self, value: V) {
        *self = Some(value);
    }
}

/// One of several names.
pub trait Choice {
    /// Every name with its meaning.
    fn options(&self) -> &'static [(&'static str, &'static str)];

    /// The index of the name that is chosen.
    fn chosen(&self) -> usize;

    /// Chooses a name by its index.
    fn choose(&mut self, index: usize);
}
