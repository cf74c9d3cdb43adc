//! The APIs of tenants that gateways load when they are called.

use super::{Compiler, find};
use crate::deployment::{Flow, FlowKind, Role, station};
use crate::network::{Lot, Step};

impl Compiler<'_> {
    /// The gateway looks whether it has loaded the tenant of a flow, where it does so only when it is called.
    pub(super) fn lot(&mut self, flow: &Flow, gateway: usize) {
        let cluster = &self.clusters[gateway];
        let Some(forgets) = cluster.profile.lazy_tenants else { return };
        let Some(takes) = cluster.loads_lazily_for(flow) else { return };
        let tenants = &mut self.tenants[gateway];
        let lot = tenants.iter().position(|tenant| *tenant == flow.tenant).unwrap_or(tenants.len());
        if lot == tenants.len() {
            tenants.push(flow.tenant.clone());
            let lots = &mut self.network.clusters[gateway].lots;
            let new = || station::lots(cluster, self.clusters, forgets);
            lots.get_or_insert_with(new).all.push(Lot { takes, uses: 0.0 });
        }
        self.step(Step::Find { depth: 0, lot: lot as u16 });
    }

    /// Works out how often each node is called for each tenant.
    pub(super) fn expect_lots(&mut self, flows: &[Flow]) {
        for flow in flows.iter().filter(|flow| flow.kind == FlowKind::Api) {
            let rate = self.rate(flows, flow);
            let Some(gateway) = find(self.clusters, Role::Gateway, flow) else { continue };
            let lot = self.tenants[gateway].iter().position(|tenant| *tenant == flow.tenant);
            let station = &mut self.network.clusters[gateway];
            let lots = station.lots.as_mut().zip(lot);
            if let Some(lot) = lots.and_then(|(lots, lot)| lots.all.get_mut(lot)) {
                lot.uses += rate / station.nodes as f64;
            }
        }
    }
}
