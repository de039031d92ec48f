//! Which address a request really comes from.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks whose `X-Forwarded-For` is believed; everybody else's is ignored.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<Network>);

#[derive(Debug, Clone, Copy)]
struct Network {
    address: u128,
    prefix: u32,
}

/// The text is not a list of networks such as `10.0.0.0/8,192.0.2.7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of addresses or networks such as 10.0.0.0/8,192.0.2.7")]
pub struct NotNetworks;

impl TrustedProxies {
    /// The request's origin: the right-most address of the forwarding chain that is not a
    /// trusted proxy, since only what a trusted one appended can be believed.
    #[must_use]
    pub fn origin(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let peer = peer
            .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
            .to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let chain: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let mut origin = peer;
        for hop in chain.into_iter().rev() {
            let Ok(address) = hop.trim().parse::<IpAddr>() else {
                break;
            };
            origin = address.to_canonical();
            if !self.trusts(origin) {
                break;
            }
        }
        origin
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = bits(address);
        self.0.iter().any(|network| network.holds(address))
    }
}

impl Network {
    fn holds(self, address: u128) -> bool {
        let mask = u128::MAX.checked_shl(128 - self.prefix).unwrap_or(0);
        self.address & mask == address & mask
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl FromStr for TrustedProxies {
    type Err = NotNetworks;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let items = text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty());
        items.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(text: &str) -> Result<Network, NotNetworks> {
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().map_err(|_| NotNetworks)?;
    let (width, offset) = if address.is_ipv4() {
        (32, 96)
    } else {
        (128, 0)
    };
    let prefix = match prefix {
        Some(prefix) => prefix.parse().map_err(|_| NotNetworks)?,
        None => width,
    };
    if prefix > width {
        return Err(NotNetworks);
    }
    Ok(Network {
        address: bits(address),
        prefix: prefix + offset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(trusted: &str, peer: &str, forwarded: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED_FOR, forwarded.parse().unwrap());
        let proxies: TrustedProxies = trusted.parse().unwrap();
        proxies
            .origin(Some(peer.parse().unwrap()), &headers)
            .to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(origin("", "192.0.2.1", "203.0.113.9"), "192.0.2.1");
        assert_eq!(
            origin("10.0.0.0/8", "192.0.2.1", "203.0.113.9"),
            "192.0.2.1"
        );
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_neighbour_only() {
        assert_eq!(
            origin("10.0.0.0/8", "10.1.2.3", "6.6.6.6, 203.0.113.9"),
            "203.0.113.9"
        );
        assert_eq!(
            origin("10.0.0.0/8", "10.1.2.3", "203.0.113.9, 10.9.9.9"),
            "203.0.113.9"
        );
        assert_eq!(origin("10.0.0.0/8", "10.1.2.3", "nonsense"), "10.1.2.3");
    }

    #[test]
    fn networks_are_read_strictly() {
        assert!("10.0.0.0/33".parse::<TrustedProxies>().is_err());
        assert!("ten".parse::<TrustedProxies>().is_err());
        assert_eq!(
            origin("2001:db8::/32", "2001:db8::1", "198.51.100.4"),
            "198.51.100.4"
        );
    }
}
