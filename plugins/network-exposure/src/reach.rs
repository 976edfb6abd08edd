//! Reachability of a service from outside the cluster.

use wardline_sdk::rules::address::is_public;
use wardline_sdk::view::{ObjectFacts, ServiceFacts};

/// A way in which a service is reached from outside the cluster.
#[derive(Debug, PartialEq)]
pub struct Reach {
    /// `LoadBalancer`, `NodePort`, or `externalIPs`.
    pub how: &'static str,
    /// The field of the service that exposes it.
    pub field: &'static str,
    /// The value of the field.
    pub value: String,
    /// Whether the load balancer admits only named public networks.
    pub is_limited: bool,
    /// Whether an annotation asks for an internal load balancer. It has no effect in another cloud
    /// than the one whose annotation it is.
    pub is_internal: bool,
}

/// Annotations that make a load balancer internal, with the values that do so (none: any value).
/// They are from the documentation on internal load balancers of Google, Azure, Amazon, Oracle,
/// OpenStack, Alibaba, Tencent, IBM, and Tailscale, in this order.
const INTERNAL: [(&str, &[&str]); 13] = [
    ("networking.gke.io/load-balancer-type", &["Internal"]),
    ("cloud.google.com/load-balancer-type", &["Internal"]),
    (
        "service.beta.kubernetes.io/azure-load-balancer-internal",
        &["true"],
    ),
    (
        "service.beta.kubernetes.io/aws-load-balancer-scheme",
        &["internal"],
    ),
    (
        "service.beta.kubernetes.io/aws-load-balancer-internal",
        &["true", "0.0.0.0/0"],
    ),
    (
        "service.beta.kubernetes.io/oci-load-balancer-internal",
        &["true"],
    ),
    (
        "oci-network-load-balancer.oraclecloud.com/internal",
        &["true"],
    ),
    (
        "service.beta.kubernetes.io/openstack-internal-load-balancer",
        &["true"],
    ),
    (
        "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type",
        &["intranet"],
    ),
    (
        "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid",
        &[],
    ),
    (
        "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type",
        &["private"],
    ),
    (
        "service.kubernetes.io/ibm-load-balancer-cloud-provider-vpc-lb-type",
        &["private"],
    ),
    ("tailscale.com/expose", &["true"]),
];

/// Annotations of the AWS Load Balancer Controller, which creates internal load balancers by
/// default.
const AWS_TYPE: &str = "service.beta.kubernetes.io/aws-load-balancer-type";
const AWS_SCHEME: &str = "service.beta.kubernetes.io/aws-load-balancer-scheme";

impl Reach {
    /// Returns the way in which the service is reached, or none if it is internal.
    pub fn from_service(service: ServiceFacts<'_>, object: ObjectFacts<'_>) -> Option<Self> {
        let external: Vec<&str> = service.external_ips().collect();
        match service.service_type() {
            "LoadBalancer" if !has_private_address(service) => {
                let ranges = service.source_ranges();
                return Some(Self {
                    how: "LoadBalancer",
                    field: "spec.type",
                    value: "LoadBalancer".to_owned(),
                    is_limited: !ranges.is_empty() && !ranges.clone().any(is_wide),
                    is_internal: !service.addresses().any(is_public) && asks_for_internal(object),
                });
            }
            "NodePort" => {
                return Some(Self {
                    how: "NodePort",
                    field: "spec.type",
                    value: "NodePort".to_owned(),
                    is_limited: false,
                    is_internal: false,
                });
            }
            _ => {}
        }
        (!external.is_empty()).then(|| Self {
            how: "externalIPs",
            field: "spec.externalIPs",
            value: external.join(", "),
            is_limited: false,
            is_internal: false,
        })
    }
}

fn asks_for_internal(object: ObjectFacts<'_>) -> bool {
    let annotations = object.annotations();
    let says_so = INTERNAL.iter().any(|(key, values)| {
        annotations
            .get(key)
            .is_some_and(|value| values.is_empty() || values.contains(&value))
    });
    let is_aws_default = matches!(annotations.get(AWS_TYPE), Some("external" | "nlb-ip"))
        && !annotations.has(AWS_SCHEME);
    says_so || is_aws_default
}

