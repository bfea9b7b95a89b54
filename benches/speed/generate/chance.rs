//! Seeded chance: the same seed gives the same numbers on every machine.

/// A SplitMix64 generator.
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    /// One for a seed and a purpose; streams of different purposes have nothing in common.
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mut chance = Self(seed ^ purpose.wrapping_mul(0xD1B5_4A32_D192_ED03));
        chance.next();
        chance
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, all alike likely.
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    /// One of these.
    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// One of these, the n-th about 1/n as likely as the first (Zipf).
    pub fn skewed<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        // Whole numbers only: the logarithms of two machines may differ in the last bit.
        let octaves = u64::from(u64::BITS - (list.len() as u64).leading_zeros());
        let octave = self.below(octaves);
        let index = (1_u64 << octave) - 1 + self.below(1 << octave);
        &list[(index as usize).min(list.len() - 1)]
    }
}
