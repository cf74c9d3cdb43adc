//! `balancer = { product = "nginx", … }`: a balancer as a product, with its keys and its defaults.

use sim::deployment::{Balancing, HealthCheck, NodeLimit, PassOn, Policy, Probe, Retry};
use sim::time::SimDuration;

use crate::document::{Item, Value};
use crate::read::reader::Reader;
use crate::read::section::{Context, Section};

/// What a balancer can be.
#[derive(Clone, Copy, PartialEq)]
enum Product {
    Nginx,
    HaProxy,
    Kubernetes,
    Ideal,
}

const PRODUCTS: [(Product, &str); 4] = [
    (Product::Nginx, "nginx"),
    (Product::HaProxy, "haproxy"),
    (Product::Kubernetes, "kubernetes"),
    (Product::Ideal, "ideal"),
];

/// The keys of each product.
const NGINX: &[&str] = &[
    "product",
    "policy",
    "workers",
    "busiest_worker",
    "zone",
    "max_fails",
    "fail_timeout",
    "connect_timeout",
    "read_timeout",
    "next_upstream",
    "next_upstream_tries",
    "next_upstream_timeout",
    "connections",
    "networks",
];
const HAPROXY: &[&str] = &[
    "product",
    "policy",
    "retries",
    "redispatch",
    "check",
    "inter",
    "fall",
    "rise",
    "check_timeout",
    "connect_timeout",
    "server_timeout",
    "limit",
    "queue",
    "queue_timeout",
];
const KUBERNETES: &[&str] = &[
    "product",
    "policy",
    "check",
    "delay",
    "period",
    "failures",
    "successes",
    "check_timeout",
    "node_lost_after",
];
const IDEAL: &[&str] = &["product", "policy"];

/// The keys of the product of that name.
fn keys(product: Product) -> &'static [&'static str] {
    match product {
        Product::Nginx => NGINX,
        Product::HaProxy => HAPROXY,
        Product::Kubernetes => KUBERNETES,
        Product::Ideal => IDEAL,
    }
}

/// The same by its name.
#[cfg(test)]
pub(crate) fn keys_of(product: &str) -> &'static [&'static str] {
    PRODUCTS.iter().find(|(_, name)| *name == product).map_or(&[], |(product, _)| keys(*product))
}

/// Policies under the names that the products give them, beside ours.
const OF_NGINX: [(Policy, &str); 5] = [
    (Policy::RoundRobin, "round-robin"),
    (Policy::LeastConn, "least_conn"),
    (Policy::LeastOutstanding, "least-outstanding"),
    (Policy::Random, "random"),
    (Policy::Sticky, "ip_hash"),
];
const OF_HAPROXY: [(Policy, &str); 5] = [
    (Policy::RoundRobin, "round-robin"),
    (Policy::RoundRobin, "roundrobin"),
    (Policy::LeastOutstanding, "leastconn"),
    (Policy::LeastOutstanding, "least-outstanding"),
    (Policy::BetterOfTwoDraws, "random"),
];
const OF_KUBERNETES: [(Policy, &str); 3] = [
    (Policy::Random, "random"),
    (Policy::RoundRobin, "round-robin"),
    (Policy::LeastOutstanding, "least-outstanding"),
];

/// After which failures nginx passes a request on, of those that nodes have here.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Error,
    Timeout,
    ServerError,
    NotFound,
    Unavailable,
    NotIdempotent,
    Off,
}

const NEXT: [(Next, &str); 7] = [
    (Next::Error, "error"),
    (Next::Timeout, "timeout"),
    (Next::ServerError, "http_500"),
    (Next::NotFound, "http_404"),
    (Next::Unavailable, "http_503"),
    (Next::NotIdempotent, "non_idempotent"),
    (Next::Off, "off"),
];

/// A policy's name alone, or a table that says which product it is.
pub(crate) enum Stated {
    Policy(Policy),
    Product(Balancing),
}