/// Returns whether the load balancer has only private addresses, or admits only these.
fn has_private_address(service: ServiceFacts<'_>) -> bool {
    let mut ranges = service.source_ranges().peekable();
    let has_private_ranges =
        ranges.peek().is_some() && ranges.all(|range| !is_wide(range) && !is_public(base(range)));
    let mut addresses = service.addresses().peekable();
    // The host name of a load balancer does not show whether it is internal; an address does.
    let has_private_addresses = addresses.peek().is_some()
        && addresses
            .all(|address| address.parse::<std::net::IpAddr>().is_ok() && !is_public(address));
    has_private_ranges || has_private_addresses
}

fn base(range: &str) -> &str {
    range.split('/').next().unwrap_or(range)
}

/// Returns whether a range is a large part of the internet: larger than a /8.
fn is_wide(range: &str) -> bool {
    range
        .split_once('/')
        .and_then(|(_, bits)| bits.parse::<u8>().ok())
        .is_some_and(|bits| bits < 8)
}

#[cfg(test)]
mod tests {
    use wardline_sdk::contract::{Attribute, ObjectFacts, ServiceFacts};
    use wardline_sdk::view;

    use super::Reach;

    fn reach(service: &ServiceFacts, annotation: Option<(&str, &str)>) -> Option<Reach> {
        let object = ObjectFacts {
            annotations: annotation
                .into_iter()
                .map(|(key, value)| Attribute {
                    key: key.to_owned(),
                    value: value.to_owned(),
                })
                .collect(),
            ..ObjectFacts::default()
        };
        Reach::from_service(
            view::ServiceFacts::from(service),
            view::ObjectFacts::from(&object),
        )
    }

    fn balancer(ranges: &[&str], addresses: &[&str]) -> ServiceFacts {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        ServiceFacts {
            service_type: "LoadBalancer".to_owned(),
            source_ranges: owned(ranges),
            addresses: owned(addresses),
            ..ServiceFacts::default()
        }
    }

    #[test]
    fn load_balancers_are_open_limited_or_internal() {
        for (ranges, addresses, expected) in [
            (&[][..], &[][..], Some(false)),
            (&["0.0.0.0/0"], &[], Some(false)),
            (&["0.0.0.0/1", "128.0.0.0/1"], &[], Some(false)),
            (&["198.51.100.0/24"], &[], Some(true)),
            (&["10.0.0.0/8"], &[], None),
            (&["10.0.0.0/8", "::/0"], &[], Some(false)),
            (&[], &["10.1.2.3"], None),
            (&[], &["203.0.113.5"], Some(false)),
            (&[], &["a.elb.amazonaws.com"], Some(false)),
        ] {
            let found = reach(&balancer(ranges, addresses), None);
            let limited = found.map(|reach| reach.is_limited);
            assert_eq!(limited, expected, "{ranges:?} {addresses:?}");
        }
    }

    #[test]
    fn recognizes_annotations_for_internal_load_balancers() {
        for (key, value, is_open) in [
            ("networking.gke.io/load-balancer-type", "Internal", false),
            ("networking.gke.io/load-balancer-type", "External", true),
            (
                "service.beta.kubernetes.io/aws-load-balancer-scheme",
                "internet-facing",
                true,
            ),
            (
                "service.beta.kubernetes.io/aws-load-balancer-type",
                "external",
                false,
            ),
            (
                "service.beta.kubernetes.io/aws-load-balancer-type",
                "nlb",
                true,
            ),
            (
                "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid",
                "s",
                false,
            ),
            ("owner", "platform", true),
        ] {
            let found = reach(&balancer(&[], &[]), Some((key, value)));
            assert_eq!(found.unwrap().is_internal, !is_open, "{key}={value}");
        }
    }

    #[test]
    fn public_address_refutes_an_annotation() {
        let internal = Some(("networking.gke.io/load-balancer-type", "Internal"));
        for (address, expected) in [
            ("203.0.113.5", Some(false)),
            ("a.elb.amazonaws.com", Some(true)),
            ("10.1.2.3", None),
        ] {
            let found = reach(&balancer(&[], &[address]), internal);
            assert_eq!(found.map(|reach| reach.is_internal), expected, "{address}");
        }
    }

    #[test]
    fn node_ports_and_external_addresses_are_reachable() {
        let mut service = ServiceFacts::default();
        assert_eq!(reach(&service, None), None);
        service.external_ips = vec!["203.0.113.9".to_owned()];
        assert_eq!(reach(&service, None).unwrap().how, "externalIPs");
        service.service_type = "NodePort".to_owned();
        assert_eq!(reach(&service, None).unwrap().how, "NodePort");
    }
}
