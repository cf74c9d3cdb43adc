//! Scenario files at random: everything that a file may say, with times at which much happens within half a
//! minute.

#![expect(clippy::format_push_string, reason = "a file is put together key by key")]

use sim::random::{Purpose, Stream};

use super::draws::Draws;

/// How long the window of a file is, seconds.
const WINDOW: f64 = 30.0;
/// Requests a second of all open flows, about.
const RATE: f64 = 80.0;

/// The tables that files name, by name.
pub(super) const TABLES: [(&str, &str); 3] = [
    ("day.csv", "time_s,rate_per_s\n0,10\n8,30\n20,5\n32,25\n"),
    ("trace.csv", "time_s\n1.5\n2\n2.004\n7.25\n9\n9.5\n12\n14.125\n18\n21\n25.5\n"),
    ("took.csv", "took\n5\n12\n12\n40\n90\n"),
];

/// Balancers by product and the names of its policies; those without a product are policies alone.
pub(super) const BALANCERS: [(&str, &[&str]); 5] = [
    ("nginx", &["round-robin", "least_conn", "least-outstanding", "random", "ip_hash"]),
    ("haproxy", &["round-robin", "roundrobin", "leastconn", "least-outstanding", "random"]),
    ("kubernetes", &["random", "round-robin", "least-outstanding"]),
    ("ideal", &OURS),
    ("", &OURS),
];

const OURS: [&str; 8] = [
    "round-robin",
    "least-outstanding",
    "least-conn",
    "power-of-two",
    "better-of-two-draws",
    "random",
    "sticky",
    "active-passive",
];

/// The kinds of failures.
pub(super) const KINDS: [&str; 6] = ["crash", "vanish", "hang", "fail-fast", "slow", "cut-off"];

/// The file of a seed.
pub(super) fn file(seed: u64) -> String {
    let stream = Stream::new(seed, 0, Purpose::Requests, 0);
    let late = Stream::new(seed, 1, Purpose::Requests, 0);
    let latest = Stream::new(seed, 2, Purpose::Requests, 0);
    let newest = Stream::new(seed, 3, Purpose::Requests, 0);
    let mut drawing = Drawing {
        dice: Dice { stream, thrown: 0 },
        late: Dice { stream: late, thrown: 0 },
        latest: Dice { stream: latest, thrown: 0 },
        newest: Dice { stream: newest, thrown: 0 },
        text: String::new(),
    };
    drawing.whole(seed);
    drawing.text
}

/// A cluster that a deployment has: its name, its roles and nodes, and the tenant that it serves alone.
struct Placed {
    name: String,
    roles: &'static [&'static str],
    nodes: u32,
    tenant: Option<&'static str>,
}

/// What the flows of a file ask for.
#[derive(Default)]
struct Asked {
    /// The tenants whose flows call each runtime.
    micro: Vec<&'static str>,
    streaming: Vec<&'static str>,
    backends: Vec<String>,
    /// The first flow of users.
    users: Option<usize>,
    /// Whether nodes call a database.
    database: bool,
    /// Whether gateways count together.
    redis: bool,
}

struct Drawing {
    dice: Dice,
    /// Of what came later, so that it leaves alone what is drawn otherwise.
    late: Dice,
    /// Of what came after that.
    latest: Dice,
    /// And after that.
    newest: Dice,
    text: String,
}

const ALL_IN_ONE: &[&str] =
    &["gateway", "key-manager", "traffic-manager", "publisher", "devportal"];
const CONTROL_PLANE: &[&str] = &["key-manager", "traffic-manager", "publisher", "devportal"];
const MICRO: &[&str] = &["micro-integrator"];
const STREAMING: &[&str] = &["streaming-integrator"];