/// How requests reach the nodes of a cluster.
pub(crate) fn read(context: Context<'_>, item: &Item) -> Option<Stated> {
    if !matches!(item.value, Value::Table(_)) {
        return context.choice(item, "a balancer", &Policy::ALL).map(Stated::Policy);
    }
    let section = Section::open_part(context, item, IDEAL)?;
    let product = section.need("product", "\"nginx\"")?;
    let product = context.choice(product, "a balancer's product", &PRODUCTS)?;
    let reader = Reader(Section::open(context, item, keys(product))?);
    let balancing = match product {
        Product::Nginx => nginx(reader),
        Product::HaProxy => haproxy(reader),
        Product::Kubernetes => kubernetes(reader),
        Product::Ideal => ideal(reader),
    };
    balancing.map(Stated::Product)
}

/// How one of this product chooses: in the first of its ways where nothing is stated.
fn policy(reader: Reader<'_>, names: &[(Policy, &str)]) -> Option<Policy> {
    match reader.0.get("policy") {
        Some(item) => reader.0.context.choice(item, "a policy of this balancer", names),
        None => Some(names[0].0),
    }
}

/// As nginx 1.22 has it: two workers, each for itself, a passive check, timeouts of a minute.
fn nginx(reader: Reader<'_>) -> Option<Balancing> {
    let section = reader.0;
    let policy = policy(reader, &OF_NGINX)?;
    let workers = reader.count("workers", 1, 64, 2)?;
    let shares = reader.flag("zone")?;
    let busiest = busiest(section, workers, shares);
    let max_fails = reader.count("max_fails", 0, 1000, 1)?;
    let fail_timeout = reader.span("fail_timeout", 10.0)?;
    whole_seconds(section, fail_timeout);
    let connections = reader.count("connections", 4, 1_000_000, 512)?;
    // A request takes one connection from the client and one to the node, and two are for listening.
    let requests = (connections - 2) / 2;
    let networks = section.get("networks");
    if policy != Policy::Sticky {
        section.refuse(&["networks"], "without ip_hash", "write policy = \"ip_hash\" with it");
    }
    let networks = match networks {
        Some(item) => Some(section.context.integer(item, 1, 1_000_000)? as u32),
        None if policy == Policy::Sticky => {
            let help = "ip_hash goes by the /24 network of a client; say in how many they are, as \
                        networks = 40";
            section.problem("`networks` is missing", help);
            return None;
        }
        None => None,
    };
    Some(Balancing {
        workers: if shares { 1 } else { workers },
        busiest,
        connect_timeout: Some(reader.span("connect_timeout", 60.0)?),
        read_timeout: Some(reader.span("read_timeout", 60.0)?),
        retry: next_upstream(reader)?,
        connections: Some(if shares { workers * requests } else { requests }),
        networks,
        ..Balancing::plain(policy, HealthCheck::Passive { max_fails, fail_timeout })
    })
}

/// The share of the requests that one of the workers gets, where it is stated and right.
fn busiest(section: Section<'_>, workers: u32, shares: bool) -> Option<f64> {
    let item = section.get("busiest_worker")?;
    if shares || workers == 1 {
        let why = if shares { "with `zone`" } else { "with one worker" };
        let help = "workers that know the same are one here; remove it";
        section.refuse(&["busiest_worker"], why, help);
        return None;
    }
    let share = section.context.share(item)?;
    let least = 1.0 / f64::from(workers);
    if share < least || share >= 1.0 {
        let what = format!("the busiest of {workers} workers cannot have this share");
        let help = format!("it lies between {:.0} % and 100 %", 100.0 * least);
        section.context.log.problem(item.place, what, help);
        return None;
    }
    Some(share)
}

/// nginx reads its time out in whole seconds.
fn whole_seconds(section: Section<'_>, time: SimDuration) {
    if let Some(item) = section.get("fail_timeout")
        && !time.0.is_multiple_of(1_000_000_000)
    {
        let what = format!("nginx counts `fail_timeout` in whole seconds, not {time}");
        section.context.log.problem(item.place, what, "write whole seconds, as \"10 s\"");
    }
}

