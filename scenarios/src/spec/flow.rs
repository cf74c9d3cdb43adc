//! `[[flow]]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arrivals, Duration, Failing, FlowGoal, Law, Off, Share, Size};

/// A stream of like requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Unique name.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// What its requests ask for.
    pub kind: Kind,
    /// Whose requests these are.
    #[serde(default = "tenant")]
    #[schemars(length(min = 1, max = 64))]
    pub tenant: String,
    /// The method of HTTP. Unless it is stated, `token` and `stream` flows use `POST`, and others `GET`. A
    /// balancer does not pass on a `POST` or `PATCH` that was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// Demand of the profile of the node that answers: `passthrough`, `token` or `portal` by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Size of a message: of the request, and of the answer where `answer` does not say otherwise.
    #[serde(default = "size")]
    pub size: Size,
    /// Size of the answer; left out: that of the request. How far a demand follows it says its `of_answer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Size>,
    /// Kind of access token of an `api` flow; `jwt` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// With opaque tokens: share of requests whose token is not in the cache; 2 % where nothing is
    /// stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_miss: Option<Share>,
    /// In place of `cache_miss`: how many different tokens are in use, each as often as the others; a user
    /// always has the same. The cache of each gateway holds them by the rules of `token_cache` of its profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub tokens: Option<u32>,
    /// For how long one of these holds, or `none` for ever; 1 h where nothing is stated. Whoever has it then
    /// asks the key manager for another before the next request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_lifetime: Option<Lifetime>,
    /// How many of its calls gateways admit; left out: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<Throttle>,
    /// The runtime that the gateway calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Integration>,
    /// Demand of the integration profile: `directapi` on a micro integrator, `event` on a streaming
    /// integrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mediation: Option<String>,
    /// Delay of the backend that the last node calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<Law>,
    /// What the gateway or micro integrator that calls the backend does by itself while it does not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// How its backend fails at random. Unless it is stated, it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend_failures: Option<Failing>,
    /// How long the client waits for an answer of one attempt; left out: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Whether nodes stop working for an attempt whose client has given up; false where nothing is stated:
    /// nodes of the product do what has begun to its end, and nobody reads the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_cancels: Option<bool>,
    /// What the client does after a failed attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
    /// What its requests must reach; of what is not stated here, `[goal]` holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<FlowGoal>,
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Reads the head of an answer.
    Head,
    /// Asks what is possible.
    Options,
    /// Writes a whole.
    Put,
    /// Removes.
    Delete,
    /// Begins something, each time anew.
    Post,
    /// Changes a part.
    Patch,
}

/// What the requests of a flow ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A call of an API through the gateway.
    Api,
    /// A token from the key manager.
    Token,
    /// A page of the publisher or the developer portal.
    Portal,
    /// An event for the streaming integrator.
    Stream,
}

/// Kind of access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Token {
    /// Checked inside the gateway.
    Jwt,
    /// Checked by the key manager when the gateway's cache does not hold it.
    Opaque,
}

/// How many calls of a flow gateways admit; others are answered 429. At least one of `limit` and `burst`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// So many in a window, as each traffic manager counts them from the events of all gateways. Windows follow
    /// the clock and do not slide; without a traffic manager that is up, all are admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub limit: Option<u32>,
    /// How long a window is; 1 min where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// From a traffic manager's decision until gateways know it. Unless it is stated, 500 ms; 100 ms with `sync`. What
    /// they admit until then is beyond the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay: Option<Duration>,
    /// How often traffic managers compare their counters through Redis, as they can from 4.6 (there every second):
    /// each call is then counted by one of them. Where nothing is stated each counts all calls by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<Duration>,
    /// So many a second on each gateway by itself, or on all together where their profile says `redis`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000_000))]
    pub burst: Option<u32>,
}

/// What the node that calls a backend does by itself while it does not answer. A backend that answers with an
/// error has answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// How long a call waits for its answer, or `none` for ever; 120 s where nothing is stated. The node looks
    /// every 15 s for calls whose time is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Lifetime>,
    /// For how long that node answers with an error and does not call, after one call that was refused or had no
    /// answer in time, or `none` for not at all; 30 s where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<Lifetime>,
    /// So many times as long after each further such call without an answer in between; 1 where nothing is
    /// stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0, max = 100.0))]
    pub factor: Option<f64>,
    /// No suspension is longer; without it, they may be as long as they get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<Duration>,
}

/// For how long something holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Lifetime {
    /// For ever; of a suspension, not at all.
    Unlimited(Off),
    /// For so long.
    Limited(Duration),
}

/// A runtime behind the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Integration {
    /// WSO2 Micro Integrator.
    MicroIntegrator,
    /// WSO2 Streaming Integrator.
    StreamingIntegrator,
}

/// Further attempts after a failed one: a number, or how they wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Retries {
    /// So many, with the default waits.
    Count(#[schemars(range(max = 15))] u8),
    /// So many, with waits of one's own.
    Plan(RetryPlan),
}

/// How a client retries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryPlan {
    /// Further attempts after the first.
    #[schemars(range(max = 15))]
    pub max: u8,
    /// Wait before the second attempt.
    #[serde(default = "back_off")]
    pub back_off: Duration,
    /// Each wait is this many times the one before.
    #[serde(default = "factor")]
    #[schemars(range(min = 1.0, max = 100.0))]
    pub factor: f64,
    /// Each wait varies by up to this share, either way.
    #[serde(default = "jitter")]
    pub jitter: Share,
}

fn tenant() -> String {
    "default".to_owned()
}

fn size() -> Size {
    Size("1 KiB".to_owned())
}

fn back_off() -> Duration {
    Duration("100 ms".to_owned())
}

fn factor() -> f64 {
    2.0
}

fn jitter() -> Share {
    Share("50 %".to_owned())
}