impl Drawing {
    fn line(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    fn whole(&mut self, seed: u64) {
        let apis = if self.dice.chance(0.6) { "apis = 20\n" } else { "" };
        self.line(format!("title = \"Random file {seed}\"\n{apis}[run]"));
        self.line(format!("window = \"{WINDOW} s\"\nwarm_up = \"2 s\"\nreplications = 1"));
        self.line(format!("seed = {seed}"));
        let (database, redis) = (self.dice.chance(0.6), self.newest.chance(0.5));
        let mut asked = Asked { database, redis, ..Asked::default() };
        for index in 0..self.dice.whole(1, 4) as usize {
            self.flow(index, &mut asked);
        }
        let mut clusters = Vec::new();
        for index in 0..self.dice.whole(1, 2) {
            clusters.extend(self.deployment(&format!("deployment-{index}"), &asked, index == 0));
        }
        self.profiles(&clusters, &asked);
        self.drills(&clusters, &asked);
    }

    fn flow(&mut self, index: usize, asked: &mut Asked) {
        let dice = &mut self.dice;
        // The first calls APIs, so that every cluster that there may be is reached.
        let kind = if index == 0 {
            "api"
        } else {
            dice.choose(&["api", "api", "token", "portal", "stream"])
        };
        let tenant = dice.choose(&["default", "acme"]);
        let mut text = format!("[[flow]]\nname = \"flow-{index}\"\nkind = \"{kind}\"\n");
        text += &format!("tenant = \"{tenant}\"\n");
        if dice.chance(0.4) {
            let methods = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "POST", "PATCH"];
            text += &format!("method = \"{}\"\n", dice.choose(&methods));
        }
        text += &format!("size = \"{:.0} B\"\n", dice.between(10.0, 4000.0));
        text += &self
            .late
            .some(0.4, "answer", |late| format!("\"{:.1} KiB\"", late.between(0.1, 20.0)));
        if kind == "stream" && !asked.streaming.contains(&tenant) {
            asked.streaming.push(tenant);
        }
        if kind == "api" {
            let call = dice.call(tenant, asked);
            let sync = self.newest.some(0.5, "sync", |newest| newest.seconds(0.05, 3.0));
            let shared = format!("throttle = {{ {}, limit", sync.trim_end());
            text +=
                &if sync.is_empty() { call } else { call.replace("throttle = { limit", &shared) };
        }
        if kind == "api" && dice.chance(0.5) {
            text += &format!("backend = {}\n", dice.backend());
            asked.backends.push(format!("flow-{index}"));
            if !text.contains("streaming-integrator") {
                text += &dice.endpoint();
            }
            if dice.chance(0.3) {
                text += &dice.failures("backend_failures", 2, &["cut-off"]);
            }
        }
        if dice.chance(0.6) {
            text += &format!("timeout = \"{:.0} ms\"\n", dice.magnitude(40.0, 4000.0));
            if dice.chance(0.3) {
                text += "timeout_cancels = true\n";
            }
        }
        if dice.chance(0.4) {
            text += &dice.retries();
        }
        let arrivals = dice.arrivals(index, asked);
        let is_scaled = !arrivals.contains("users-of") && self.newest.chance(0.3);
        text += &match arrivals.strip_suffix(" }") {
            Some(begin) if is_scaled => format!("{begin}, scale = 1.25 }}"),
            _ => arrivals,
        };
        self.line(text);
    }

