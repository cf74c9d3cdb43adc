//! A stream of like requests, as its owner would describe it.

use super::{Failures, Goals};
use crate::network::{Arrivals, Endpoint, Retries, Suspension};
use crate::random::Law;
use crate::time::SimDuration;

/// A stream of like requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Unique name.
    pub name: String,
    /// What its requests ask for, and so their route.
    pub kind: FlowKind,
    /// Whose requests these are.
    pub tenant: String,
    /// The method of HTTP that they use.
    pub method: Method,
    /// How they arrive.
    pub arrivals: Arrivals,
    /// Names a demand of the profile of the node that answers.
    pub operation: String,
    /// How large its messages are.
    pub size: Message,
    /// The kind of access token that the requests carry.
    pub token: Token,
    /// Which of these there are.
    pub tokens: Tokens,
    /// How many of its calls gateways admit.
    pub throttle: Throttle,
    /// The runtime that the gateway calls, if any.
    pub integration: Option<Runtime>,
    /// Names a demand of the integration profile.
    pub mediation: String,
    /// Delay of the backend that the last node of the route calls; none: nothing is called.
    pub backend: Option<Law>,
    /// What the node that calls it does by itself while it does not answer.
    pub endpoint: Endpoint,
    /// How it fails at random.
    pub backend_failures: Option<Failures>,
    /// How long the client waits for an answer of one attempt; none: for ever.
    pub timeout: Option<SimDuration>,
    /// Whether nodes stop working for an attempt when its client gives up. Those of the product do not:
    /// what has begun is done to its end, and nobody reads the answer.
    pub timeout_cancels: bool,
    /// What the client does after a failed attempt.
    pub retries: Retries,
    /// What it must reach, where that is not what every flow must.
    pub goals: Goals,
}

impl Flow {
    /// Nodes look for calls whose time is over so often: `synapse.timeout_handler_interval` (WSO2 wso2-synapse,
    /// `SynapseConstants`, `TimeoutHandler`).
    pub const SWEEP: SimDuration = SimDuration(15_000_000_000);
    /// What nodes of the product do where nothing is stated: `synapse.global_timeout_interval` of 120 s (WSO2
    /// product-apim, `default.json`), and 30 s of suspension after one error, which is
    /// `DEFAULT_ENDPOINT_SUSPEND_TIME` of wso2-synapse, as the template of endpoints states none.
    pub const ENDPOINT: Endpoint = Endpoint {
        timeout: Some(SimDuration(120_000_000_000)),
        sweep: Self::SWEEP,
        suspension: Some(Suspension { first: Self::SUSPENDED, factor: 1.0, longest: None }),
    };
    const SUSPENDED: SimDuration = SimDuration(30_000_000_000);
    /// Whose a flow is where nothing is stated: the tenant that a server has from the start.
    pub const DEFAULT_TENANT: &str = "default";
    /// It waits for as long as it takes.
    pub const WAITS: Endpoint = Endpoint { timeout: None, sweep: Self::SWEEP, suspension: None };

    /// Calls of this operation, by the gateway or an integration node, with nothing else: empty messages,
    /// no backend, and clients who wait for ever and do not try again.
    pub fn plain(name: &str, operation: &str, arrivals: Arrivals) -> Self {
        Self {
            name: name.to_owned(),
            kind: FlowKind::Api,
            tenant: Self::DEFAULT_TENANT.to_owned(),
            method: Method::Get,
            arrivals,
            operation: operation.to_owned(),
            size: Message::alike(0.0),
            token: Token::Jwt,
            tokens: Tokens::Alike { cache_miss: Tokens::CACHE_MISS },
            throttle: Throttle::default(),
            integration: None,
            mediation: operation.to_owned(),
            backend: None,
            endpoint: Flow::WAITS,
            backend_failures: None,
            timeout: None,
            timeout_cancels: false,
            retries: Retries::NONE,
            goals: Goals::default(),
        }
    }
}

/// How large a request and its answer are, KiB (1024 bytes).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// The request.
    pub request_kib: f64,
    /// Its answer.
    pub answer_kib: f64,
}

impl Message {
    /// Request and answer of one size.
    pub fn alike(size_kib: f64) -> Self {
        Self { request_kib: size_kib, answer_kib: size_kib }
    }

