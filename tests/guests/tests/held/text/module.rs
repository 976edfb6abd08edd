//! A guest as WebAssembly text, assembled into a module with a component type, the form that
//! compilers produce and the host accepts.

use std::path::Path;

use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::image::{Image, empty, pair};

/// The finding type that such a guest raises.
pub const DECLARED: &str = "Execution:Kubernetes/TestGuest";

/// The name of such a guest.
pub const NAME: &str = "test-guest-0";

/// The version of the contract.
pub const VERSION: &str = "0.1.0";

/// The parts of a guest. Those of [`Module::good`] make a harmless guest that finds nothing;
/// each test changes one part.
pub struct Module {
    /// The world's items, in WIT.
    pub world: String,
    /// The version of the contract that it is built for.
    pub version: &'static str,
    /// Further packages that the world needs, in WIT.
    pub packages: &'static str,
    /// The imports of the module.
    pub imports: &'static str,
    /// The size of its memory in pages of 64 KiB.
    pub pages: u32,
    /// Further fields of the module.
    pub fields: String,
    /// The body of `cabi_realloc`: parameters 0 to 3 are the old address, the old
    /// size, the alignment, and the new size.
    pub realloc: String,
    /// The body of `describe`.
    pub describe: String,
    /// The body of `on-audit-events`; none omits the interface. Parameter 0 is the address of
    /// the events.
    pub judge: Option<String>,
    /// The data of the module.
    pub image: Image,
}

impl Module {
    /// A harmless guest. Its `describe` returns the address of the descriptor in the image.
    pub fn good() -> Self {
        Self::new(b"Does no harm.", &["pods/exec"])
    }

    /// A harmless guest with another description, which need not be UTF-8.
    pub fn described(description: &[u8]) -> Self {
        Self::new(description, &["pods/exec"])
    }

    /// A harmless guest that subscribes to these resources.
    pub fn subscribed(resources: &[&str]) -> Self {
        Self::new(b"Does no harm.", resources)
    }

    fn new(description: &[u8], resources: &[&str]) -> Self {
        let mut image = Image::default();
        // Zeros are both `ok` without a value and `ok` with an empty list.
        let ok = image.add(&[0; 32], 16);
        assert_eq!(ok, super::image::BASE);
        let descriptor = descriptor(&mut image, description, resources);
        Self {
            world: exports(&["lifecycle", "audit"]),
            version: VERSION,
            packages: "",
            imports: "",
            pages: 64,
            fields: String::new(),
            realloc: BUMP.to_owned(),
            describe: format!("i32.const {descriptor}"),
            judge: Some(forget_and(&format!("i32.const {ok}"))),
            image,
        }
    }

    /// Adds another descriptor and returns its address.
    pub fn descriptor(&mut self, description: &str) -> u32 {
        descriptor(&mut self.image, description.as_bytes(), &["pods/exec"])
    }

    /// Returns the result at this address for every batch.
    pub fn answer(mut self, address: u32) -> Self {
        self.judge = Some(forget_and(&format!("i32.const {address}")));
        self
    }

    /// Assembles the module.
    pub fn build(&self) -> Vec<u8> {
        let version = self.version;
        let judge = self.judge.as_ref().map_or_else(String::new, |body| {
            format!(
                r#"(func (export "wardline:detector/audit@{version}#on-audit-events")
                    (param i32 i32) (result i32) {body})"#
            )
        });
        let text = format!(
            r#"(module
                {imports}
                (memory (export "memory") {pages})
                (global $first i32 (i32.const {heap}))
                (global $heap (mut i32) (i32.const {heap}))
                {fields}
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) {realloc})
                (func (export "wardline:detector/lifecycle@{version}#describe") (result i32)
                    {describe})
                (func (export "wardline:detector/lifecycle@{version}#configure")
                    (param i32 i32) (result i32) i32.const {ok})
                {judge}
                (data (i32.const {base}) "{data}"))"#,
            imports = self.imports,
            pages = self.pages,
            heap = self.image.end(),
            fields = self.fields,
            realloc = self.realloc,
            describe = self.describe,
            ok = super::image::BASE,
            base = super::image::BASE,
            data = self.image.data(),
        );
        let mut bytes = wat::parse_str(&text).unwrap();
        let (resolve, world) = self.resolve();
        embed_component_metadata(&mut bytes, &resolve, world, StringEncoding::UTF8).unwrap();
        bytes
    }

    /// Resolves the contract, in the version that the guest is built for, and the guest's world.
    fn resolve(&self) -> (Resolve, wit_parser::WorldId) {
        let contract = tempfile::tempdir().unwrap();
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit/v0.1");
        for entry in std::fs::read_dir(wit).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.replace(VERSION, self.version);
            std::fs::write(contract.path().join(path.file_name().unwrap()), text).unwrap();
        }
        let mut resolve = Resolve::default();
        resolve.push_dir(contract.path()).unwrap();
        let text = format!(
            "package wardline:test;\nworld guest {{ {} }}\n{}",
            self.world.replace(VERSION, self.version),
            self.packages
        );
        let package = resolve.push_str("test.wit", &text).unwrap();
        let world = resolve.select_world(&[package], Some("guest")).unwrap();
        (resolve, world)
    }
}

