use serde_json::Value;

use super::{CloudAccount, Form, encode};
use crate::example::{full, objects, runtime};
use crate::{Cloud, Details, EventFamily, Finding};

fn cloud_account() -> CloudAccount {
    CloudAccount {
        account: "210987654321".to_owned(),
        region: "eu-west-1".to_owned(),
    }
}

fn with(object: Details) -> Finding {
    Finding {
        object: Some(object),
        ..full()
    }
}

fn workload() -> Finding {
    let [workload, ..] = objects();
    with(workload)
}

fn read(finding: &Finding, form: Form) -> Value {
    serde_json::from_str(&encode(finding, form, &cloud_account())).unwrap()
}

#[test]
fn guardduty() {
    insta::assert_json_snapshot!(read(&workload(), Form::GuardDuty));
}

#[test]
fn asff() {
    insta::assert_json_snapshot!(read(&workload(), Form::Asff));
}

#[test]
fn ocsf() {
    let mut event = read(&workload(), Form::Ocsf);
    let version = event.pointer_mut("/metadata/product/version").unwrap();
    assert_eq!(*version, env!("CARGO_PKG_VERSION"));
    *version = "this build".into();
    insta::assert_json_snapshot!(event);
}

#[test]
fn csv() {
    insta::assert_snapshot!(format!(
        "{}\n{}",
        Form::Csv.header().unwrap(),
        encode(&full(), Form::Csv, &cloud_account())
    ));
}

#[test]
fn guardduty_includes_roles_bindings_and_access_reviews() {
    let [_, binding, role, review] =
        objects().map(|object| read(&with(object), Form::GuardDuty)["service"]["action"].take());
    assert_eq!(
        binding["kubernetesRoleBindingDetails"]["roleRefName"],
        "cluster-admin"
    );
    assert_eq!(role["kubernetesRoleDetails"]["uid"], "0b1c");
    assert_eq!(
        review["kubernetesPermissionCheckedDetails"]["allowed"],
        true
    );
}

/// The required fields of class 2004 (ocsf-schema 1.5.0: `base_event`, `finding`,
/// `detection_finding`).
#[test]
fn ocsf_has_all_required_fields() {
    let event = read(&full(), Form::Ocsf);
    for pointer in [
        "/activity_id",
        "/category_uid",
        "/class_uid",
        "/type_uid",
        "/time",
        "/severity_id",
        "/metadata/version",
        "/metadata/product/vendor_name",
        "/finding_info/uid",
        "/cloud/provider",
        "/evidences/0/api/operation",
    ] {
        assert!(!event.pointer(pointer).unwrap().is_null(), "{pointer}");
    }
    let number = |pointer: &str| event.pointer(pointer).unwrap().as_i64().unwrap();
    assert_eq!(
        number("/type_uid"),
        number("/class_uid") * 100 + number("/activity_id")
    );
}

/// <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-attributes.html>
#[test]
fn asff_stays_within_its_limits() {
    let long = "x".repeat(10_000);
    let mut finding = workload();
    finding.title.clone_from(&long);
    finding.description.clone_from(&long);
    finding.remediation.clone_from(&long);
    finding.resource.name.clone_from(&long);
    finding.request.as_mut().unwrap().uri.clone_from(&long);
    finding.evidence = vec![finding.evidence[0].clone(); 100];
    let asff = read(&finding, Form::Asff);
    let length = |pointer: &str| {
        let text = asff.pointer(pointer).unwrap().as_str().unwrap();
        text.chars().count()
    };
    assert_eq!(length("/Title"), 256);
    assert_eq!(length("/Description"), 1024);
    assert_eq!(length("/Remediation/Recommendation/Text"), 512);
    assert_eq!(length("/Resources/1/Id"), 512);
    let fields = asff["ProductFields"].as_object().unwrap();
    assert!(fields.len() <= 50);
    for (name, value) in fields {
        assert!(name.chars().count() <= 128, "{name}");
        assert!(value.as_str().unwrap().chars().count() <= 2048, "{name}");
    }
}

#[test]
fn written_findings_encode_to_every_format() {
    let finding = workload();
    let line = encode(&finding, Form::Jsonl, &cloud_account());
    let read: Finding = serde_json::from_str(&line).unwrap();
    for form in Form::ALL {
        assert_eq!(
            encode(&read, form, &cloud_account()),
            encode(&finding, form, &cloud_account()),
            "{form}"
        );
    }
}

#[test]
fn every_format_is_one_line_without_html() {
    let mut finding = workload();
    for text in [
        &mut finding.title,
        &mut finding.actor.username,
        &mut finding.evidence[0].value,
    ] {
        *text = "</script><script>alert(1)</script>&amp;".to_owned();
    }
    for form in Form::ALL {
        let line = encode(&finding, form, &cloud_account());
        assert!(!line.contains('\n'), "{form:?}");
        if !matches!(form, Form::Csv | Form::Text) {
            assert!(!line.contains(['<', '>', '&']), "{form:?}: {line}");
            assert!(read(&finding, form).to_string().contains("</script>"));
        }
    }
}

