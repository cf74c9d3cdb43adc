//! Draws one after the other, of which random scenarios and random scenario files are made.

pub(crate) trait Draws {
    /// The next one, uniform in 0..1.
    fn uniform(&mut self) -> f64;

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Evenly spread over the orders of magnitude.
    fn magnitude(&mut self, low: f64, high: f64) -> f64 {
        low * (high / low).powf(self.uniform())
    }

    fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + (self.uniform() * f64::from(high - low + 1)) as u32
    }

    fn choose<T: Clone>(&mut self, options: &[T]) -> T {
        let index = (self.uniform() * options.len() as f64) as usize;
        options[index].clone()
    }
}
