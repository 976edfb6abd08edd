//! regorus, with a policy that is compiled once for one entry point.

use regorus::{Engine, Value};

use super::Met;

pub fn judge(lines: &[&str]) -> Met {
    let mut engine = Engine::new();
    let text = include_str!("../../rules/audit.rego").to_owned();
    engine
        .add_policy("audit.rego".to_owned(), text)
        .expect("a policy");
    let policy = engine
        .compile_with_entrypoint(&"data.audit.found".into())
        .expect("it compiles");
    let mut met = Met::new();
    for line in lines {
        let event = Value::from_json_str(line).expect("an event");
        let found = policy.eval_with_input(event).expect("it is judged");
        for name in found.as_set().expect("a set").iter() {
            let name = name.as_string().expect("a name");
            *met.entry(name.as_ref().to_owned()).or_default() += 1;
        }
    }
    met
}