    /// A deployment, and the clusters whose profiles it names.
    fn deployment(&mut self, name: &str, asked: &Asked, is_first: bool) -> Vec<Placed> {
        self.line(format!("[[deployment]]\nname = \"{name}\""));
        let patterns = ["standard-ha", "standard-ha-multitenant", "simple-scalable", "", ""];
        let pattern = self.dice.choose(&patterns);
        let mut clusters = self.placed(pattern, asked);
        if is_first && self.dice.chance(0.3) {
            let mut failures = String::new();
            if self.dice.chance(0.7) {
                failures += &self.dice.failures("failures.zone", 2, &[]);
            }
            if asked.database {
                failures += &self.dice.failures("failures.database", 2, &["cut-off"]);
            }
            self.line(failures);
        }
        let repairers = |dice: &mut Dice| dice.whole(1, 3).to_string();
        let repairers = self.latest.some(0.2, "failures.repairers", repairers);
        self.line(repairers);
        if !pattern.is_empty() {
            self.line(format!("pattern = \"{pattern}\""));
            for cluster in &clusters {
                let (place, name) = match cluster.tenant {
                    Some(tenant) => (format!("tenants.{tenant}"), cluster.roles[0]),
                    None => ("nodes".to_owned(), cluster.name.as_str()),
                };
                let line = format!("{place}.{name} = {}", cluster.nodes);
                self.line(line);
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for cluster in &clusters {
            // What is changed of a tenant's cluster is changed of all that are alike.
            let name = if pattern.is_empty() || cluster.tenant.is_none() {
                &cluster.name
            } else {
                cluster.roles[0]
            };
            if seen.contains(&name) {
                continue;
            }
            seen.push(name);
            let mut table = format!("[deployment.clusters.{name}]\n");
            table += &format!("profile = \"{}\"\n", profile_of(cluster.roles));
            if pattern.is_empty() {
                table += &format!("roles = {:?}\nnodes = {}\n", cluster.roles, cluster.nodes);
                if let Some(tenant) = cluster.tenant {
                    table += &format!("tenant = \"{tenant}\"\n");
                }
            }
            if cluster.roles == ["streaming-integrator"] && cluster.nodes > 1 {
                table += &self.late.some(0.6, "standby", Dice::standby);
            }
            table += &self.dice.cluster(name);
            self.text.push_str(&table);
        }
        clusters.retain(|cluster| cluster.nodes > 0);
        clusters
    }

    /// The clusters of a deployment to which the flows bring work.
    fn placed(&mut self, pattern: &str, asked: &Asked) -> Vec<Placed> {
        let dice = &mut self.dice;
        let least = if pattern.is_empty() { 1 } else { 2 };
        let placed = |dice: &mut Dice, name: &str, roles| Placed {
            name: name.to_owned(),
            roles,
            nodes: dice.whole(least, 3),
            tenant: None,
        };
        let is_apart = match pattern {
            "simple-scalable" => true,
            "" => dice.chance(0.5),
            _ => false,
        };
        let mut all = if is_apart {
            vec![
                placed(dice, "control-plane", CONTROL_PLANE),
                placed(dice, "gateway", &["gateway"]),
            ]
        } else {
            vec![placed(dice, "all-in-one", ALL_IN_ONE)]
        };
        let by_tenant = match pattern {
            "standard-ha-multitenant" => true,
            "" => dice.chance(0.5),
            _ => false,
        };
        for (roles, tenants) in [(MICRO, &asked.micro), (STREAMING, &asked.streaming)] {
            if by_tenant {
                for tenant in tenants {
                    let name = format!("{}-{tenant}", roles[0]);
                    all.push(Placed { tenant: Some(tenant), ..placed(dice, &name, roles) });
                }
            } else if !tenants.is_empty() {
                all.push(placed(dice, roles[0], roles));
            }
        }
        all
    }

    /// The profiles of the clusters.
    fn profiles(&mut self, clusters: &[Placed], asked: &Asked) {
        let mut named: Vec<&str> = Vec::new();
        for cluster in clusters {
            let name = profile_of(cluster.roles);
            if named.contains(&name) {
                continue;
            }
            named.push(name);
            let calls = asked.database && cluster.roles.contains(&"key-manager");
            let profile = self.dice.profile(name, cluster, calls);
            let needs = self.late.some(0.4, "start_needs", |_| "\"database\"".to_owned());
            let kept = self.late.some(0.3, "token_store", |_| "\"nowhere\"".to_owned());
            let lazy = self.latest.some(0.4, "lazy_tenants", |dice| {
                let (idle, sweep) = (dice.seconds(0.1, 5.0), dice.seconds(0.05, 1.0));
                format!("{{ idle = {idle}, sweep = {sweep} }}")
            });
            let redis = if asked.redis && cluster.roles.contains(&"gateway") {
                let (delay, buffer) = (self.newest.law(0.2, 60.0), self.newest.whole(0, 9) * 10);
                format!("redis = {{ delay = {delay}, quota_buffer = \"{buffer} %\" }}\n")
            } else {
                String::new()
            };
            let container = self.newest.container(&profile);
            // What is of the profile itself comes before what is of its parts.
            let more = format!("\n{needs}{kept}{lazy}{redis}{container}");
            self.line(profile.replacen('\n', &more, 1));
        }
    }

    fn drills(&mut self, clusters: &[Placed], asked: &Asked) {
        // For so long that nodes look for calls whose time is over while clients wait.
        if let Some(flow) = asked.backends.first()
            && self.latest.chance(0.4)
        {
            self.line(format!(
                "[[drill]]\nwhat = \"backend:{flow}\"\nkind = \"hang\"\nat = \"1 s\"\nfor = \"19 s\"\n"
            ));
        }
        if asked.redis && self.newest.chance(0.4) {
            let kind = self.newest.choose(&["hang", "crash", "slow"]);
            let factor = if kind == "slow" { "\nfactor = 7" } else { "" };
            self.line(format!(
                "[[drill]]\nwhat = \"redis\"\nkind = \"{kind}\"{factor}\nat = \"9 s\"\nfor = \"4 s\"\n"
            ));
        }
        for _ in 0..self.dice.whole(0, 3) {
            let dice = &mut self.dice;
            let mut targets = vec!["everything".to_owned(), "zone:a".to_owned()];
            for _ in 0..3 {
                // In every deployment there is a node with this role.
                targets.push(dice.choose(&["gateway", "key-manager", "publisher"]).to_owned());
            }
            for (role, tenants) in [(MICRO, &asked.micro), (STREAMING, &asked.streaming)] {
                if !tenants.is_empty() {
                    targets.extend([role[0].to_owned(), role[0].to_owned()]);
                }
            }
            targets.extend(asked.database.then(|| "database".to_owned()));
            targets.extend(asked.backends.iter().map(|flow| format!("backend:{flow}")));
            let place = dice.whole(0, targets.len() as u32 - 1) as usize;
            let what = &targets[place];
            let kind = dice.choose(&KINDS);
            let mut text = format!("[[drill]]\nwhat = \"{what}\"\nkind = \"{kind}\"\n");
            let (at, lasts) = (dice.between(0.0, 22.0), dice.magnitude(0.2, 9.0));
            text += &format!("at = \"{at:.1} s\"\nfor = \"{lasts:.2} s\"\n");
            if kind == "slow" {
                text += &format!("factor = {:.1}\n", dice.magnitude(2.0, 30.0));
            }
            if kind == "fail-fast" && dice.chance(0.7) {
                text += &format!("delay = \"{:.1} ms\"\n", dice.between(0.1, 30.0));
            }
            let is_of_nodes = !what.contains(':') && !["everything", "database"].contains(&&**what);
            let least = clusters.iter().filter(|cluster| cluster.roles.contains(&&**what));
            let least = least.map(|cluster| cluster.nodes).min().unwrap_or(1);
            if is_of_nodes && least > 1 && dice.chance(0.4) {
                text += &format!("nodes = {least}\n");
            }
            self.line(text);
        }
    }
}

/// The profile of the nodes with these roles.
fn profile_of(roles: &[&str]) -> &'static str {
    match (roles[0], roles.len()) {
        ("gateway", 1) => "front",
        ("gateway", _) => "all",
        ("key-manager", _) => "control",
        ("micro-integrator", _) => "micro",
        _ => "streaming",
    }
}

/// Draws one after the other.
struct Dice {
    stream: Stream,
    thrown: u64,
}

impl Draws for Dice {
    fn uniform(&mut self) -> f64 {
        self.thrown += 1;
        self.stream.uniform(self.thrown)
    }
}

impl Dice {
    fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A key with a value, in some of the files.
    fn some(&mut self, share: f64, key: &str, value: impl FnOnce(&mut Self) -> String) -> String {
        let value = value(self);
        if self.chance(share) { format!("{key} = {value}\n") } else { String::new() }
    }

