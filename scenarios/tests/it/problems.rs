//! Everything that can be wrong, with the line it is reported at and what is said.

use std::fmt::Write;
use std::path::Path;

use scenarios::{Problems, load, load_text};
use sim::deployment::Arrivals;

/// A right scenario; line numbers of the cases count from here.
const RIGHT: &str = r#"title = "t"
[run]
window = "1 min"
[goal]
p99 = "300 ms"
[[flow]]
name = "a"
kind = "api"
arrivals = { process = "poisson", rate = "9 /s" }
backend = { law = "lognormal", mean = "40 ms", cv = 0.8 }
[[deployment]]
name = "d"
pattern = "standard-ha"
nodes = { all-in-one = 2 }
"#;

fn refused(text: &str) -> Problems {
    match load_text("case.toml", text, Path::new("."), &[]) {
        Ok(_) => panic!("this loads:\n{text}"),
        Err(problems) => problems,
    }
}

/// What stands in the right scenario, what it is replaced by, the line and the message expected.
const CASES: &[(&str, &str, usize, &str)] = &[
    // Keys.
    ("arrivals =", "arivals =", 9, "unknown key `arivals`; did you mean `arrivals`?"),
    ("arrivals =", "arivals =", 6, "the key `arrivals` is missing; add arrivals = { process"),
    ("kind = \"api\"", "", 6, "the key `kind` is missing"),
    ("name = \"a\"\n", "", 6, "the key `name` is missing"),
    ("title = \"t\"\n", "zzz = 1\n", 1, "unknown key `zzz`; it is one of `title`, `question`"),
    ("[goal]", "[gaol]", 4, "unknown key `gaol`; did you mean `goal`?"),
    ("title = \"t\"", "title = 1", 1, "`1` is not a text; write it as \"1\""),
    ("title = \"t\"", "title = [1]", 1, "a list is not a text; write it in quotes"),
    ("window =", "windows =", 3, "did you mean `window`?"),
    // Syntax.
    ("[run]", "[run", 2, "this is not TOML"),
    ("window = \"1 min\"", "window = 1 min", 3, "this is not TOML"),
    ("name = \"d\"", "name = \"d\"\nname = \"e\"", 13, "duplicate key"),
    ("p99 = \"300 ms\"", "p99 = \"300 ms\"\np99.9 = \"1 s\"", 6, "\"p99.9\" = \"1 s\""),
    // Quantities.
    ("\"1 min\"", "1", 3, "`1` is not a duration; write it as \"1 ms\""),
    ("\"1 min\"", "\"0 s\"", 3, "`0 s` is no time at all"),
    ("\"1 min\"", "\"31 d\"", 3, "`31 d` is too long; it is at most \"30 d\""),
    ("\"1 min\"", "\"1e99 d\"", 3, "is too large; a duration is at most 100 years"),
    ("\"1 min\"", "\"1 /s\"", 3, "`1 /s` is not a duration"),
    ("\"1 min\"", "nan", 3, "is not a duration; write it as \"300 ms\""),
    ("\"1 min\"", "[1]", 3, "`a list` is not a duration"),
    ("\"9 /s\"", "1500", 9, "`1500` is not a rate; write it as \"1500 /s\""),
    ("\"9 /s\"", "\"-1 /s\"", 9, "`-1 /s` is negative"),
    ("\"9 /s\"", "\"0 /s\"", 9, "is no rate at all"),
    ("\"9 /s\"", "\"1e8 /s\"", 9, "too large; a rate is at most 10000000 /s"),
    ("p99 =", "error_rate = 0.001\np99 =", 5, "`0.001` is not a share; write it as \"0.1 %\""),
    ("p99 =", "error_rate = \"101 %\"\np99 =", 5, "is too large; a share is at most 100 %"),
    ("kind =", "size = \"2 GiB\"\nkind =", 8, "is too large; a size is at most 1 GiB"),
    ("kind =", "answer = \"2 kib\"\nkind =", 8, "write it as \"2 KiB\""),
    ("kind =", "size = \"2 kib\"\nkind =", 8, "write it as \"2 KiB\""),
    // Run and goal.
    ("[goal]", "replications = 0\n[goal]", 4, "it is a whole number from 1 to 100000"),
    ("[goal]", "replications = 2.5\n[goal]", 4, "`2.5` is not a whole number"),
    ("[goal]", "precision = \"2 %\"\nreplications = 3\n[goal]", 5, "`replications` makes no sense"),
    ("[goal]", "max_replications = 30\n[goal]", 4, "makes no sense without `precision`"),
    ("[goal]", "precision = \"0 %\"\n[goal]", 4, "above 0 % and below 100 %"),
    ("[goal]", "seed = -1\n[goal]", 4, "`-1` is out of range"),
    ("[goal]", "confidence = \"100 %\"\n[goal]", 4, "from 50 % to below 100 %"),
    ("p99 =", "survive = 2\np99 =", 5, "it is 0 or 1; for more use a drill"),
    (
        "[goal]",
        "[isolation]\nnoisy = \"b\"\n[goal]",
        5,
        "no flow is of tenant `b`; it is one of `default`",
    ),
    (
        "[goal]",
        "[isolation]\nnoisy = \"default\"\n[goal]",
        5,
        "there is no other tenant to disturb",
    ),
    (
        "[goal]",
        "[isolation]\nfactor = 3\n[goal]",
        4,
        "the key `noisy` is missing; add noisy = \"acme\"",
    ),
    ("[goal]", "[isolation]\nfactor = 0.5\n[goal]", 5, "it is a number from 1 to 1000"),
    // Plans.
    ("[goal]", "[plan]\npatterns = [\"simple\"]\n[goal]", 5, "did you mean `simple-scalable`?"),
    ("[goal]", "[plan]\npatterns = []\n[goal]", 5, "leave `patterns` out for all three"),
    ("[goal]", "[plan]\npatterns = [\"d\", \"d\"]\n[goal]", 5, "`d` is named twice"),
    ("[goal]", "[plan]\npatterns = \"d\"\n[goal]", 5, "write it as [ …, … ]"),
    ("[goal]", "[plan]\nmost = 0\n[goal]", 5, "it is a whole number from 1 to 100"),
    ("[goal]", "[plan]\nconfidence = \"100 %\"\n[goal]", 5, "it is from \"50 %\" to"),
    ("[goal]", "[plan]\nindifference = \"60 %\"\n[goal]", 5, "it is from \"0 %\" to \"50 %\""),
    ("[goal]", "[plan]\nsizes = 3\n[goal]", 5, "unknown key `sizes`; it is one of `patterns`"),
    ("[goal]", "[isolation]\nquiet = 3\n[goal]", 5, "unknown key `quiet`; it is one of `noisy`"),
    ("kind =", "goal = { survive = 1 }\nkind =", 8, "a flow has no `survive` of its own"),
    ("kind =", "goal = { p99 = 3 }\nkind =", 8, "write it as \"3 ms\""),
    ("kind =", "goal = { p97 = \"3 s\" }\nkind =", 8, "unknown key `p97`"),
    ("kind =", "goal = \"300 ms\"\nkind =", 8, "is not a table"),
    ("p99 =", "horizon = \"1 min\"\np99 =", 5, "it is from \"1 h\" to \"3650 d\""),
    ("p99 =", "probability = \"90 %\"\np99 =", 5, "write `availability` beside it"),
    (
        "p99 =",
        "probability = \"100 %\"\navailability = \"99 %\"\np99 =",
        5,
        "it is between 0 % and 100 %, both excluded",
    ),
    ("kind =", "goal = { horizon = \"1 d\" }\nkind =", 8, "a flow has no `horizon` of its own"),
    ("p99 =", "p97 =", 5, "unknown key `p97`"),
    ("p99 = \"300 ms\"", "p99 = { mean = \"1 s\" }", 5, "`p99` is not a table"),
    // Flows.
    ("\"api\"", "\"apis\"", 8, "`apis` is not a kind of flow; did you mean `api`?"),
    ("\"poisson\"", "\"posson\"", 9, "did you mean `poisson`?"),
    ("rate = \"9 /s\"", "rates = [\"9 /s\"]", 9, "unknown key `rates`"),
    (
        "process = \"poisson\", rate = \"9 /s\"",
        "process = \"closed\", users = 2000000",
        9,
        "out of range",
    ),
    (
        "process = \"poisson\", rate = \"9 /s\"",
        "process = \"mmpp\", rates = [\"1 /s\"], stays = []",
        9,
        "1 rates and 0 stays do not fit",
    ),
    (
        "process = \"poisson\", rate = \"9 /s\"",
        "process = \"mmpp\", rates = [\"0 /s\"], stays = [\"1 s\"]",
        9,
        "all rates are 0",
    ),
    ("{ process = \"poisson\", rate = \"9 /s\" }", "\"9 /s\"", 9, "is not a table"),
    ("rate = \"9 /s\"", "rate = \"9 /s\", scale = 0", 9, "`scale = 0` leaves no requests"),
    ("rate = \"9 /s\"", "rate = \"9 /s\", scale = 1001", 9, "1000"),
    ("rate = \"9 /s\"", "rate = \"9 /s\", scale = \"2 /s\"", 9, "is not a number"),
    ("kind =", "integration = \"micro\"\nkind =", 8, "did you mean `micro-integrator`?"),
    ("kind =", "mediation = \"x\"\nkind =", 8, "`mediation` makes no sense without `integration`"),
    ("kind =", "cache_miss = \"1 %\"\nkind =", 8, "makes no sense without an opaque token"),
    (
        "kind =",
        "token = \"opaque\"\ntokens = 9\ncache_miss = \"1 %\"\nkind =",
        10,
        "`cache_miss` makes no sense beside `tokens`",
    ),
    (
        "kind =",
        "throttle = { window = \"1 s\", burst = 3 }\nkind =",
        8,
        "makes no sense without `limit`",
    ),
    (
        "kind =",
        "throttle = { sync = \"1 s\", burst = 3 }\nkind =",
        8,
        "makes no sense without `limit`",
    ),
    ("kind =", "throttle = { limit = 9, sync = \"0 s\" }\nkind =", 8, "is no time at all"),
    ("kind =", "throttle = { }\nkind =", 8, "limits nothing"),
    ("backend =", "endpoint = { }\n#", 10, "makes no sense without a `backend`"),
    (
        "kind =",
        "endpoint = { suspend = \"none\", factor = 2.0 }\nkind =",
        8,
        "makes no sense where nothing is suspended",
    ),
    (
        "kind =",
        "endpoint = { longest = \"20 s\" }\nkind =",
        8,
        "the longest suspension is shorter than the first",
    ),
    ("kind =", "endpoint = { timeout = \"0 s\" }\nkind =", 8, "is no time at all"),
    ("kind = \"api\"", "kind = \"token\"\nendpoint = { }", 9, "makes no sense on a token flow"),
    ("kind =", "throttle = { limit = 0 }\nkind =", 8, "from 1 to 1000000000"),
    ("kind =", "token_lifetime = \"1 h\"\nkind =", 8, "makes no sense without `tokens`"),
    ("kind =", "tokens = 0\nkind =", 8, "from 1 to 10000000"),
    ("kind =", "tokens = 9\ntoken_lifetime = \"0 s\"\nkind =", 9, "is no time at all"),
    ("kind = \"api\"", "kind = \"portal\"\ntokens = 9", 9, "makes no sense on a portal flow"),
    (
        "kind = \"api\"",
        "kind = \"token\"\nintegration = \"micro-integrator\"",
        9,
        "`integration` makes no sense on a token flow",
    ),
    ("kind = \"api\"", "kind = \"portal\"\ntoken = \"jwt\"", 9, "makes no sense on a portal flow"),
    (
        "kind = \"api\"",
        "kind = \"stream\"\noperation = \"x\"",
        9,
        "makes no sense on a stream flow",
    ),
    ("kind =", "timeout = \"0 s\"\nkind =", 8, "is no time at all"),
    ("kind =", "retries = 16\nkind =", 8, "from 0 to 15"),
    ("kind =", "retries = { max = 1, factor = 0.5 }\nkind =", 8, "from 1 to 100"),
    ("name = \"a\"", "name = \"\"", 7, "cannot be a name"),
    // Laws.
    ("\"lognormal\"", "\"normal\"", 10, "`normal` is not a law; did you mean `lognormal`?"),
    ("law = \"lognormal\", ", "", 10, "the key `law` is missing"),
    ("\"lognormal\"", "\"exponential\"", 10, "its mean fixes it; remove `cv`"),
    (", cv = 0.8", "", 10, "the key `cv` is missing"),
    ("cv = 0.8", "cv = -1", 10, "`-1` is out of range"),
    ("\"lognormal\"", "\"hyperexponential\"", 10, "too small for a hyperexponential law"),
    ("\"lognormal\"", "\"erlang\"", 10, "is no Erlang law"),
    (
        "mean = \"40 ms\", cv = 0.8",
        "mean = \"4 ms\", cv = 1, file = \"x\"",
        10,
        "only `law = \"empirical\"`",
    ),
    // Deployments.
    ("\"standard-ha\"", "\"standard\"", 13, "there is no pattern `standard`; did you mean"),
    ("pattern = \"standard-ha\"\n", "", 13, "`nodes` makes no sense without a `pattern`"),
    ("pattern = \"standard-ha\"\nnodes = { all-in-one = 2 }\n", "", 11, "neither a `pattern` nor"),
    (
        "all-in-one = 2",
        "all-in-one = 1",
        14,
        "has at least 2 nodes of `all-in-one`, not 1; for fewer",
    ),
    ("all-in-one = 2", "all-in-one = 101", 14, "from 0 to 100"),
    ("all-in-one = 2", "all-in-on = 2", 14, "did you mean `all-in-one`?"),
    ("all-in-one = 2", "", 11, "needs nodes of `all-in-one`; add nodes.all-in-one = 2"),
    (
        "nodes = {",
        "tenants.x = { micro-integrator = 2 }\nnodes = {",
        14,
        "has no clusters per tenant",
    ),
    (
        "\"standard-ha\"\n",
        "\"standard-ha-multitenant\"\ntenants.x = { micro-integrator = 2 }\n",
        14,
        "no flow has the tenant `x`",
    ),
    (
        "pattern = \"standard-ha\"\nnodes = { all-in-one = 2 }",
        "pattern = \"standard-ha-multitenant\"\nnodes = { all-in-one = 2, micro-integrator = 2 }",
        14,
        "each tenant has its own: tenants.NAME = { micro-integrator = 2 }",
    ),
    (
        "nodes = {",
        "clusters.gateway.profile = \"gateway\"\nnodes = {",
        14,
        "has no cluster `gateway`",
    ),
    ("nodes = {", "clusters.all-in-one.nodes = 3\nnodes = {", 14, "the pattern fixes it"),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { policy = \"random\" }\nnodes = {",
        14,
        "the key `product` is missing; add product = \"nginx\"",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"ngnix\" }\nnodes = {",
        14,
        "did you mean `nginx`?",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", fall = 3 }\nnodes = {",
        14,
        "unknown key `fall`",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", fail_timeout = \"1500 ms\" }\nnodes = {",
        14,
        "counts `fail_timeout` in whole seconds",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", policy = \"ip_hash\" }\nnodes = {",
        14,
        "`networks` is missing",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", networks = 9 }\nnodes = {",
        14,
        "`networks` makes no sense without ip_hash",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", policy = \"leastconn\" }\nnodes = {",
        14,
        "did you mean `least_conn`?",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", next_upstream = [\"http_502\"] }\nnodes = {",
        14,
        "is not a failure that nodes have here",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", next_upstream = [\"off\", \"error\"] }\nnodes = {",
        14,
        "`off` makes no sense beside others",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", next_upstream = \"error\" }\nnodes = {",
        14,
        "write it as [",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", connections = 3 }\nnodes = {",
        14,
        "3",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"haproxy\", queue = 100 }\nnodes = {",
        14,
        "`queue` makes no sense without a `limit`",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.liveness = { check = \"port\", demand = \"1 ms\" }\nnodes = {",
        14,
        "`demand` makes no sense with a check of the port",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.startup = { failures = 0 }\nnodes = {",
        14,
        "`0` is out of range",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.startup = { failure = 3 }\nnodes = {",
        14,
        "did you mean `failures`?",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", busiest_worker = \"40 %\" }\nnodes = {",
        14,
        "the busiest of 2 workers cannot have this share; it lies between 50 % and 100 %",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"nginx\", zone = true, busiest_worker = \"90 %\" }\nnodes = {",
        14,
        "`busiest_worker` makes no sense with `zone`",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"haproxy\", check = \"tcp\" }\nnodes = {",
        14,
        "is not a check",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"kubernetes\", retries = 3 }\nnodes = {",
        14,
        "unknown key `retries`",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.balancer = { product = \"ideal\" }\nclusters.all-in-one.health = { check = \"perfect\" }\nnodes = {",
        15,
        "`health` makes no sense with a `product`",
    ),
    ("nodes = {", "clusters.all-in-one.zones = 27\nnodes = {", 14, "27"),
    ("kind = \"api\"", "kind = \"api\"\nmethod = \"FETCH\"", 9, "is not a method of HTTP"),
    ("nodes = {", "clusters.all-in-one.balancer = \"robin\"\nnodes = {", 14, "is not a balancer"),
    (
        "nodes = {",
        "clusters.micro-integrator.profile = \"gateway\"\nnodes = {",
        14,
        "has no nodes here",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.health = { check = \"perfect\", interval = \"1 s\" }\nnodes = {",
        14,
        "makes no sense with a perfect check",
    ),
    (
        "nodes = {",
        "clusters.all-in-one.profile = \"big\"\nnodes = {",
        14,
        "there is no profile `big`",
    ),
];

#[test]
fn every_problem_has_its_line_and_says_what_would_be_right() {
    let mut missed = Vec::new();
    for (right, wrong, line, message) in CASES {
        let text = RIGHT.replacen(right, wrong, 1);
        assert_ne!(text, RIGHT, "{right}");
        let problems = refused(&text).to_string();
        let start = format!("case.toml:{line}:");
        let found = problems.lines().any(|l| l.starts_with(&start) && l.contains(message));
        if !found {
            missed.push(format!("{wrong}: expected line {line}: {message}\ngot:\n{problems}\n"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// What is added at the end of the right scenario, and the line and the message expected.
const ADDED: &[(&str, usize, &str)] = &[
    (
        "[[flow]]\nname = \"a\"\nkind = \"token\"\narrivals = { process = \"poisson\", rate = \"1 /s\" }",
        16,
        "there are two flows of the name `a`",
    ),
    (
        "[[deployment]]\nname = \"d\"\npattern = \"standard-ha\"\nnodes = { all-in-one = 2 }",
        16,
        "there are two deployments of the name `d`",
    ),
    ("[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"zone:1\"", 18, "zones are zone:a, zone:b"),
    ("[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"redis\"", 18, "counts in Redis"),
    ("[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"zone:b\"", 18, "has no node in zone b"),
    (
        "[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"backend:b\"",
        18,
        "no flow `b` calls a backend",
    ),
    (
        "[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"everything\"\nnodes = 1",
        19,
        "`nodes` makes no sense where all of something fails",
    ),
    (
        "[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"gateway\"\ndelay = \"1 ms\"",
        19,
        "`delay` makes no sense where nodes do not fail fast",
    ),
    ("[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"gatway\"", 18, "did you mean `gateway`?"),
    ("[[drill]]\nat = \"60 s\"\nfor = \"1 s\"\nwhat = \"gateway\"", 16, "after the window of 60 s"),
    (
        "[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"gateway\"\nnodes = 3",
        18,
        "has 2 nodes, not 3",
    ),
    ("[[drill]]\nat = \"1 s\"\nwhat = \"gateway\"", 15, "the key `for` is missing"),
    (
        "[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"gateway\"\nkind = \"hung\"",
        19,
        "did you mean `hang`?",
    ),
    (
        "[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"gateway\"\nkind = \"slow\"",
        15,
        "add factor = 5",
    ),
    (
        "[[drill]]\nat = \"1 s\"\nfor = \"1 s\"\nwhat = \"gateway\"\nfactor = 5",
        19,
        "write kind = \"slow\" with it",
    ),
    ("[profile.mine]\ncores = 2\ndemand.x = \"1 ms\"", 15, "no cluster uses the profile `mine`"),
    ("[profile.mine]\ncores = 2", 15, "the key `demand` is missing"),
    ("[profile.mine]\ndemand.x = \"1 ms\"", 15, "the key `cores` is missing"),
    ("[profile.mine]\nfrom = \"yours\"", 16, "there is no profile `yours`"),
    (
        "[profile.a]\nfrom = \"b\"\n[profile.b]\nfrom = \"a\"",
        18,
        "the profile `a` starts from itself",
    ),
    ("[profile.gateway]\nfrom = \"all-in-one\"", 16, "the profile `all-in-one` starts from itself"),
    ("[profile.gateway]\ncore = 2", 16, "unknown key `core`; did you mean `cores`?"),
    ("[profile.gateway]\ncores = 0", 16, "it is a number from 0.01 to 1024"),
    ("[profile.gateway]\ncores = inf", 16, "`inf` is out of range"),
    ("[profile.gateway]\nbursts = 65", 16, "from 1 to 64"),
    ("[profile.gateway]\ndiscipline = \"lifo\"", 16, "`lifo` is not a discipline"),
    ("[profile.gateway]\nprice = 0.17", 16, "`0.17` is not a price; write it as \"0.17 /h\""),
    (
        "[profile.gateway]\ngc.per_live_mib = \"1 ms\"",
        16,
        "`per_live_mib` is now `per_copied_mib`; a pause grows with what it copies",
    ),
    ("[profile.gateway]\ngc.initial = \"3 GiB\"", 16, "more is committed than there is"),
    ("[profile.gateway]\ncontainer = \"400 MiB\"", 16, "nothing is left for the heap"),
    (
        "[profile.gateway]\ncontainer.beside = { heap = \"1 GiB\" }",
        16,
        "the key `memory` is missing",
    ),
    (
        "[profile.gateway]\ngc = { requests_per_pause = 9, pause = \"1 ms\" }\ncontainer = \"3 GiB\"",
        17,
        "makes no sense where nothing says how the heap is divided",
    ),
    (
        "[profile.gateway]\ngc.full = { every = 50, pause = \"2 s\" }",
        16,
        "`full` makes no sense beside `young`; remove it: they come when the heap is full",
    ),
    ("[profile.gateway]\ngc.collector = \"cms\"", 16, "`cms` is not a collector"),
    (
        "[profile.gateway]\ngc.tenured = \"101 %\"",
        16,
        "`101 %` is too large; a share is at most 100 %",
    ),
    ("[profile.gateway]\ngc = \"off\"", 16, "write \"none\" or { requests_per_pause"),
    (
        "[profile.gateway]\nuncertainty.demand.passthrough.mean = 0.02",
        16,
        "`0.02` is not a list; write a number for each direction",
    ),
    ("[profile.gateway]\nuncertainty.hop = [0.02, nan]", 16, "it is a number from -5 to 5"),
    ("[profile.gateway]\nuncertainty.hop = []", 16, "0 directions are out of range"),
    (
        "[profile.gateway]\nuncertainty = { hop = [0.1], gc.pause = [0.1, 0.2] }",
        16,
        "`hop` has 1 of 2 directions; each list has a number for every direction",
    ),
    (
        "[profile.gateway]\nuncertainty.price = [0.1]",
        16,
        "the profile has no `price` that is fitted; it is a key that `calibrate` fits",
    ),
    (
        "[profile.gateway]\nuncertainty.demand.paasthrough.mean = [0.1]",
        16,
        "the profile has no `demand.paasthrough.mean` that is fitted",
    ),
    (
        "[profile.gateway]\nuncertainty = \"2 %\"",
        16,
        "`2 %` is not a list; write a number for each direction: [0.02, -0.01]",
    ),
    ("[apis]\nacme = 3\ndefault = 3", 16, "no flow has the tenant `acme`"),
    (
        "[apis]\n",
        15,
        "`apis` says nothing of the tenant `default`, whose APIs are called; add default",
    ),
    ("[apis]\ndefault = -1", 16, "`-1` is out of range"),
    ("[apis]\ndefault = \"3\"", 16, "`3` is not a whole number"),
    ("[profile.gateway]\nlazy_tenants.sweep = \"0 s\"", 16, "no time at all"),
    ("[profile.gateway]\nlazy_tenants.idel = \"1 s\"", 16, "did you mean `idle`?"),
    ("[profile.gateway]\nmtbf = 30", 16, "`30` is not a duration"),
    ("[profile.gateway]\ncold_start.factor = 0.5", 16, "it is a number from 1 to 1000"),
    ("[profile.gateway]\ndemand.passthrough.law = \"empirical\"", 16, "`law` cannot be empirical"),
    (
        "[profile.gateway]\nfailures.hang = { mtbf = \"9 d\", mttr = \"1 h\", law = \"wiebull\" }",
        16,
        "`wiebull` is not a law; did you mean `weibull`?",
    ),
    (
        "[profile.gateway]\nfailures.hang = { mtbf = \"9 d\", mttr = \"1 h\", law = \"weibull\" }",
        16,
        "add cv = 0.8",
    ),
    ("[profile.gateway]\nfailures.hang = { mtbf = \"9 d\" }", 16, "the key `mttr` is missing"),
    (
        "[profile.gateway]\nusual_failures.hang = { mtbf = \"9 d\" }",
        16,
        "the key `mttr` is missing",
    ),
    ("[profile.gateway]\nfailing = \"usually\"", 16, "did you mean `usual`?"),
    (
        "[[deployment]]\nname = \"e\"\nfailures.zone = \"usal\"\npattern = \"standard-ha\"\n\
      nodes = { all-in-one = 2, micro-integrator = 2 }",
        17,
        "did you mean `usual`?",
    ),
    (
        "[profile.gateway]\nfailures.hang = { mtbf = \"9 d\", mttr = \"1 h\", mttr_cv = 2 }",
        16,
        "write mttr_law = \"lognormal\" with it",
    ),
    (
        "[[deployment]]\nname = \"e\"\nfailures.zones.crash.mtbf = \"9 d\"\npattern = \"standard-ha\"\n\
      nodes = { all-in-one = 2 }",
        17,
        "unknown key `zones`; did you mean `zone`?",
    ),
    (
        "[[deployment]]\nname = \"e\"\nfailures.zone.crash.mtbf = \"9 d\"\npattern = \"standard-ha\"\n\
      nodes = { all-in-one = 2 }",
        17,
        "the key `mttr` is missing",
    ),
    (
        "[[deployment]]\nname = \"e\"\nfailures.repairers = 0\npattern = \"standard-ha\"\n\
      nodes = { all-in-one = 2 }",
        17,
        "it is a whole number from 1 to 1000000",
    ),
    (
        "[[flow]]\nname = \"b\"\nkind = \"api\"\narrivals = { process = \"poisson\", rate = \"9 /s\" }\n\
      backend_failures.crash = { mtbf = \"9 d\", mttr = \"1 h\" }",
        19,
        "without a `backend`",
    ),
    ("[profile.gateway]\nqueue = -1", 16, "`-1` is out of range"),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nroles = [\"gateway\", \"gatway\"]\n\
      nodes = 1\nprofile = \"gateway\"",
        18,
        "`gatway` is not a role; did you mean `gateway`?",
    ),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nnodes = 1",
        17,
        "the key `roles` is missing",
    ),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nroles = []\nnodes = 1\n\
      profile = \"gateway\"",
        18,
        "there is no role",
    ),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nroles = [\"gateway\"]\nnodes = 2\n\
      profile = \"gateway\"\nstandby = { }",
        21,
        "only nodes whose one role is `streaming-integrator` stand by",
    ),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nroles = [\"streaming-integrator\"]\n\
      nodes = 1\nprofile = \"streaming-integrator\"\nstandby = { }",
        21,
        "there is no second node to stand by",
    ),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nroles = [\"streaming-integrator\"]\n\
      nodes = 2\nprofile = \"streaming-integrator\"\nstandby = { missed = 0 }",
        21,
        "from 1 to 100",
    ),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nroles = [\"streaming-integrator\"]\n\
      nodes = 2\nprofile = \"streaming-integrator\"\nstandby = { outputs = \"twice\" }",
        21,
        "is not what becomes of outputs",
    ),
    (
        "[[deployment]]\nname = \"e\"\n[deployment.clusters.x]\nroles = [\"streaming-integrator\"]\n\
      nodes = 2\nprofile = \"streaming-integrator\"\nstandby = { snapshot = \"none\" }",
        21,
        "`none` is not a duration",
    ),
];

#[test]
fn every_added_problem_has_its_line_too() {
    let mut missed = Vec::new();
    for (added, line, message) in ADDED {
        let problems = refused(&format!("{RIGHT}{added}\n")).to_string();
        let start = format!("case.toml:{line}:");
        let found = problems.lines().any(|l| l.starts_with(&start) && l.contains(message));
        if !found {
            missed.push(format!("{added}: expected line {line}: {message}\ngot:\n{problems}\n"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn several_problems_are_reported_at_once_in_the_order_of_the_file() {
    let text = RIGHT
        .replace("\"1 min\"", "\"1 mim\"")
        .replace("\"api\"", "\"ape\"")
        .replace("\"9 /s\"", "9")
        .replace("all-in-one = 2", "all-in-one = 1");
    let problems = refused(&text);
    assert_eq!(problems.count(), 4, "{problems}");
    let lines: Vec<String> = problems
        .to_string()
        .lines()
        .map(|line| line.split(':').nth(1).expect("a line").to_owned())
        .collect();
    assert_eq!(lines, ["3", "8", "9", "14"]);
}

#[test]
fn a_report_shows_the_line_with_a_mark_and_what_would_be_right() {
    let report = refused(&RIGHT.replace("\"9 /s\"", "1500")).render(false);
    assert!(report.contains("case.toml:9:42"), "{report}");
    assert!(report.contains("arrivals = { process = \"poisson\", rate = 1500 }"), "{report}");
    assert!(report.contains("`1500` is not a rate"), "{report}");
    assert!(report.contains("Help: write it as \"1500 /s\""), "{report}");
    assert!(!report.contains('\u{1b}'), "{report}");
    assert!(refused("x").render(true).contains('\u{1b}'));
}

#[test]
fn a_file_without_flows_or_deployments_is_refused() {
    for (text, missing) in [("title = \"t\"", "[[flow]]"), ("", "[[deployment]]")] {
        assert!(refused(text).to_string().contains(&format!("there is no {missing}")));
    }
    assert!(refused("title = \"t\"\nflow = []").to_string().contains("there is no flow"));
    assert!(refused("title = \"t\"\n[flow]\n").to_string().contains("with two brackets"));
}

#[test]
fn what_is_wrong_here_does_not_hide_what_is_wrong_there() {
    let text = "[run]\nwindow = \"10 parsecs\"\nreplication = 5\n\
                [[flow]]\nname = \"a\"\nkind = \"api\"\n\
                arrivals = { process = \"poisson\", rate = \"-5 /s\" }\n\
                [[flow]]\nname = \"b\"\nkind = \"token\"\n\
                arrivals = { process = \"schedule\", file = \"day.csv\" }\n\
                [[deployment]]\nname = \"ha\"\npattern = \"standard-ha\"\n\
                nodes = { all-in-one = 2, micro-integrator = 2 }\n\
                [[deployment]]\nname = \"mine\"\n[deployment.clusters.s]\n\
                roles = [\"gateway\", \"key-manager\"]\nnodes = 2\nprofile = \"nope\"\n";
    let problems = refused(text).to_string();
    let lines: Vec<_> = problems.lines().collect();
    let expected = [
        ":2:10: `10 parsecs` is not a duration",
        ":3:1: unknown key `replication`",
        ":7:42: `-5 /s`",
        ":11:43: day.csv: cannot be read",
        ":15:27: the cluster `micro-integrator` is reached by no flow",
        ":21:11: there is no profile `nope`",
    ];
    assert_eq!(lines.len(), expected.len(), "{problems}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{line} instead of {expected}");
    }
}

#[test]
fn users_who_would_stop_the_clock_are_refused() {
    let text = "[[flow]]\nname = \"f\"\nkind = \"api\"\n\
                arrivals = { process = \"closed\", users = 2 }\n\
                [[deployment]]\nname = \"d\"\n[deployment.clusters.server]\n\
                roles = [\"gateway\"]\nnodes = 1\nprofile = \"mine\"\n\
                [profile.mine]\ncores = 1\ndemand.passthrough = \"0 ms\"\n";
    let problems = refused(text);
    assert_eq!(problems.count(), 1, "{problems}");
    assert!(problems.to_string().contains(":4:12: a user of flow `f` who thinks"), "{problems}");
    let thinking = text.replace("users = 2", "users = 2, think = \"1 ms\"");
    assert!(scenarios::load_text("t.toml", &thinking, ".".as_ref(), &[]).is_ok());
}

#[test]
fn users_of_several_flows_are_had_by_one_of_them() {
    let text = "[[flow]]\nname = \"a\"\nkind = \"api\"\n\
                arrivals = { process = \"closed\", users = 20, think = \"1 s\" }\n\
                [[flow]]\nname = \"b\"\nkind = \"api\"\n\
                arrivals = { process = \"users-of\", flow = \"a\", share = \"30 %\" }\n\
                [[flow]]\nname = \"c\"\nkind = \"api\"\n\
                arrivals = { process = \"users-of\", flow = \"a\", share = \"50 %\" }\n\
                [[deployment]]\nname = \"d\"\npattern = \"standard-ha\"\nnodes = { all-in-one = 2 }\n";
    let loaded = scenarios::load_text("t.toml", text, ".".as_ref(), &[]).expect("right");
    let arrivals = loaded.scenario.flows.iter().map(|flow| flow.arrivals.clone());
    let shares: Vec<_> = arrivals
        .filter_map(|arrivals| match arrivals {
            Arrivals::OfUsers { flow, share } => Some((flow, share)),
            _ => None,
        })
        .collect();
    assert_eq!(shares, [(0, 0.3), (0, 0.5)]);
    for (right, wrong, said) in [
        ("\"50 %\"", "\"70 %\"", ":12:12: `a` has no request left for itself"),
        ("\"50 %\"", "\"0 %\"", ":12:56: a share of no requests, or of all"),
        (
            "flow = \"a\", share = \"50 %\"",
            "flow = \"b\", share = \"50 %\"",
            ":12:12: `b` has no users",
        ),
        (
            "flow = \"a\", share = \"50 %\"",
            "flow = \"aa\", share = \"50 %\"",
            ":12:43: there is no flow `aa`",
        ),
    ] {
        let problems = refused(&text.replace(right, wrong));
        assert!(problems.to_string().contains(said), "{problems} instead of {said}");
        assert_eq!(problems.count(), 1, "{problems}");
    }
}

#[test]
fn what_would_never_end_is_refused() {
    let text = RIGHT.replace("\"9 /s\"", "\"1e6 /s\"").replace("\"1 min\"", "\"30 d\"");
    let problems = refused(&text).to_string();
    assert!(problems.contains("requests would be simulated; at most 1e11 are"), "{problems}");
}

#[test]
fn what_is_no_scenario_file_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("latin.toml");
    std::fs::write(&path, b"title = \"t\"\nquestion = \"caf\xe9\"\n").expect("written");
    let message = |path: &Path| load(path, &[]).expect_err("no scenario").to_string();
    assert!(message(&path).contains("line 2 is not UTF-8 text"));
    assert!(message(folder.path()).contains("this is a folder"));
    assert!(message(Path::new("nowhere.toml")).contains("cannot be read"));
    assert!(message(Path::new("nowhere.toml")).contains("launch-peak"));
    assert!(message(Path::new("/dev/zero")).contains("this is not a file"));
    let large = folder.path().join("large.toml");
    std::fs::write(&large, vec![b'#'; 5 * 1024 * 1024]).expect("written");
    assert!(message(&large).contains("larger than 4 MiB"));
}

#[test]
fn flows_and_deployments_that_do_not_fit_are_told_at_their_lines() {
    let own = "pattern = \"standard-ha\"\nnodes = { all-in-one = 2 }";
    let cases = [
        (
            "kind = \"api\"",
            "kind = \"api\"\nintegration = \"micro-integrator\"",
            9,
            "needs a `micro-integrator`, and deployment `d` has none for it; add nodes.micro",
        ),
        (
            "kind = \"api\"",
            "kind = \"api\"\noperation = \"polish\"",
            9,
            "whose profile `all-in-one` does not know it; add profile.all-in-one.demand.polish",
        ),
        (
            "all-in-one = 2",
            "all-in-one = 2, micro-integrator = 2",
            14,
            "the cluster `micro-integrator` is reached by no flow; remove it, or give a flow",
        ),
        (
            own,
            "[deployment.clusters.x]\nroles = [\"publisher\"]\nnodes = 1\nprofile = \"gateway\"",
            8,
            "needs a `gateway`, and deployment `d` has none for it; give a cluster roles",
        ),
        (
            "all-in-one = 2",
            "all-in-one = 2, streaming-integrator = 2",
            14,
            "give a flow integration = \"streaming-integrator\" or kind = \"stream\"",
        ),
        (
            "all-in-one = 2 }",
            "all-in-one = 2, micro-integrator = 2 }\n[[flow]]\nname = \"b\"\nkind = \"api\"\n\
             arrivals = { process = \"poisson\", rate = \"9 /s\" }\n\
             integration = \"micro-integrator\"\nmediation = \"polish\"",
            20,
            "add profile.micro-integrator.demand.polish",
        ),
    ];
    for (right, wrong, line, message) in cases {
        let problems = refused(&RIGHT.replacen(right, wrong, 1)).to_string();
        let start = format!("case.toml:{line}:");
        let found = problems.lines().any(|l| l.starts_with(&start) && l.contains(message));
        assert!(found, "{wrong}: expected line {line}: {message}\ngot:\n{problems}");
    }
}

#[test]
fn a_tenant_without_its_runtime_is_told_where_to_add_it() {
    let wrong = RIGHT
        .replacen("kind = \"api\"", "kind = \"api\"\nintegration = \"micro-integrator\"", 1)
        .replacen("standard-ha", "standard-ha-multitenant", 1);
    let problems = refused(&wrong).to_string();
    assert!(problems.contains("add tenants.default = { micro-integrator = 2 }"), "{problems}");
}

#[test]
fn the_same_problem_of_many_flows_is_a_few_reports_and_one_line() {
    let mut text = RIGHT.to_owned();
    for flow in 0..200 {
        let _ = write!(
            text,
            "[[flow]]\nname = \"f{flow}\"\nkind = \"api\"\noperation = \"polish\"\n\
             arrivals = {{ process = \"poisson\", rate = \"1 /s\" }}\n"
        );
    }
    let problems = refused(&text);
    assert_eq!(problems.count(), 200);
    let shown = problems.render(false);
    let flows: Vec<_> = shown.lines().filter(|line| line.contains("brings `polish`")).collect();
    assert_eq!(flows.len(), 2, "{shown}");
    let line = shown.lines().find(|line| line.contains("more like this")).expect("one line");
    // The fourth of its lines names the operation, and each flow has five.
    let named = "Error: 198 more like this in case.toml: line 28 (`f2`), line 33 (`f3`), ";
    assert!(line.starts_with(named) && line.ends_with(" and 178 more"), "{line}");
    // Keys that do not exist are each misspelt in their own way.
    let keys = ["window", "replicatons", "sed", "confidenc"].map(|key| format!("{key} = 1"));
    let misspelt = RIGHT.replacen("window = \"1 min\"", &keys.join("\n"), 1);
    let shown = refused(&misspelt).render(false);
    for meant in ["`replications`", "`seed`", "`confidence`"] {
        assert!(shown.contains(&format!("did you mean {meant}?")), "{shown}");
    }
}

#[test]
fn the_same_warning_of_many_deployments_is_one_line() {
    let mut text = RIGHT.replace("p99 =", "survive = 1\np99 =");
    for index in 0..12 {
        let _ = write!(
            text,
            "[[deployment]]\nname = \"own-{index}\"\n[deployment.clusters.solo]\n\
             roles = [\"gateway\"]\nnodes = 1\nprofile = \"gateway\"\n"
        );
    }
    let loaded =
        load_text("case.toml", &text, Path::new("."), &[]).unwrap_or_else(|p| panic!("{p}"));
    let [warning] = loaded.warnings.as_slice() else { panic!("{:?}", loaded.warnings) };
    assert!(
        warning
            .starts_with("`survive = 1` cannot be met where a cluster is a single node: `solo` of")
    );
    assert!(warning.ends_with("`solo` of deployment `own-4` and 7 more"), "{warning}");
}

#[test]
fn names_to_be_typed_back_are_whole_and_quoted_where_toml_needs_it() {
    let long = "n".repeat(64);
    let missing = RIGHT.replacen(
        "pattern = \"standard-ha\"\nnodes = { all-in-one = 2 }",
        &format!(
            "[deployment.clusters.x]\nroles = [\"gateway\"]\nnodes = 1\nprofile = \"{long}\"\n\
             [profile.{long}]\nfrom = \"gateway\""
        ),
        1,
    );
    let misspelt =
        missing.replacen(&format!("profile = \"{long}"), &format!("profile = \"m{long}"), 1);
    let problems = refused(&misspelt.replacen(&format!("m{long}"), &format!("{}m", &long[1..]), 1));
    assert!(problems.to_string().contains(&format!("did you mean `{long}`?")), "{problems}");
    let dotted = RIGHT.replacen("kind = \"api\"", "kind = \"api\"\noperation = \"v1.polish\"", 1);
    let said = refused(&dotted).to_string();
    assert!(said.contains("add profile.all-in-one.demand.\"v1.polish\", or"), "{said}");
}
