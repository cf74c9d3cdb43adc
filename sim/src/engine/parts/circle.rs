//! The circle from which `HAProxy` draws for `balance random`: each server has points on it, by a hash of its
//! number, and a draw takes the server of the nearest. With the default weight a server has 16 points, which
//! leaves shares uneven: of two servers the first is drawn with 0.43 (release 2.6, `lb_chash.c`).

/// Points of a server of weight 1 (`BE_WEIGHT_SCALE`).
const POINTS: u32 = 16;
/// Numbers of points that are set aside for each server (`SRV_EWGHT_RANGE`).
const RANGE: u32 = 4096;

/// The points of servers numbered from 0, by their place.
#[derive(Clone, Debug)]
pub(super) struct Circle {
    points: Vec<(u32, usize)>,
}

impl Circle {
    pub(super) fn of(servers: usize) -> Self {
        let points = (0..servers).flat_map(|server| {
            // Servers are numbered from 1 there.
            let first = (server as u32 + 1) * RANGE;
            (first..first + POINTS).map(move |number| (hash(number), server))
        });
        let mut points: Vec<_> = points.collect();
        points.sort_unstable();
        Self { points }
    }

    /// The server of the nearest point, of those that can be had, either way round.
    pub(super) fn nearest(&self, place: u32, can_be_had: impl Fn(usize) -> bool) -> Option<usize> {
        let next = self.points.partition_point(|(point, _)| *point < place);
        let (before, after) = self.points.split_at(next);
        let had = |(_, server): &&(u32, usize)| can_be_had(*server);
        let (up, server_up) = after.iter().chain(before).find(had)?;
        let (down, server_down) = before.iter().rev().chain(after.iter().rev()).find(had)?;
        let is_up = up.wrapping_sub(place) <= place.wrapping_sub(*down);
        Some(if is_up { *server_up } else { *server_down })
    }
}

/// Bob Jenkins' full avalanche hash of a whole number, as `full_hash` of `HAProxy` has it.
fn hash(number: u32) -> u32 {
    let mut a = number.wrapping_add(0x7ed5_5d16).wrapping_add(number << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shares of draws at 2¹⁶ places that are evenly spread.
    fn shares(servers: usize, can_be_had: impl Fn(usize) -> bool) -> Vec<f64> {
        let circle = Circle::of(servers);
        let mut counts = vec![0.0; servers];
        for place in 0..1_u32 << 16 {
            let server = circle.nearest(place << 16 | 1 << 15, &can_be_had).expect("one is there");
            counts[server] += 1.0 / 65_536.0;
        }
        counts
    }

    /// Measured at the default weight: 0.42 and 0.58.
    #[test]
    fn the_first_of_two_servers_is_drawn_less_often() {
        let found = shares(2, |_| true);
        assert!((found[0] - 0.431).abs() < 0.001 && (found[1] - 0.569).abs() < 0.001, "{found:?}");
    }

    #[test]
    fn servers_that_cannot_be_had_are_not_drawn() {
        assert_eq!(shares(3, |server| server == 1), [0.0, 1.0, 0.0]);
        assert!((shares(3, |server| server < 2)[0] - 0.431).abs() < 0.001);
        assert_eq!(Circle::of(2).nearest(7, |_| false), None);
    }
}