/// The items of a world that exports these interfaces of the contract.
pub fn exports(interfaces: &[&str]) -> String {
    interfaces
        .iter()
        .map(|name| format!("export wardline:detector/{name}@{VERSION}; "))
        .collect()
}

/// A bump allocator that never frees.
const BUMP: &str = "
    (global.set $heap (i32.and
        (i32.add (global.get $heap) (i32.sub (local.get 2) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get 2))))
    (global.get $heap)
    (global.set $heap (i32.add (global.get $heap) (local.get 3)))";

/// A body that first frees all memory of the heap.
pub fn forget_and(body: &str) -> String {
    format!("(global.set $heap (global.get $first)) {body}")
}

fn descriptor(image: &mut Image, description: &[u8], resources: &[&str]) -> u32 {
    let resources = image.texts(resources);
    let mut subscription = Vec::new();
    // stages, verbs, api-groups, resources, namespaces, names, paths, usernames,
    // groups, outcomes, attributes
    for index in 0..11 {
        subscription.extend(if index == 3 {
            resources.clone()
        } else {
            empty()
        });
    }
    let audit = image.list(&subscription, 4, 1);
    let mut finding_type = image.text(DECLARED.as_bytes());
    finding_type.extend(5.0_f64.to_le_bytes());
    finding_type.extend(image.text(b"A command was run in a pod"));
    // description, techniques, remediation, false-positives, references, attributes
    (0..6).for_each(|_| finding_type.extend(empty()));
    let finding_types = image.list(&finding_type, 8, 1);
    let record = [
        image.text(NAME.as_bytes()),
        image.text(b"0.1.0"),
        image.text(description),
        audit,
        empty(), // runtime
        empty(), // signals
        finding_types,
        empty(),          // settings
        empty(),          // remembers
        vec![0, 0, 0, 0], // ordering: actor
        empty(),          // attributes
    ]
    .concat();
    image.add(&record, 8)
}

/// A finding with these texts and references, as a record.
pub fn finding(image: &mut Image, title: Vec<u8>, event: u64, evidence_of: u64) -> Vec<u8> {
    let events = image.list(&event.to_le_bytes(), 8, 1);
    let mut evidence = evidence_of.to_le_bytes().to_vec();
    evidence.extend(image.text(b"objectRef.name"));
    evidence.extend(image.text(b"etcd"));
    let evidence = image.list(&evidence, 8, 1);
    let finding_type = image.text(DECLARED.as_bytes());
    [
        finding_type,
        vec![0; 8], // severity: the tag `none`, and
        vec![0; 8], // space for its value
        title,
        empty(), // description
        events,
        evidence,
        empty(), // dedup-key
        empty(), // attributes
    ]
    .concat()
}

/// Adds `ok` with a list of one finding and returns its address.
pub fn ok(image: &mut Image, finding: &[u8]) -> u32 {
    let list = image.list(finding, 8, 1);
    image.add(&[vec![0; 8], list, vec![0; 16]].concat(), 8)
}

/// An address and a length that extend far beyond the memory.
pub fn beyond() -> Vec<u8> {
    pair(0x1000, 0x7fff_0000)
}