    /// The size of both together, of which the answer's is such a share.
    pub fn weighed(self, of_answer: f64) -> f64 {
        self.request_kib + of_answer * (self.answer_kib - self.request_kib)
    }
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Method {
    /// Every method with the name that files use.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Get, "GET"),
        (Self::Head, "HEAD"),
        (Self::Options, "OPTIONS"),
        (Self::Put, "PUT"),
        (Self::Delete, "DELETE"),
        (Self::Post, "POST"),
        (Self::Patch, "PATCH"),
    ];

    /// The name that files use.
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// Whether to do it twice is as good as once (RFC 9110, 9.2.2), so that a balancer may.
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Self::Post | Self::Patch)
    }
}

/// What the requests of a flow ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowKind {
    /// A call of an API through the gateway.
    Api,
    /// A token from the key manager.
    Token,
    /// A page of the publisher or the developer portal.
    Portal,
    /// An event for the streaming integrator.
    Stream,
}

impl FlowKind {
    /// The demand of the answering node where none is named; empty where the integration alone has one.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Api => "passthrough",
            Self::Token => "token",
            Self::Portal => "portal",
            Self::Stream => "",
        }
    }
}

/// The kind of access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Checked inside the gateway.
    Jwt,
    /// Checked by the key manager when the gateway's cache does not hold it.
    Opaque,
}

/// Which access tokens there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tokens {
    /// Nobody tells them apart, and they hold for ever.
    Alike {
        /// Of opaque ones, the share of requests whose token is not in the gateway's cache, 0..=1.
        cache_miss: f64,
    },
    /// So many, each used as often as the others: a user always has the same, and of open requests each is as
    /// likely as the others.
    Distinct {
        /// Their number, at least 1.
        number: u32,
        /// For how long one holds; whoever has it then gets another from the key manager first. None: for
        /// ever.
        lifetime: Option<SimDuration>,
    },
}

impl Tokens {
    /// Share of opaque tokens that are not in the cache where nothing is stated.
    pub const CACHE_MISS: f64 = 0.02;
    /// For how long a token holds where nothing is stated: `apim.oauth_config.expires_in` (WSO2
    /// carbon-apimgt, `org.wso2.carbon.apimgt.core.default.json`).
    pub const LIFETIME: SimDuration = SimDuration(3_600_000_000_000);
}

/// How many calls gateways admit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Throttle {
    /// As traffic managers count them: so many in a window, and how long it takes until all gateways know that
    /// these have come; none: any number.
    pub limit: Option<RateLimit>,
    /// On each gateway in each second, or on all together where they count in [`Redis`](super::Redis); none: any
    /// number.
    pub burst: Option<u32>,
}

/// So many calls in a window of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    /// So many, at least 1.
    pub number: u32,
    /// How long a window is, above 0; windows follow the clock.
    pub window: SimDuration,
    /// From a traffic manager's decision until gateways know it.
    pub delay: SimDuration,
    /// How often traffic managers compare their counters through Redis, above 0: each call is then counted by one of
    /// them. None: each counts all calls by itself.
    pub sync: Option<SimDuration>,
}

impl RateLimit {
    /// From a decision until gateways know it, where nothing is stated: judged. At 3000 a minute against a limit of
    /// 2500, at most 37 more were admitted, 0.74 s of them, with counters that are compared once a second
    /// (wso2/api-manager issue 3961).
    pub const DELAY: SimDuration = SimDuration(500_000_000);
    /// The same where it is stated how often counters are compared: judged. The five minutes had 2486 to 2537
    /// calls, 2506 on average, most of what is beyond being the comparison's.
    pub const DELAY_AFTER_SYNC: SimDuration = SimDuration(100_000_000);
    /// Events that wait for a traffic manager on each gateway at most: `transport.binary.agent.queue_size`
    /// (WSO2 carbon-analytics-common, databridge agent).
    pub const BUFFER: u32 = 32_768;
}

/// A runtime behind the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runtime {
    /// WSO2 Micro Integrator.
    MicroIntegrator,
    /// WSO2 Streaming Integrator.
    StreamingIntegrator,
}
