//! Containers and security contexts.

use wardline_event::model::{
    Attribute, Container, ContainerPort, ContainerRole, Mount, SecurityContext,
};

use super::read::{
    at, flag, flag_if_said, integer, integer_if_said, members, objects, pair, string, text,
    text_or_number, texts, texts_of,
};
use crate::json::Json;

/// The lists in a pod spec that hold containers.
const LISTS: [(&str, ContainerRole); 3] = [
    ("containers", ContainerRole::Main),
    ("initContainers", ContainerRole::Init),
    ("ephemeralContainers", ContainerRole::Ephemeral),
];

/// The fields of a container that hold further commands.
const HOOKS: [(&str, &[&str]); 5] = [
    ("lifecycle.postStart", &["lifecycle", "postStart"]),
    ("lifecycle.preStop", &["lifecycle", "preStop"]),
    ("livenessProbe", &["livenessProbe"]),
    ("readinessProbe", &["readinessProbe"]),
    ("startupProbe", &["startupProbe"]),
];

pub(super) fn containers<'v>(spec: impl Json<'v>) -> Vec<Container> {
    LISTS
        .iter()
        .flat_map(|(list, role)| objects(spec, list).map(|item| container(item, *role)))
        .collect()
}

fn container<'v>(item: impl Json<'v>, role: ContainerRole) -> Container {
    Container {
        name: text(item, "name"),
        role,
        image: text(item, "image"),
        command: texts(item, "command"),
        arguments: texts(item, "args"),
        hooks: HOOKS
            .iter()
            .filter_map(|(name, path)| hook(item, name, path))
            .collect(),
        environment: objects(item, "env").map(variable).collect(),
        environment_from: objects(item, "envFrom").filter_map(source).collect(),
        security: security(at(item, &["securityContext"])),
        mounts: objects(item, "volumeMounts").map(mount).collect(),
        devices: texts_of(item, "volumeDevices", "devicePath"),
        ports: objects(item, "ports").map(port).collect(),
        quantities: ["limits", "requests"]
            .iter()
            .flat_map(|group| quantities(item, group))
            .collect(),
        target: text(item, "targetContainerName"),
        stdin: flag(item, "stdin"),
        tty: flag(item, "tty"),
        working_directory: text(item, "workingDir"),
    }
}

/// Returns the words of the command, separated by spaces.
fn hook<'v>(item: impl Json<'v>, name: &str, path: &[&str]) -> Option<Attribute> {
    let words = texts(at(at(item, path), &["exec"]), "command");
    (!words.is_empty()).then(|| pair(name, words.join(" ")))
}

fn variable<'v>(item: impl Json<'v>) -> Attribute {
    let from = at(item, &["valueFrom"]);
    let name = |key: &str| text(at(from, &[key]), "name");
    let value = match members(from).next() {
        Some((key, source)) => match key.as_ref() {
            "secretKeyRef" => format!("secret:{}/{}", name(&key), text(source, "key")),
            "configMapKeyRef" => format!("configMap:{}/{}", name(&key), text(source, "key")),
            "fieldRef" => format!("field:{}", text(source, "fieldPath")),
            "resourceFieldRef" => format!("field:{}", text(source, "resource")),
            _ => text(item, "value"),
        },
        None => text(item, "value"),
    };
    pair(text(item, "name"), value)
}

fn source<'v>(item: impl Json<'v>) -> Option<String> {
    let named = |key: &str| at(item, &[key, "name"]).text();
    named("secretRef")
        .map(|name| format!("secret:{name}"))
        .or_else(|| named("configMapRef").map(|name| format!("configMap:{name}")))
}

fn mount<'v>(item: impl Json<'v>) -> Mount {
    let sub_path = ["subPath", "subPathExpr"].map(|key| text(item, key));
    Mount {
        name: text(item, "name"),
        path: text(item, "mountPath"),
        sub_path: sub_path
            .into_iter()
            .find(|path| !path.is_empty())
            .unwrap_or_default(),
        read_only: flag(item, "readOnly"),
        propagation: text(item, "mountPropagation"),
    }
}

fn port<'v>(item: impl Json<'v>) -> ContainerPort {
    ContainerPort {
        port: integer(item, "containerPort"),
        host_port: integer(item, "hostPort"),
        protocol: text(item, "protocol"),
    }
}

fn quantities<'v>(item: impl Json<'v>, group: &str) -> impl Iterator<Item = Attribute> {
    members(at(item, &["resources", group]))
        .map(move |(name, value)| pair(format!("{group}.{name}"), text_or_number(value)))
}

/// Reads the security context of a container or pod.
pub(super) fn security<'v>(context: impl Json<'v>) -> SecurityContext {
    let capabilities = at(context, &["capabilities"]);
    let selinux = at(context, &["seLinuxOptions"]);
    SecurityContext {
        privileged: flag_if_said(context, "privileged"),
        allow_privilege_escalation: flag_if_said(context, "allowPrivilegeEscalation"),
        run_as_user: integer_if_said(context, "runAsUser"),
        run_as_group: integer_if_said(context, "runAsGroup"),
        run_as_non_root: flag_if_said(context, "runAsNonRoot"),
        read_only_root_filesystem: flag_if_said(context, "readOnlyRootFilesystem"),
        capabilities_added: texts(capabilities, "add"),
        capabilities_dropped: texts(capabilities, "drop"),
        seccomp: text(at(context, &["seccompProfile"]), "type"),
        apparmor: text(at(context, &["appArmorProfile"]), "type"),
        proc_mount: text(context, "procMount"),
        selinux: ["type", "role", "user", "level"]
            .into_iter()
            .map(|key| pair(key, string(at(selinux, &[key]))))
            .filter(|option| !option.value.is_empty())
            .collect(),
        windows_host_process: flag(at(context, &["windowsOptions"]), "hostProcess"),
    }
}
