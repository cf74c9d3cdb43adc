//! The cache of tokens of a node. Sweeps are made up for when somebody looks: nothing happens in between.

use super::super::Run;
use super::super::marks::{Mark, reached};
use crate::network::{Network, TokenCache as Rules};
use crate::random::{Purpose, Stream};
use crate::theory::token_cache::Swept;

/// There is no entry.
const NEVER: i64 = i64::MIN;

/// The cache of tokens of a node. Times are nanoseconds since the start of the replication; what was written
/// before has times below 0.
#[derive(Clone, Debug)]
pub(crate) struct TokenCache {
    rules: Option<Rules>,
    /// By token: when it was written last, and when it was read last.
    entries: Vec<Entry>,
    /// How many there are.
    held: usize,
    /// The last sweep that has been made.
    swept: i64,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    written: i64,
    read: i64,
}

const NONE: Entry = Entry { written: NEVER, read: NEVER };

impl TokenCache {
    /// Those of all nodes.
    pub(crate) fn of_nodes(network: &Network, run: &Run<'_>) -> Vec<Self> {
        let caches = network.members().map(|(cluster, member, _)| {
            Self::new(network, cluster, run.stream_of(Purpose::Caches, cluster, member))
        });
        caches.collect()
    }

    /// The cache of a node that has run for long. The nodes of a cluster have not all been started at the same
    /// instant.
    fn new(network: &Network, cluster: usize, stream: Stream) -> Self {
        let station = &network.clusters[cluster];
        let mut cache = Self {
            rules: station.token_cache,
            entries: vec![NONE; station.token_cache.map_or(0, |_| station.tokens as usize)],
            held: 0,
            swept: 0,
        };
        if let Some(rules) = station.token_cache.filter(|_| station.tokens > 0) {
            cache.swept = -((stream.uniform(0) * rules.sweep.as_nanos()) as i64);
            cache.fill(network, cluster, rules, stream);
        }
        cache
    }

    /// Puts in what is there by now, where each token is used at its rate.
    fn fill(&mut self, network: &Network, cluster: usize, rules: Rules, stream: Stream) {
        let flows = network.flows.iter().filter_map(|flow| flow.tokens);
        let known = flows.filter(|tokens| tokens.known_to == Some(cluster));
        for (tokens, token) in known.flat_map(|tokens| (0..tokens.number).map(move |t| (tokens, t)))
        {
            let place = (tokens.first + token) as usize;
            let age = age(rules, tokens.uses, self.swept, stream, place as u64);
            if let Some(written) = age.filter(|_| self.held < rules.most()) {
                self.entries[place] = Entry { written, read: written };
                self.held += 1;
            }
        }
    }

    /// Whether it holds a token that was issued at some instant and not one that its owner had before.
    pub(crate) fn look_up(&mut self, token: u32, issued: i64, now: u64) -> bool {
        let Some(rules) = self.rules else { return false };
        self.catch_up(rules, now as i64);
        let entry = &mut self.entries[token as usize];
        let is_there = entry.written != NEVER && entry.written >= issued;
        if is_there {
            entry.read = now as i64;
        }
        is_there
    }

    /// A token is put in, if there is room.
    pub(crate) fn store(&mut self, token: u32, now: u64) {
        let Some(rules) = self.rules else { return };
        self.catch_up(rules, now as i64);
        if self.held >= rules.most() {
            return reached(Mark::CacheIsFull);
        }
        let entry = &mut self.entries[token as usize];
        self.held += usize::from(entry.written == NEVER);
        *entry = Entry { written: now as i64, read: now as i64 };
    }

    /// A process has started, with nothing in its cache.
    pub(crate) fn begin_anew(&mut self, now: u64) {
        self.entries.fill(NONE);
        self.held = 0;
        self.swept = now as i64;
    }

    /// Makes the sweeps that have come since somebody looked last. What the first of them leaves, those between
    /// it and the last leave as well or the last takes away.
    fn catch_up(&mut self, rules: Rules, now: i64) {
        let period = rules.sweep.0 as i64;
        let sweeps = (now - self.swept) / period;
        if sweeps > 0 {
            reached(Mark::SweepsCache);
            self.sweep(rules, self.swept + period);
            self.swept += sweeps * period;
            if sweeps > 1 {
                self.sweep(rules, self.swept);
            }
        }
    }

    fn sweep(&mut self, rules: Rules, now: i64) {
        let oldest = now - rules.timeout.0 as i64;
        // Who is to go is chosen before what is old is taken away.
        let mut evicted = self.least_recently_read(rules.evicts(self.held));
        for entry in self.entries.iter_mut().filter(|entry| entry.written != NEVER) {
            if entry.written <= oldest {
                *entry = NONE;
                self.held -= 1;
            }
        }
        if self.held < rules.capacity as usize {
            evicted.clear();
        }
        for token in evicted {
            let entry = &mut self.entries[token];
            self.held -= usize::from(entry.written != NEVER);
            *entry = NONE;
            reached(Mark::EvictsFromCache);
        }
    }