fn next_upstream(reader: Reader<'_>) -> Option<Retry> {
    let section = reader.0;
    let tries = reader.count("next_upstream_tries", 0, 1000, 0)?;
    let within = match section.get("next_upstream_timeout") {
        Some(item) => Some(section.context.duration(item)?),
        None => None,
    };
    let mut pass_on = PassOn {
        tries: Some(tries).filter(|tries| *tries > 0),
        within: within.filter(|within| *within > SimDuration::ZERO),
        ..PassOn::default()
    };
    let Some(item) = section.get("next_upstream") else { return Some(Retry::Next(pass_on)) };
    let named = section.context.list(item)?.iter();
    let named: Vec<Next> = named
        .map(|item| section.context.choice(item, "a failure that nodes have here", &NEXT))
        .collect::<Option<_>>()?;
    if named.contains(&Next::Off) {
        if named.len() > 1 {
            let what = "`off` makes no sense beside others";
            section.context.log.problem(item.place, what, "write next_upstream = [\"off\"]");
            return None;
        }
        return Some(Retry::Never);
    }
    pass_on.error = named.contains(&Next::Error);
    pass_on.timeout = named.contains(&Next::Timeout);
    pass_on.server_error = named.contains(&Next::ServerError);
    pass_on.not_found = named.contains(&Next::NotFound);
    pass_on.unavailable = named.contains(&Next::Unavailable);
    pass_on.not_idempotent = named.contains(&Next::NotIdempotent);
    Some(Retry::Next(pass_on))
}

/// As `HAProxy` 2.6 has it, with `check` and the timeouts of Debian's file.
fn haproxy(reader: Reader<'_>) -> Option<Balancing> {
    let section = reader.0;
    let policy = policy(reader, &OF_HAPROXY)?;
    let interval = reader.span("inter", 2.0)?;
    let connect = reader.span("connect_timeout", 5.0)?;
    let check = HealthCheck::Active {
        interval,
        unhealthy: reader.count("fall", 1, 1000, 3)?,
        healthy: reader.count("rise", 1, 1000, 2)?,
        probe: reader.check(Probe::Port)?,
        timeout: reader.span("check_timeout", interval.as_seconds())?,
        counts_from_end: true,
        after_start: None,
        lost_after: None,
    };
    let limit = if section.get("limit").is_some() {
        Some(node_limit(reader, connect)?)
    } else {
        let help = "write limit = 10 with it, requests that a node has at once";
        section.refuse(&["queue", "queue_timeout"], "without a `limit`", help);
        None
    };
    Some(Balancing {
        connect_timeout: Some(connect),
        read_timeout: Some(reader.span("server_timeout", 50.0)?),
        retry: Retry::Again {
            attempts: reader.count("retries", 0, 100, 3)?,
            wait: connect.min(SimDuration::from_seconds(1.0)),
            redispatch: reader.flag("redispatch")?,
        },
        limit,
        ..Balancing::plain(policy, check)
    })
}

/// How many requests a node has at once, and who waits for it.
fn node_limit(reader: Reader<'_>, connect: SimDuration) -> Option<NodeLimit> {
    let queue = match reader.0.get("queue") {
        Some(_) => Some(reader.count("queue", 0, 1_000_000, 0)?),
        None => None,
    };
    let wait = reader.span("queue_timeout", connect.as_seconds())?;
    Some(NodeLimit { requests: reader.count("limit", 1, 1_000_000, 1)?, queue, wait })
}

/// As a Service: kube-proxy's choice by chance among pods whose probes are good.
fn kubernetes(reader: Reader<'_>) -> Option<Balancing> {
    let policy = policy(reader, &OF_KUBERNETES)?;
    let delay = reader.time("delay", 0.0)?;
    let check = HealthCheck::Active {
        interval: reader.span("period", 10.0)?,
        unhealthy: reader.count("failures", 1, 1000, 3)?,
        healthy: reader.count("successes", 1, 1000, 1)?,
        probe: reader.check(Probe::Http)?,
        timeout: reader.span("check_timeout", 1.0)?,
        counts_from_end: false,
        after_start: Some(delay),
        lost_after: Some(reader.span("node_lost_after", 40.0)?),
    };
    Some(Balancing::plain(policy, check))
}

fn ideal(reader: Reader<'_>) -> Option<Balancing> {
    let policy = policy(reader, &Policy::ALL)?;
    Some(Balancing::plain(policy, HealthCheck::Perfect))
}