    fn count(&mut self, low: u32, high: u32) -> String {
        self.whole(low, high).to_string()
    }

    fn seconds(&mut self, low: f64, high: f64) -> String {
        format!("\"{:.3} s\"", self.magnitude(low, high))
    }

    fn milliseconds(&mut self, low: f64, high: f64) -> String {
        format!("\"{:.3} ms\"", self.magnitude(low, high))
    }

    /// The keys of a law, without a mean. Equal lengths would end at the same instant in no stated order.
    fn shape(&mut self) -> String {
        let law =
            self.choose(&["exponential", "erlang", "gamma", "lognormal", "weibull", "pareto"]);
        let cv = match law {
            "exponential" => return "law = \"exponential\"".to_owned(),
            "erlang" => 0.5,
            _ => (self.between(0.3, 1.4) * 100.0).round() / 100.0,
        };
        format!("law = \"{law}\", cv = {cv}")
    }

    fn law(&mut self, low_ms: f64, high_ms: f64) -> String {
        format!("{{ {}, mean = {} }}", self.shape(), self.milliseconds(low_ms, high_ms))
    }

    /// What an API call asks for.
    fn call(&mut self, tenant: &'static str, asked: &mut Asked) -> String {
        let operation = self.choose(&["passthrough", "transformation"]);
        let mut text = format!("operation = \"{operation}\"\n");
        if self.chance(0.5) {
            text += "token = \"opaque\"\n";
        }
        if self.chance(0.6) {
            text += &format!("tokens = {:.0}\n", self.magnitude(1.0, 300.0));
            let lifetime = self.seconds(0.5, 40.0);
            let ends = self.chance(0.7);
            text += &format!("token_lifetime = {}\n", if ends { &lifetime } else { "\"none\"" });
        } else if text.contains("opaque") {
            text += &format!("cache_miss = \"{:.0} %\"\n", self.between(5.0, 90.0));
        }
        if self.chance(0.3) {
            let (limit, window) = (self.magnitude(5.0, 300.0), self.seconds(0.5, 10.0));
            let limit = format!("limit = {limit:.0}, window = {window}");
            let burst = format!("burst = {:.0}", self.magnitude(2.0, 60.0));
            let delay = self.seconds(0.05, 2.0);
            let keys = match self.whole(0, 2) {
                0 => format!("{limit}, delay = {delay}"),
                1 => burst,
                _ => format!("{limit}, {burst}"),
            };
            text += &format!("throttle = {{ {keys} }}\n");
        }
        let (runtime, known) = match self.whole(0, 3) {
            0 | 1 => return text,
            2 => ("micro-integrator", &mut asked.micro),
            _ => ("streaming-integrator", &mut asked.streaming),
        };
        text += &format!("integration = \"{runtime}\"\n");
        if !known.contains(&tenant) {
            known.push(tenant);
        }
        let mediation = if runtime == "micro-integrator" { "cbr_proxy" } else { "event" };
        text + &self.some(0.5, "mediation", |_| format!("\"{mediation}\""))
    }

    /// What a node does about a backend that does not answer, short enough to matter.
    fn endpoint(&mut self) -> String {
        if self.chance(0.5) {
            return String::new();
        }
        let mut keys = vec![format!("timeout = {}", self.seconds(0.05, 5.0))];
        match self.whole(0, 2) {
            0 => keys.push("suspend = \"none\"".to_owned()),
            1 => keys.push(format!("suspend = {}", self.seconds(0.2, 5.0))),
            _ => keys.push("suspend = \"1 s\", factor = 2.0, longest = \"4 s\"".to_owned()),
        }
        format!("endpoint = {{ {} }}\n", keys.join(", "))
    }