#[test]
fn no_csv_cell_is_a_formula() {
    for formula in [
        "=HYPERLINK(\"http://example.org\")",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "%0A",
        "|calc",
    ] {
        let mut finding = full();
        finding.actor.username = formula.to_owned();
        let line = encode(&finding, Form::Csv, &cloud_account());
        let quoted = formula.replace('"', "\"\"");
        assert!(line.contains(&format!("\"'{quoted}\"")), "{line}");
    }
}

#[test]
fn cloud_of_the_envelope_precedes_the_configured_one() {
    let finding = full();
    assert_eq!(read(&finding, Form::GuardDuty)["accountId"], "123456789012");
    let finding = Finding {
        cloud: None,
        ..finding
    };
    let said = read(&finding, Form::GuardDuty);
    assert_eq!(said["accountId"], "210987654321");
    assert_eq!(said["region"], "eu-west-1");
    let nowhere = encode(&finding, Form::Asff, &CloudAccount::default());
    assert!(nowhere.contains("arn:aws:securityhub:us-east-1:000000000000:product"));
}

#[test]
fn project_of_another_cloud_is_not_an_account_of_aws() {
    let finding = Finding {
        cloud: Some(Cloud {
            provider: "gcp".into(),
            account: "p-1".into(),
            region: "europe-west1".into(),
        }),
        ..full()
    };
    for form in [Form::GuardDuty, Form::Asff] {
        let text = encode(&finding, form, &cloud_account());
        assert!(text.contains("210987654321"), "{text}");
        assert!(!text.contains(":p-1:"), "{text}");
    }
    let asff = read(&finding, Form::Asff);
    assert_eq!(asff["ProductFields"]["wardline/cloudAccount"], "p-1");
    assert_eq!(
        asff["ProductFields"]["wardline/cloudRegion"],
        "europe-west1"
    );
}

#[test]
fn required_times_are_never_empty() {
    let finding = Finding {
        first_seen: String::new(),
        last_seen: String::new(),
        ..full()
    };
    let asff = read(&finding, Form::Asff);
    for field in [
        "CreatedAt",
        "UpdatedAt",
        "FirstObservedAt",
        "LastObservedAt",
    ] {
        let time: Result<jiff::Timestamp, _> = asff[field].as_str().unwrap().parse();
        assert!(time.is_ok(), "{field}");
    }
    assert_ne!(read(&finding, Form::GuardDuty)["createdAt"], "");
    assert!(read(&finding, Form::Ocsf)["time"].as_i64().unwrap() > 0);
}

#[test]
fn findings_without_a_request_name_the_process() {
    let finding = runtime();
    let read = |form| read(&finding, form);
    let guardduty = read(Form::GuardDuty);
    assert!(guardduty.pointer("/service/action").is_none());
    let process = &guardduty["service"]["runtimeDetails"]["process"];
    assert_eq!(process["executablePath"], "/tmp/xmrig");
    let asff = read(Form::Asff);
    assert_eq!(asff["Process"]["Pid"], 4711);
    assert_eq!(asff["ProductFields"]["wardline/node"], "node-1");
    assert!(asff["ProductFields"].get("wardline/verb").is_none());
    let ocsf = read(Form::Ocsf);
    assert!(ocsf.pointer("/evidences/0/api").is_none());
    assert_eq!(ocsf["evidences"][0]["process"]["pid"], 4711);
    assert_eq!(ocsf["finding_info"]["data_sources"][0], "Runtime events");
    let csv = encode(&finding, Form::Csv, &cloud_account());
    let cells = |line: &str| line.matches("\",\"").count();
    assert_eq!(
        cells(&csv),
        cells(&encode(&full(), Form::Csv, &cloud_account()))
    );
}

#[test]
fn ids_of_findings_are_not_called_audit_ids() {
    let finding = Finding {
        event_family: EventFamily::Signal,
        event_ids: vec!["2250b55392209ed59827d9ec00e3e1cd".into()],
        ..full()
    };
    let asff = read(&finding, Form::Asff);
    assert!(asff["ProductFields"].get("wardline/auditIds").is_none());
    assert_eq!(
        asff["ProductFields"]["wardline/findingIds"],
        finding.event_ids[0].as_str()
    );
    let ocsf = read(&finding, Form::Ocsf);
    assert_eq!(
        ocsf["finding_info"]["related_events"][0]["type_uid"],
        200_401
    );
    assert_eq!(ocsf["evidences"][0]["api"]["request"]["uid"], "");
    assert_eq!(ocsf["evidences"][0]["api"]["operation"], "create pods/exec");
}
