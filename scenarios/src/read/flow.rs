//! `[[flow]]`: a stream of like requests.

use sim::deployment::{
    Arrivals, Endpoint, Failures, Flow, FlowKind, Message, Method, Retries, Runtime, Token, Tokens,
};
use sim::scenario::RunSettings;

use crate::document::Item;
use crate::read::section::{Context, Section};
use crate::read::{arrivals, endpoint, failures, goal, law, retries, throttle};

/// The keys of `[[flow]]`.
pub(crate) const KEYS: &[&str] = &[
    "name",
    "kind",
    "tenant",
    "method",
    "arrivals",
    "operation",
    "size",
    "answer",
    "token",
    "cache_miss",
    "tokens",
    "token_lifetime",
    "throttle",
    "integration",
    "mediation",
    "backend",
    "endpoint",
    "backend_failures",
    "timeout",
    "timeout_cancels",
    "retries",
    "goal",
];

/// Those that say what a gateway does with the calls of a flow.
const OF_GATEWAYS: &[&str] =
    &["token", "cache_miss", "tokens", "token_lifetime", "throttle", "endpoint"];

const KINDS: [(FlowKind, &str); 4] = [
    (FlowKind::Api, "api"),
    (FlowKind::Token, "token"),
    (FlowKind::Portal, "portal"),
    (FlowKind::Stream, "stream"),
];

const RUNTIMES: [(Runtime, &str); 2] = [
    (Runtime::MicroIntegrator, "micro-integrator"),
    (Runtime::StreamingIntegrator, "streaming-integrator"),
];

/// One flow; none where its route cannot be told. Where a quantity is wrong, which has been noted,
/// something stands in for it, so that the rest of the file can be checked all the same. `flows` are the
/// names of all flows.
pub(crate) fn read(
    context: Context<'_>,
    item: &Item,
    run: &RunSettings,
    flows: &[&str],
) -> Option<Flow> {
    let section = Section::open(context, item, KEYS)?;
    let name = section.need("name", "\"orders\"").and_then(|item| context.name(item));
    let kind = section.need("kind", "\"api\"").and_then(|item| kind(context, item));
    let tenant = section.get("tenant").map(|item| context.name(item));
    let arrivals = section
        .need("arrivals", "{ process = \"poisson\", rate = \"900 /s\" }")
        .and_then(|item| arrivals::read(context, item, run, flows));
    let method = section.get("method");
    let method = method.map(|item| context.choice(item, "a method of HTTP", &Method::ALL));
    let size = section.get("size").and_then(|item| context.size(item)).unwrap_or(1.0);
    let answer = section.get("answer").and_then(|item| context.size(item));
    let integration = integration(section);
    let backend = section.get("backend").map(|item| law::read(context, item));
    let endpoint = section.get("endpoint").map(|item| endpoint::read(context, item));
    let backend_failures = section.get("backend_failures");
    let usual = Failures::usual_of_backend;
    let backend_failures = backend_failures.map(|item| failures::read(context, item, usual));
    if backend.is_none() {
        let help = "add backend = \"40 ms\"";
        section.refuse(&["endpoint", "backend_failures"], "without a `backend`", help);
    }
    let timeout = section.get("timeout").map(|item| context.positive_duration(item));
    let cancels = section.get("timeout_cancels").map(|item| context.boolean(item));
    if timeout.is_none() {
        section.refuse(&["timeout_cancels"], "without a timeout", "add timeout = \"30 s\"");
    }
    let retries = section.get("retries").map(|item| retries::read(context, item));
    let goals = section.get("goal").map(|item| goal::of_flow(context, item));
    let token = token(section);
    let tokens = tokens(section, token);
    let throttle = section.get("throttle").map(|item| throttle::read(context, item));
    let kind = kind?;
    refuse_by_kind(section, kind, integration);
    if section.get("integration").is_some() && integration.is_none() {
        return None;
    }
    Some(Flow {
        name: name?,
        kind,
        tenant: tenant.unwrap_or_else(|| Some(Flow::DEFAULT_TENANT.to_owned()))?,
        method: method.flatten().unwrap_or(method_of(kind)),
        arrivals: arrivals.unwrap_or(Arrivals::Poisson { rate: 1.0 }),
        operation: label(section, "operation", kind.operation()),
        size: Message { request_kib: size, answer_kib: answer.unwrap_or(size) },
        token,
        tokens,
        throttle: throttle.flatten().unwrap_or_default(),
        integration,
        mediation: label(section, "mediation", mediation_of(kind, integration)),
        backend: backend.flatten(),
        endpoint: endpoint.flatten().unwrap_or(endpoint_of(kind, integration)),
        backend_failures,
        timeout: timeout.flatten(),
        timeout_cancels: cancels.flatten().unwrap_or(false),
        retries: retries.flatten().unwrap_or(Retries::NONE),
        goals: goals.unwrap_or_default(),
    })
}

