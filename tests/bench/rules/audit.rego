# Ten rules for Kubernetes audit events, the same as those in `sigma`. The set `found` holds
# the names of the rules that an event matches.
package audit

import rego.v1

changes := {"create", "update", "patch"}

found contains "anonymous-access" if {
	input.user.username == "system:anonymous"
	input.responseStatus.code < 400
	not startswith(input.requestURI, "/healthz")
	not startswith(input.requestURI, "/livez")
	not startswith(input.requestURI, "/readyz")
	not startswith(input.requestURI, "/version")
}

found contains "cluster-admin-binding" if {
	input.objectRef.resource in {"clusterrolebindings", "rolebindings"}
	input.verb in changes
	input.requestObject.roleRef.name == "cluster-admin"
}

found contains "event-deletion" if {
	input.objectRef.resource == "events"
	input.verb in {"delete", "deletecollection"}
}

found contains "exec-in-kube-system" if {
	input.objectRef.resource == "pods"
	input.objectRef.subresource == "exec"
	input.objectRef.namespace == "kube-system"
}

found contains "host-namespaces" if {
	input.objectRef.resource == "pods"
	input.verb in changes
	some key in ["hostIPC", "hostNetwork", "hostPID"]
	input.requestObject.spec[key] == true
}

found contains "impersonation" if {
	input.impersonatedUser.username
}

found contains "secret-list" if {
	input.objectRef.resource == "secrets"
	input.verb == "list"
	not startswith(input.user.username, "system:apiserver")
	not startswith(input.user.username, "system:kube-")
	not startswith(input.user.username, "system:node:")
	not startswith(input.user.username, "system:serviceaccount:kube-system:")
}

found contains "stream-into-pod" if {
	input.objectRef.resource == "pods"
	input.objectRef.subresource in {"attach", "portforward"}
}

found contains "token-request" if {
	input.objectRef.resource == "serviceaccounts"
	input.objectRef.subresource == "token"
	input.verb == "create"
	not startswith(input.user.username, "system:")
}

found contains "webhook-change" if {
	input.objectRef.resource in {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}
	input.verb in changes
}