    fn backend(&mut self) -> String {
        if self.chance(0.1) {
            return "{ law = \"empirical\", file = \"took.csv\", column = \"took\", unit = \"ms\" }"
                .to_owned();
        }
        self.law(1.0, 200.0)
    }

    fn retries(&mut self) -> String {
        if self.chance(0.2) {
            return "retries = 2\n".to_owned();
        }
        let (most, back_off) = (self.whole(1, 3), self.milliseconds(5.0, 500.0));
        let factor = self.choose(&["1", "2"]);
        // Without jitter the order of simultaneous retries would matter, which is not stated.
        let jitter = self.between(10.0, 90.0);
        format!(
            "retries = {{ max = {most}, back_off = {back_off}, factor = {factor}, jitter = \
             \"{jitter:.0} %\" }}\n"
        )
    }

    fn arrivals(&mut self, index: usize, asked: &mut Asked) -> String {
        let rate = self.magnitude(0.1, 0.6) * RATE;
        let process = match self.whole(0, 9) {
            0 => format!("process = \"deterministic\", rate = \"{rate:.3} /s\""),
            1 => {
                let (low, high) = (0.3 * rate, 3.0 * rate);
                format!(
                    "process = \"mmpp\", rates = [\"{low:.3} /s\", \"{high:.3} /s\"], stays = [\"3 \
                     s\", \"1 s\"]"
                )
            }
            2 => "process = \"schedule\", file = \"day.csv\"".to_owned(),
            3 => "process = \"trace\", file = \"trace.csv\"".to_owned(),
            4 | 5 => self.users(index, asked),
            _ => format!("process = \"poisson\", rate = \"{rate:.3} /s\""),
        };
        format!("arrivals = {{ {process} }}")
    }

    /// Users of a flow of their own, or of the flow that has some already.
    fn users(&mut self, index: usize, asked: &mut Asked) -> String {
        if let Some(first) = asked.users {
            let share = self.between(5.0, 30.0);
            return format!(
                "process = \"users-of\", flow = \"flow-{first}\", share = \"{share:.0} %\""
            );
        }
        asked.users = Some(index);
        let (users, think) = (self.whole(2, 25), self.law(100.0, 1000.0));
        format!("process = \"closed\", users = {users}, think = {think}")
    }

    /// What else there is of a cluster; its balancer is a table of its own and the last.
    fn cluster(&mut self, name: &str) -> String {
        let mut text = self.some(0.6, "zones", |dice| dice.count(1, 3));
        text += &self.some(0.25, "restart", Self::restart);
        text += &self.some(0.25, "startup", Self::watch);
        text += &self.some(0.25, "liveness", Self::watch);
        let (product, policies) = BALANCERS[self.whole(0, 4) as usize];
        let policy = self.choose(policies);
        if product.is_empty() {
            text += &format!("balancer = \"{policy}\"\n");
            return text + &self.some(0.8, "health", Self::health);
        }
        text += &format!("[deployment.clusters.{name}.balancer]\nproduct = \"{product}\"\n");
        // What stands first is chosen where nothing is stated.
        if policy != policies[0] || self.chance(0.5) {
            text += &format!("policy = \"{policy}\"\n");
        }
        text + &match product {
            "nginx" => self.nginx(policy),
            "haproxy" => self.haproxy(),
            "kubernetes" => self.kubernetes(),
            _ => String::new(),
        }
    }

    fn standby(&mut self) -> String {
        let mut keys = vec![format!("missed = {}", self.whole(1, 3))];
        for (key, low, high) in [
            ("heartbeat", 0.1, 1.0),
            ("polling", 0.1, 1.0),
            ("snapshot", 0.5, 10.0),
            ("restore", 0.05, 1.0),
        ] {
            keys.push(format!("{key} = {}", self.seconds(low, high)));
        }
        if self.chance(0.5) {
            keys.push("outputs = \"suppressed\"".to_owned());
        }
        format!("{{ {} }}", keys.join(", "))
    }

    fn restart(&mut self) -> String {
        let (at, drain) = (self.seconds(1.0, 15.0), self.seconds(0.05, 5.0));
        let every = if self.chance(0.5) {
            format!(", every = {}", self.seconds(4.0, 15.0))
        } else {
            String::new()
        };
        let kind = if self.chance(0.4) {
            "kind = \"recreate\"".to_owned()
        } else {
            let (surge, unavailable) = (self.whole(0, 2), self.whole(1, 2));
            format!("kind = \"rolling\", surge = {surge}, unavailable = {unavailable}")
        };
        format!("{{ {kind}, at = {at}, drain = {drain}{every} }}")
    }

    fn watch(&mut self) -> String {
        let mut keys = vec![format!("period = {}", self.seconds(0.2, 2.0))];
        if self.chance(0.3) {
            keys.push("check = \"port\"".to_owned());
        } else if self.chance(0.6) {
            keys.push(format!("demand = {}", self.milliseconds(1.0, 100.0)));
        }
        for (share, key, low, high) in
            [(0.5, "delay", 0.1, 3.0), (0.6, "check_timeout", 0.05, 1.5), (0.8, "grace", 0.1, 3.0)]
        {
            let length = self.seconds(low, high);
            if self.chance(share) {
                keys.push(format!("{key} = {length}"));
            }
        }
        keys.push(format!("failures = {}", self.whole(1, 4)));
        format!("{{ {} }}", keys.join(", "))
    }

