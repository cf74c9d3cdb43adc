//! The keys by which gateways load tenants lazily.

use super::keys::{Keyed, Row, Slot, Unit};
use crate::network::Forgets;
use crate::time::SimDuration;

/// As a server has it where nothing is configured: 30 min, looked at every 60 s (`MultitenantServerManager` of WSO2
/// carbon-kernel: `DEFAULT_TENANT_IDLE_MINS` and `TENANT_CLEANUP_PERIOD_SECS`, the same in 4.6.3, 4.9.0 and 4.11.0).
pub const LAZY_TENANTS: Forgets =
    Forgets { idle: SimDuration(1_800_000_000_000), sweep: SimDuration(60_000_000_000) };

impl Keyed for Forgets {
    const NAME: &'static str = "LazyTenants";
    const DOC: &'static str = "A gateway loads the APIs of a tenant when one of them is called: that call and those until \
        they are loaded are answered with 404. Those of the tenant `default` are loaded at the start, and stay.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "idle",
            "A tenant whose APIs nobody has called for so long is unloaded.",
            Unit::Duration,
            |forgets| Slot::Duration(&mut forgets.idle),
        )
        .spelt(),
        Row::<Self>::new(
            "sweep",
            "From one look for such tenants to the next.",
            Unit::Duration,
            |forgets| Slot::Duration(&mut forgets.sweep),
        )
        .above_zero()
        .spelt(),
    ];

    fn unstated() -> Self {
        LAZY_TENANTS
    }
}