    /// The tokens that were read least recently, so many.
    fn least_recently_read(&self, count: usize) -> Vec<usize> {
        if count == 0 {
            return Vec::new();
        }
        let held = self.entries.iter().enumerate().filter(|(_, entry)| entry.written != NEVER);
        let mut order: Vec<(i64, usize)> = held.map(|(token, entry)| (entry.read, token)).collect();
        let last = count.min(order.len()) - 1;
        order.select_nth_unstable(last);
        order.truncate(count);
        order.into_iter().map(|(_, token)| token).collect()
    }
}

/// When a token was written that is in a cache by now, if it is: by the renewal process of
/// [`crate::theory::token_cache`], at an instant that is chosen without regard to it.
fn age(rules: Rules, uses: f64, swept: i64, stream: Stream, token: u64) -> Option<i64> {
    let period = rules.sweep.as_seconds();
    let cache = Swept { period, timeout: rules.timeout.as_seconds() };
    let read_in_period = -(-uses * period).exp_m1();
    if read_in_period <= 0.0 {
        return None;
    }
    let mut draws = (1..).map(|draw| stream.uniform(token << 8 | draw));
    let mut uniform = || draws.next().unwrap_or(0.5);
    let unread = 1.0 / read_in_period - 1.0;
    if uniform() * (unread + cache.mean_sweeps(uses)) < unread {
        return None;
    }
    // A write, of which there are the more the more periods it lasts; there are two numbers of these.
    let most = cache.ends_at_sweep(period);
    let (phase, lasts) = loop {
        let phase = -(-uniform() * read_in_period).ln_1p() / uses;
        let lasts = cache.ends_at_sweep(phase);
        if uniform() * most < lasts {
            break (phase, lasts);
        }
    };
    let periods = (uniform() * lasts).floor();
    let written = swept + ((phase - periods * period) * 1e9) as i64;
    (written <= 0).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;

    const SECOND: u64 = 1_000_000_000;

    fn rules(timeout: f64, capacity: u32) -> Rules {
        let seconds = SimDuration::from_seconds;
        Rules { timeout: seconds(timeout), sweep: seconds(30.0), capacity }
    }

    /// Of a process that has just started.
    fn empty(rules: Rules, tokens: usize) -> TokenCache {
        TokenCache { rules: Some(rules), entries: vec![NONE; tokens], held: 0, swept: 0 }
    }

    /// Looks a token up, and puts it in where it is missed.
    fn uses(cache: &mut TokenCache, token: u32, now: u64) -> bool {
        let is_there = cache.look_up(token, NEVER + 1, now);
        if !is_there {
            cache.store(token, now);
        }
        is_there
    }

    #[test]
    fn an_entry_of_15_s_lives_for_15_to_45_s() {
        for (written, ends) in [(1, 30), (14, 30), (15, 30), (16, 60), (29, 60), (31, 60)] {
            let mut cache = empty(rules(15.0, 100), 1);
            cache.store(0, written * SECOND);
            // However often it is read.
            for second in written..ends {
                assert!(cache.look_up(0, 0, second * SECOND), "{written}: gone at {second} s");
            }
            assert!(!cache.look_up(0, 0, ends * SECOND), "{written}: there at {ends} s");
        }
    }

    #[test]
    fn a_busy_token_is_missed_once_in_30_s_on_a_node_of_its_own_and_once_in_930_s_on_one_of_all() {
        for (timeout, period) in [(15.0, 30), (900.0, 930)] {
            let mut cache = empty(rules(timeout, 100), 1);
            // Not at the instants of sweeps.
            let at = (0..10 * period * 10).map(|tick| tick * SECOND / 10 + SECOND / 20);
            let misses = at.filter(|now| !uses(&mut cache, 0, *now)).count();
            assert_eq!(misses, 10, "{timeout} s");
        }
    }

    #[test]
    fn all_busy_tokens_miss_in_the_moment_after_a_sweep() {
        let mut cache = empty(rules(15.0, 1000), 500);
        let mut misses = [0; 91];
        for tick in 0..91 * 10 {
            let now = tick * SECOND / 10 + SECOND / 20;
            let missed = (0..500).filter(|token| !uses(&mut cache, *token, now)).count();
            misses[(tick / 10) as usize] += missed;
        }
        for (second, missed) in misses.into_iter().enumerate() {
            assert_eq!(missed, if second % 30 == 0 { 500 } else { 0 }, "{second} s");
        }
    }

    #[test]
    fn above_its_capacity_a_sweep_evicts_the_excess_and_a_quarter() {
        let mut cache = empty(rules(900.0, 1000), 2000);
        for token in 0..1200 {
            cache.store(token, SECOND + u64::from(token));
        }
        // The first are read last.
        (0..300).for_each(|token| assert!(cache.look_up(token, 0, 2 * SECOND)));
        // 200 above 1000, and 250 of 1000.
        let gone: Vec<u32> = (0..1200).filter(|t| !cache.look_up(*t, 0, 31 * SECOND)).collect();
        assert_eq!(gone, (300..750).collect::<Vec<_>>());
    }

    #[test]
    fn at_a_capacity_and_three_quarters_nothing_more_is_taken_in() {
        let mut cache = empty(rules(900.0, 1000), 2000);
        (0..2000).for_each(|token| cache.store(token, SECOND));
        assert!(cache.look_up(1749, 0, 2 * SECOND));
        assert!(!cache.look_up(1750, 0, 2 * SECOND));
        // Until the next sweep, which leaves 750.
        assert!(!uses(&mut cache, 1750, 31 * SECOND));
        assert!(uses(&mut cache, 1750, 32 * SECOND));
        assert_eq!(cache.held, 751);
    }

    #[test]
    fn another_token_of_the_same_owner_is_not_in_the_cache() {
        let mut cache = empty(rules(900.0, 100), 1);
        cache.store(0, SECOND);
        assert!(cache.look_up(0, SECOND as i64, 2 * SECOND));
        assert!(!cache.look_up(0, 2 * SECOND as i64, 2 * SECOND));
    }

    #[test]
    fn a_process_begins_with_nothing_and_sweeps_from_then_on() {
        let mut cache = empty(rules(15.0, 100), 1);
        cache.store(0, SECOND);
        cache.begin_anew(20 * SECOND);
        assert!(!cache.look_up(0, 0, 21 * SECOND));
        cache.store(0, 21 * SECOND);
        assert!(cache.look_up(0, 0, 49 * SECOND));
        assert!(!cache.look_up(0, 0, 50 * SECOND));
    }

    /// A sweep that is made up for leaves what one in time leaves.
    #[test]
    fn sweeps_that_are_made_up_for_are_like_those_in_time() {
        let stream = Stream::new(3, 0, Purpose::Caches, 0);
        let (mut late, mut early) = (empty(rules(40.0, 60), 100), empty(rules(40.0, 60), 100));
        for step in 0..3000_u64 {
            let (now, token) = (step * SECOND * 7, (stream.uniform(step) * 100.0) as u32);
            // Long silences, in which the other is looked at each time.
            (early.swept..now as i64)
                .step_by(30 * SECOND as usize)
                .for_each(|_| early.catch_up(rules(40.0, 60), now as i64));
            if step % 97 < 20 {
                assert_eq!(uses(&mut late, token, now), uses(&mut early, token, now), "{step}");
            }
        }
    }

    /// From the start on it is missed at the rate of the closed form: 2000 tokens over 120 s, of which
    /// standard errors are below 2 per cent of the misses.
    #[test]
    fn it_begins_as_it_goes_on() {
        for (timeout, rate) in [(15.0, 0.05), (15.0, 1.0), (900.0, 0.01), (900.0, 0.1)] {
            let law = rules(timeout, 10_000);
            let (mut misses, mut reads) = (0.0, 0.0);
            let (tokens, seconds) = (2000, 120.0);
            for replication in 0..20 {
                let stream = Stream::new(5, replication, Purpose::Caches, 0);
                let mut cache = empty(law, tokens);
                cache.swept = -((stream.uniform(0) * 30e9) as i64);
                for token in 0..tokens {
                    if let Some(written) = age(law, rate, cache.swept, stream, token as u64) {
                        cache.entries[token] = Entry { written, read: written };
                        cache.held += 1;
                    }
                }
                let draws = Stream::new(5, replication, Purpose::Requests, 0);
                let mut now = 0.0;
                for read in 0.. {
                    now -= f64::ln(1.0 - draws.uniform(2 * read)) / (rate * tokens as f64);
                    if now > seconds {
                        break;
                    }
                    let token = (draws.uniform(2 * read + 1) * tokens as f64) as u32;
                    reads += 1.0;
                    misses += f64::from(!uses(&mut cache, token, (now * 1e9) as u64));
                }
            }
            let exact = Swept { period: 30.0, timeout }.miss_share(rate);
            let found: f64 = misses / reads;
            assert!((found / exact - 1.0).abs() < 0.05, "{timeout} s at {rate}: {found}, {exact}");
        }
    }

    #[test]
    fn without_rules_every_token_is_missed() {
        let mut cache = TokenCache { rules: None, entries: vec![], held: 0, swept: 0 };
        assert!(!uses(&mut cache, 0, SECOND) && !uses(&mut cache, 0, SECOND));
    }

    #[test]
    fn what_is_never_used_is_not_there() {
        let stream = Stream::new(3, 0, Purpose::Caches, 0);
        assert_eq!(age(rules(15.0, 1), 0.0, 0, stream, 0), None);
        assert_eq!(age(rules(15.0, 1), 1e-12, 0, stream, 0), None);
    }
}
