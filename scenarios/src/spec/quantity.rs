//! Quantities with their units, as texts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A duration with its unit: ns, us, ms, s, min, h or d.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = "300 ms", example = "10 min", example = "30 d")]
pub struct Duration(
    #[schemars(regex(
        pattern = r"^\s*\+?[0-9._]+([eE][+-]?[0-9]+)?\s*(ns|us|µs|μs|ms|s|min|h|d)\s*$"
    ))]
    pub String,
);

/// A rate with its unit: /s, /min or /h.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = "900 /s", example = "120 /min")]
pub struct Rate(
    #[schemars(regex(pattern = r"^\s*\+?[0-9._]+([eE][+-]?[0-9]+)?\s*/(s|min|h)\s*$"))] pub String,
);

/// A size of a message with its unit: B, KiB, MiB or GiB (of 1024s), kB, MB or GB (of 1000s).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = "10 KiB", example = "50 B")]
pub struct Size(
    #[schemars(regex(
        pattern = r"^\s*\+?[0-9._]+([eE][+-]?[0-9]+)?\s*(B|KiB|MiB|GiB|kB|MB|GB)\s*$"
    ))]
    pub String,
);

/// An amount of memory with its unit: B, KiB, MiB or GiB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = "2 GiB", example = "300 KiB")]
pub struct Memory(
    #[schemars(regex(pattern = r"^\s*\+?[0-9._]+([eE][+-]?[0-9]+)?\s*(B|KiB|MiB|GiB)\s*$"))]
    pub  String,
);

/// A time of day: hours and minutes, and seconds where they matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = "09:30", example = "17:00:00")]
pub struct TimeOfDay(
    #[schemars(regex(pattern = r"^\s*[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]+)?)?\s*$"))]
    pub  String,
);

/// A share in percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = "99.95 %", example = "0.1 %")]
pub struct Share(
    #[schemars(regex(pattern = r"^\s*\+?[0-9._]+([eE][+-]?[0-9]+)?\s*%\s*$"))] pub String,
);

/// A price per hour, in the user's currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = "0.17 /h")]
pub struct Price(
    #[schemars(regex(pattern = r"^\s*\+?[0-9._]+([eE][+-]?[0-9]+)?\s*/h\s*$"))] pub String,
);