    fn health(&mut self) -> String {
        match self.whole(0, 2) {
            0 => "{ check = \"perfect\" }".to_owned(),
            1 => {
                let (fails, timeout) = (self.whole(1, 3), self.seconds(0.5, 5.0));
                format!("{{ check = \"passive\", max_fails = {fails}, fail_timeout = {timeout} }}")
            }
            _ => {
                let (interval, down, up) =
                    (self.seconds(0.1, 2.0), self.whole(1, 3), self.whole(1, 3));
                format!(
                    "{{ check = \"active\", interval = {interval}, unhealthy = {down}, healthy = \
                     {up} }}"
                )
            }
        }
    }

    fn nginx(&mut self, policy: &str) -> String {
        let mut text = String::new();
        if policy == "ip_hash" {
            text += &format!("networks = {}\n", self.whole(1, 6));
        }
        match self.whole(0, 3) {
            0 => text += "zone = true\n",
            1 => text += "workers = 3\nbusiest_worker = \"80 %\"\n",
            2 => text += &format!("workers = {}\n", self.whole(1, 4)),
            _ => {}
        }
        text += &self.some(0.5, "max_fails", |dice| dice.count(0, 3));
        text += &self.some(0.8, "fail_timeout", |dice| format!("\"{} s\"", dice.whole(1, 4)));
        text += &self.some(0.6, "connect_timeout", |dice| dice.seconds(0.05, 3.0));
        text += &self.some(0.7, "read_timeout", |dice| dice.seconds(0.05, 3.0));
        text += &self.some(0.5, "next_upstream", |dice| {
            let all = ["error", "timeout", "http_404", "http_500", "http_503", "non_idempotent"];
            let named: Vec<&str> = all.into_iter().filter(|_| dice.chance(0.6)).collect();
            if named.is_empty() { "[\"off\"]".to_owned() } else { format!("{named:?}") }
        });
        text += &self.some(0.3, "next_upstream_tries", |dice| dice.count(0, 3));
        text += &self.some(0.3, "next_upstream_timeout", |dice| dice.seconds(0.1, 4.0));
        text + &self.some(0.3, "connections", |dice| dice.count(10, 80))
    }

    fn haproxy(&mut self) -> String {
        let mut text = self.some(0.5, "retries", |dice| dice.count(0, 4));
        text += &self.some(0.4, "redispatch", |_| "true".to_owned());
        text += &self.some(0.6, "check", |dice| format!("\"{}\"", dice.choose(&["port", "http"])));
        text += &self.some(0.8, "inter", |dice| dice.seconds(0.2, 2.0));
        text += &self.some(0.5, "fall", |dice| dice.count(1, 4));
        text += &self.some(0.5, "rise", |dice| dice.count(1, 3));
        text += &self.some(0.5, "check_timeout", |dice| dice.seconds(0.1, 2.0));
        text += &self.some(0.7, "connect_timeout", |dice| dice.seconds(0.05, 3.0));
        text += &self.some(0.7, "server_timeout", |dice| dice.seconds(0.05, 5.0));
        if self.chance(0.4) {
            text += &format!("limit = {}\n", self.whole(1, 12));
            text += &self.some(0.6, "queue", |dice| dice.count(0, 20));
            text += &self.some(0.6, "queue_timeout", |dice| dice.seconds(0.05, 2.0));
        }
        text
    }

    fn kubernetes(&mut self) -> String {
        let mut text =
            self.some(0.5, "check", |dice| format!("\"{}\"", dice.choose(&["port", "http"])));
        text += &self.some(0.3, "delay", |dice| dice.seconds(0.1, 3.0));
        text += &self.some(0.9, "period", |dice| dice.seconds(0.2, 2.0));
        text += &self.some(0.5, "failures", |dice| dice.count(1, 4));
        text += &self.some(0.5, "successes", |dice| dice.count(1, 3));
        text += &self.some(0.5, "check_timeout", |dice| dice.seconds(0.1, 1.5));
        text + &self.some(0.8, "node_lost_after", |dice| dice.seconds(0.5, 6.0))
    }