/// The kind of a flow.
pub(crate) fn kind(context: Context<'_>, item: &Item) -> Option<FlowKind> {
    context.choice(item, "a kind of flow", &KINDS)
}

/// The method of requests that state none: tokens are asked for (RFC 6749) and events are sent with a POST.
pub(crate) fn method_of(kind: FlowKind) -> Method {
    match kind {
        FlowKind::Api | FlowKind::Portal => Method::Get,
        FlowKind::Token | FlowKind::Stream => Method::Post,
    }
}

/// What the node that calls the backend does by itself where nothing is stated: gateways and micro integrators
/// share one engine.
pub(crate) fn endpoint_of(kind: FlowKind, integration: Option<Runtime>) -> Endpoint {
    match (kind, integration) {
        (FlowKind::Api, None | Some(Runtime::MicroIntegrator)) => Flow::ENDPOINT,
        _ => Flow::WAITS,
    }
}

/// The demand of the integration node where none is named.
pub(crate) fn mediation_of(kind: FlowKind, integration: Option<Runtime>) -> &'static str {
    match (kind, integration) {
        (FlowKind::Stream, _) | (_, Some(Runtime::StreamingIntegrator)) => "event",
        (_, Some(Runtime::MicroIntegrator)) => "directapi",
        (_, None) => "",
    }
}

fn label(section: Section<'_>, key: &'static str, otherwise: &str) -> String {
    let named = section.get(key).and_then(|item| section.context.name(item));
    named.unwrap_or_else(|| otherwise.to_owned())
}

fn integration(section: Section<'_>) -> Option<Runtime> {
    let item = section.get("integration")?;
    section.context.choice(item, "a runtime", &RUNTIMES)
}

/// More tokens of a flow than these no gateway has to know.
const MOST_TOKENS: u64 = 10_000_000;

fn token(section: Section<'_>) -> Token {
    let kinds = [(Token::Jwt, "jwt"), (Token::Opaque, "opaque")];
    let token = section.get("token");
    let token = token.and_then(|item| section.context.choice(item, "a kind of token", &kinds));
    token.unwrap_or(Token::Jwt)
}

/// Which tokens there are: by their number or, of opaque ones, by the share that is not in the cache.
fn tokens(section: Section<'_>, token: Token) -> Tokens {
    let context = section.context;
    if token == Token::Jwt {
        let help = "only `token = \"opaque\"` is looked up; remove it";
        section.refuse(&["cache_miss"], "without an opaque token", help);
    }
    let cache_miss = section.get("cache_miss").and_then(|item| context.share(item));
    let number = section
        .get("tokens")
        .map(|item| context.integer(item, 1, MOST_TOKENS).map(|count| count as u32));
    let lifetime = section.get("token_lifetime").map(|item| {
        let never = Context::is_none(item);
        if never { Some(None) } else { context.positive_duration(item).map(Some) }
    });
    let Some(number) = number else {
        let help = "add tokens = 5000, the number of different tokens in use";
        section.refuse(&["token_lifetime"], "without `tokens`", help);
        return Tokens::Alike { cache_miss: cache_miss.unwrap_or(Tokens::CACHE_MISS) };
    };
    let help =
        "what is not in the cache follows from `tokens` and their use; remove one of the two";
    section.refuse(&["cache_miss"], "beside `tokens`", help);
    Tokens::Distinct {
        number: number.unwrap_or(1),
        lifetime: lifetime.flatten().unwrap_or(Some(Tokens::LIFETIME)),
    }
}

fn refuse_by_kind(section: Section<'_>, kind: FlowKind, integration: Option<Runtime>) {
    match kind {
        FlowKind::Api if integration.is_none() && section.get("integration").is_none() => {
            let help = "add integration = \"micro-integrator\", or remove it";
            section.refuse(&["mediation"], "without `integration`", help);
        }
        FlowKind::Api => {
            if integration == Some(Runtime::StreamingIntegrator) {
                let why = "where a streaming integrator calls the backend";
                section.refuse(
                    &["endpoint"],
                    why,
                    "only gateways and micro integrators have it; remove it",
                );
            }
        }
        FlowKind::Token | FlowKind::Portal => {
            let why = if kind == FlowKind::Token { "on a token flow" } else { "on a portal flow" };
            let help = "its requests do not pass a gateway; remove it";
            section.refuse(OF_GATEWAYS, why, help);
            section.refuse(&["integration", "mediation"], why, help);
        }
        FlowKind::Stream => {
            let help = "an event goes to the streaming integrator; its demand is `mediation`";
            section.refuse(OF_GATEWAYS, "on a stream flow", help);
            section.refuse(&["integration", "operation"], "on a stream flow", help);
        }
    }
}
