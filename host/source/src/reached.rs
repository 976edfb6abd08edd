//! The time that a source has reached, by the times of its lines.

/// How far a line may be ahead of the line before it.
const LEAP: u64 = 3600 * 1_000_000_000;

/// How many of the lines that follow decide whether a leap is believed.
pub(super) const FOLLOWING: usize = 8;

/// The time of the latest line, in nanoseconds since 1970. A line without a time has that of the line
/// before it, and no line has an earlier one, so that the order within a source stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached(pub(super) u64);

impl Reached {
    /// Advances to the time of the next line; zero means that it has none. `following` are the
    /// times of the lines after it.
    ///
    /// A line that is far ahead of most lines after it has a wrong time. It keeps the time of the line
    /// before it: else all of its file would come after all other files.
    pub fn advance(&mut self, time: u64, following: impl Iterator<Item = u64>) {
        if time <= self.0 {
            return;
        }
        if time - self.0 > LEAP {
            let (mut near, mut behind) = (0, 0);
            for later in following.filter(|later| *later > 0).take(FOLLOWING) {
                if later < time - LEAP {
                    behind += 1;
                } else {
                    near += 1;
                }
            }
            if behind > near {
                return;
            }
        }
        self.0 = time;
    }
}

#[cfg(test)]
mod tests {
    use super::{LEAP, Reached};

    /// Returns the times at which lines with these times count, in hours.
    fn counted(times: &[u64]) -> Vec<u64> {
        let times: Vec<u64> = times.iter().map(|hours| hours * LEAP).collect();
        let mut reached = Reached::default();
        let mut counted = Vec::new();
        for (place, time) in times.iter().enumerate() {
            reached.advance(*time, times.iter().skip(place + 1).copied());
            counted.push(reached.0 / LEAP);
        }
        counted
    }

    #[test]
    fn time_follows_the_lines() {
        assert_eq!(counted(&[5, 6, 7, 9]), [5, 6, 7, 9]);
        assert_eq!(counted(&[5, 0, 4, 6]), [5, 5, 5, 6]);
        assert_eq!(counted(&[5, 100, 101, 102]), [5, 100, 101, 102], "a pause");
        assert_eq!(counted(&[5, 100]), [5, 100], "nothing contradicts it");
    }

    #[test]
    fn wrong_times_do_not_count() {
        assert_eq!(counted(&[5, 900, 6, 7]), [5, 5, 6, 7]);
        assert_eq!(counted(&[900, 5, 6, 7]), [0, 5, 6, 7]);
        assert_eq!(counted(&[5, 900, 900, 6, 6, 7]), [5, 5, 5, 6, 6, 7]);
        assert_eq!(counted(&[5, 1, 6]), [5, 5, 6]);
        assert_eq!(counted(&[1, 100, 100, 100]), [1, 100, 100, 100]);
    }
}