    /// One or more kinds of failures at random, with times at which they come in a window.
    fn failures(&mut self, place: &str, most: u32, never: &[&str]) -> String {
        let mut text = String::new();
        let mut drawn: Vec<&str> = Vec::new();
        for _ in 0..self.whole(1, most) {
            let kind = self.choose(&KINDS);
            if drawn.contains(&kind) || never.contains(&kind) {
                continue;
            }
            drawn.push(kind);
            let (mtbf, mttr) = (self.seconds(5.0, 40.0), self.seconds(0.1, 4.0));
            let mut keys = format!("mtbf = {mtbf}, mttr = {mttr}");
            if self.chance(0.3) {
                keys += &format!(", {}", self.shape());
            }
            if self.chance(0.3) {
                let shape = self.shape().replace("law", "mttr_law").replace("cv", "mttr_cv");
                keys += &format!(", {shape}");
            }
            match kind {
                "slow" => keys += &format!(", factor = {:.1}", self.magnitude(2.0, 20.0)),
                "fail-fast" => keys += &format!(", delay = {}", self.milliseconds(0.1, 20.0)),
                _ => {}
            }
            text += &format!("{place}.{kind} = {{ {keys} }}\n");
        }
        text
    }

    /// A profile whose nodes carry about all requests with a load that is drawn.
    fn profile(&mut self, name: &str, cluster: &Placed, calls: bool) -> String {
        let mut text = format!("[profile.{name}]\n");
        let cores: f64 = self.choose(&["1", "2", "4", "1.5"]).parse().expect("a number");
        let load = if self.chance(0.12) { 1.3 } else { self.between(0.1, 0.7) };
        let mean_ms = 1e3 * load * cores * f64::from(cluster.nodes) / RATE;
        text += &format!("cores = {cores:.1}\n");
        text += &self.some(0.4, "workers", |dice| dice.count(1, 12));
        text += &self.some(0.3, "queue", |dice| dice.count(0, 30));
        let is_fcfs = self.chance(0.3);
        if is_fcfs {
            text += "discipline = \"fcfs\"\n";
        }
        let is_reactor = !is_fcfs && self.chance(0.3);
        if is_reactor {
            text += "bursts = \"reactor\"\n";
            text += &self.some(0.7, "buffer", |dice| format!("\"{} KiB\"", dice.whole(1, 16)));
        } else {
            text += &self.some(0.7, "bursts", |dice| dice.count(1, 8));
        }
        text += &self.some(0.7, "hop", |dice| dice.law(0.05, 5.0));
        let has_heap = self.chance(0.3);
        text += &self.collections(has_heap);
        text += &self.some(0.3, "stalls", |dice| {
            let (every, pause) = (dice.milliseconds(100.0, 2000.0), dice.milliseconds(5.0, 100.0));
            format!("{{ every = {every}, pause = {pause}, cv = 0.5 }}")
        });
        text += &self.some(0.15, "crowding", |_| "\"2 MiB\"".to_owned());
        text += &self.ends();
        if calls {
            let (delay, pool) = (self.law(1.0, 60.0), self.whole(1, 20));
            let at_once = if self.chance(0.4) { ", at_once = 4" } else { "" };
            text += &format!("database = {{ delay = {delay}, pool = {pool}{at_once} }}\n");
            text += &self.some(0.3, "replication", |dice| format!("{:.2}", dice.between(0.1, 1.0)));
        }
        if cluster.roles.contains(&"gateway") {
            text += &self.some(0.8, "token_cache", |dice| {
                let (timeout, sweep) = (dice.seconds(0.2, 20.0), dice.seconds(0.2, 8.0));
                let capacity = dice.choose(&[1, 5, 50, 1000]);
                format!("{{ timeout = {timeout}, sweep = {sweep}, capacity = {capacity} }}")
            });
        }
        for role in cluster.roles {
            let operations: &[(&str, f64)] = match *role {
                "gateway" => &[("passthrough", 1.0), ("transformation", 1.5)],
                "key-manager" => &[("token", 1.0), ("introspection", 0.3)],
                "traffic-manager" => &[("throttle-event", 0.1)],
                "publisher" => &[("portal", 2.0)],
                "micro-integrator" => &[("directapi", 1.0), ("cbr_proxy", 1.5)],
                "streaming-integrator" => &[("event", 1.0)],
                _ => &[],
            };
            for (operation, times) in operations {
                text += &self.demand(operation, times * mean_ms, is_reactor, has_heap);
            }
        }
        text
    }

    fn collections(&mut self, has_heap: bool) -> String {
        let (pause, per_in_flight) = (self.milliseconds(5.0, 200.0), self.milliseconds(0.01, 0.5));
        let of_both = format!("pause = {pause}, cv = 0.5, per_in_flight = {per_in_flight}");
        if has_heap {
            return self.heap(&of_both);
        }
        let requests = self.magnitude(20.0, 600.0);
        let has_full = self.chance(0.3);
        let full =
            if has_full { ", full = { every = 5, pause = \"400 ms\", cv = 0.3 }" } else { "" };
        let of_both = of_both + full;
        self.some(0.5, "gc", |_| format!("{{ requests_per_pause = {requests:.0}, {of_both} }}"))
    }

