//! Roles, bindings, reviews, tokens and certificates.

use super::List;

views! {
    /// A Role or a ClusterRole.
    RoleFacts {
        /// The rules.
        rules: list(RoleRule),
        /// Labels, as `key=value`, of the roles that a ClusterRole is made of.
        aggregates: texts,
    }

    /// `rbac.authorization.k8s.io/v1` `PolicyRule`.
    RoleRule {
        /// The verbs.
        verbs: texts,
        /// The API groups.
        api_groups: texts,
        /// The resources, in the plural.
        resources: texts,
        /// The names that the rule is restricted to; none means all.
        resource_names: texts,
        /// The paths of requests that are for no resource.
        paths: texts,
    }

    /// A RoleBinding or a ClusterRoleBinding.
    BindingFacts {
        /// The kind.
        kind: text,
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
        /// `Role` or `ClusterRole`, and its name.
        role_kind: text,
        /// The name of the role.
        role_name: text,
        /// Who gets the role.
        subjects: list(Subject),
    }

    /// A subject of a binding.
    Subject {
        /// `User`, `Group` or `ServiceAccount`.
        kind: text,
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
    }

    /// A SubjectAccessReview, LocalSubjectAccessReview, SelfSubjectAccessReview,
    /// SelfSubjectRulesReview, SelfSubjectReview or TokenReview.
    AccessReview {
        /// Whose rights were asked about; empty for the requester's own.
        username: text,
        /// The groups.
        groups: texts,
        /// Its namespace.
        namespace: text,
        /// The verb.
        verb: text,
        /// The API group; empty for the core group.
        api_group: text,
        /// The resource, in the plural.
        resource: text,
        /// The subresource, such as `exec`; empty for none.
        subresource: text,
        /// Its name.
        name: text,
        /// The path.
        path: text,
        /// The answer, where the log has it: allowed, or authenticated.
        allowed: maybe(bool),
    }

    /// A request for a token of a service account.
    TokenRequest {
        /// Whom the token is for.
        audiences: texts,
        /// How long it is to be valid.
        expiration: length,
        /// The kind of the object that it is bound to.
        bound_kind: text,
        /// The name of that object.
        bound_name: text,
    }

    /// A CertificateSigningRequest.
    CertificateRequest {
        /// The name of the signer.
        signer: text,
        /// The key usages asked for.
        usages: texts,
        /// How long the certificate is to be valid.
        expiration: length,
        /// Who asked, as the API server wrote it.
        username: text,
        /// The groups.
        groups: texts,
        /// The subject of the PKCS#10 request.
        common_name: text,
        /// The organizations: the groups of a client certificate.
        organizations: texts,
        /// The DNS names.
        dns_names: texts,
        /// `Approved`, `Denied`, `Failed`.
        conditions: texts,
        /// Whether a certificate was issued.
        issued: value(bool),
    }

    /// A ServiceAccount.
    ServiceAccountFacts {
        /// Its namespace.
        namespace: text,
        /// Its name.
        name: text,
        /// Names of its secrets.
        secrets: texts,
        /// Names of its secrets for pulling images.
        image_pull_secrets: texts,
        /// Whether its token is mounted, where it says so.
        automount_token: maybe(bool),
    }
}