    /// A heap, of which some are too small for what they are to hold.
    fn heap(&mut self, of_both: &str) -> String {
        let heap = self.magnitude(4.0, 100.0);
        let resident = heap * self.between(0.1, 0.6);
        let mut keys = format!("young = \"{:.0} %\", {of_both}", self.between(20.0, 80.0));
        keys += &format!(", resident = \"{resident:.2} MiB\"");
        for (key, least, most) in [
            ("per_copied_mib", 0.1, 2.0),
            ("full_per_live_mib", 0.1, 4.0),
            ("marking_per_live_mib", 0.1, 20.0),
            ("pause_target", 20.0, 400.0),
            ("restart", 100.0, 4000.0),
        ] {
            let value = self.milliseconds(least, most);
            keys += &self.maybe(0.7, || format!(", {key} = {value}"));
        }
        for (key, least, most) in [("least_young", 2.0, 15.0), ("marking_at", 20.0, 70.0)] {
            let value = self.between(least, most);
            keys += &self.maybe(0.5, || format!(", {key} = \"{value:.0} %\""));
        }
        let (ratio, initial) = (self.between(1.0, 12.0), heap * self.between(0.3, 1.0));
        keys += &self.maybe(0.5, || format!(", survivor_ratio = {ratio:.1}"));
        keys += &self.maybe(0.4, || format!(", initial = \"{initial:.2} MiB\""));
        keys += &self.maybe(0.4, || ", background = \"4 MiB\"".to_owned());
        keys += &self.maybe(0.3, || ", tenured = \"2 %\"".to_owned());
        let collector = self.choose(&["g1", "serial", "parallel", "ergonomic"]);
        keys += &self.maybe(0.7, || format!(", collector = \"{collector}\""));
        format!("heap = \"{heap:.2} MiB\"\ngc = {{ {keys} }}\n")
    }

    /// What a heap shares the memory with, which may be too little for it.
    fn container(&mut self, profile: &str) -> String {
        let heap = profile.split("heap = \"").nth(1).and_then(|rest| rest.split(" MiB").next());
        let heap: f64 = heap.map_or(0.0, |heap| heap.parse().expect("a number"));
        let beside = self.maybe(0.5, || {
            format!(
                ", beside = {{ heap = \"{heap} MiB\", other = \"1 MiB\", allocates = \"1 MiB\" }}"
            )
        });
        let memory = heap * self.between(1.0, 1.6) + 3.0;
        let keys = format!("memory = \"{memory:.1} MiB\", other = \"2 MiB\"{beside}");
        if heap > 0.0 && self.chance(0.6) {
            format!("container = {{ {keys} }}\n")
        } else {
            String::new()
        }
    }

    fn maybe(&mut self, chance: f64, text: impl FnOnce() -> String) -> String {
        if self.chance(chance) { text() } else { String::new() }
    }

    /// How nodes end and begin.
    fn ends(&mut self) -> String {
        let mut text = String::new();
        if self.chance(0.2) {
            let (mtbf, mttr) = (self.seconds(4.0, 40.0), self.seconds(0.1, 4.0));
            text += &format!("mtbf = {mtbf}\nmttr = {mttr}\n");
        } else if self.chance(0.4) {
            text += &self.failures("failures", 3, &[]);
        }
        if self.chance(0.3) {
            text += &self
                .some(0.8, "failing", |dice| format!("\"{}\"", dice.choose(&["stated", "usual"])));
            text += &self.failures("usual_failures", 2, &["crash"]);
        }
        text +=
            &self.some(0.6, "apis_per_second", |dice| format!("{:.1}", dice.between(2.0, 60.0)));
        text += &self.some(0.8, "start_up", |dice| dice.law(50.0, 4000.0));
        text + &self.some(0.5, "cold_start", |dice| {
            if dice.chance(0.5) {
                let factor = dice.between(1.5, 6.0);
                return format!("{{ factor = {factor:.1}, decay = {} }}", dice.seconds(0.5, 5.0));
            }
            let requests = dice.magnitude(20.0, 400.0);
            format!("{{ first = {:.1}, requests = {requests:.0} }}", dice.between(3.0, 60.0))
        })
    }

    fn demand(
        &mut self,
        operation: &str,
        mean_ms: f64,
        is_reactor: bool,
        has_heap: bool,
    ) -> String {
        let mut keys = format!("mean = \"{mean_ms:.3} ms\", {}", self.shape());
        if self.chance(0.5) {
            keys += &format!(
                ", per_kib = \"{:.3} ms\", of_answer = \"80 %\", mean_cv = 0.8",
                0.05 * mean_ms
            );
        }
        if is_reactor {
            keys += &format!(", on_workers = \"{:.0} %\"", self.between(5.0, 95.0));
            if keys.contains("per_kib") {
                keys += ", per_kib_on_workers = \"50 %\"";
            }
        }
        if has_heap {
            keys += &format!(", allocates = \"{:.0} KiB\"", self.between(10.0, 400.0));
            keys += ", allocates_per_kib = \"10 KiB\", retains = \"40 KiB\", retains_per_kib = \"2 KiB\"";
        }
        format!("demand.{operation} = {{ {keys} }}\n")
    }
}
