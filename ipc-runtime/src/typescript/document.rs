//! The text of the whole file.

use crate::{
    interface::{Compat, InterfaceInfo},
    shape::node::Node,
    typescript::{
        binding_source::{BindingSource, Role},
        bindings_file::COMMAND,
        declarations::Declarations,
        doc_comment, identifier,
        member::{self, MemberNames, MemberText},
        model::Model,
        type_form::{Direction, TypeForm},
    },
};

/// What the client of the npm package has to know to read the file.
const FORMAT: u32 = 1;

/// The parts of a file, one after another.
struct Document<'a> {
    model: &'a Model,
    out: Declarations<'a>,
}

/// Returns the text of the file for these sources.
pub(super) fn document(sources: &[BindingSource], model: &Model, package: &str) -> String {
    // Only what a file imports is in a bundle. Types alone import nothing.
    let import = if has_imports(sources, model) { "import" } else { "import type" };
    let text = format!(
        "// @generated from the Rust interfaces. Renew it: {}\n{import} * as $ from {};\n",
        COMMAND,
        identifier::quoted(package)
    );
    let mut document = Document { model, out: Declarations::new(model, text) };
    for (at, source) in sources.iter().enumerate() {
        match source {
            BindingSource::Interface { info, role } => document.interface(info, *role, at),
            BindingSource::Key { name, value } => document.key(name, value, at),
            BindingSource::Event { .. } | BindingSource::Function { .. } => {}
        }
    }
    document.functions(sources);
    document.events(sources);
    document.out.finish()
}

fn has_imports(sources: &[BindingSource], model: &Model) -> bool {
    sources.iter().any(|source| match source {
        BindingSource::Interface { info, .. } => {
            info.methods.iter().any(|info| member::has_imports(&model.named.method(info)))
        }
        _ => false,
    })
}

impl Document<'_> {
    fn interface(&mut self, interface: &InterfaceInfo, role: Role, at: usize) {
        let model = self.model;
        let wire = interface.methods.iter().map(|info| model.named.method(info).name);
        let mut members = MemberNames::of(wire);
        let (mut types, mut constants) = (String::new(), String::new());
        let fingerprints = interface.fingerprints();
        for (info, fingerprint) in interface.methods.iter().zip(&fingerprints.methods) {
            let MemberText { name, ty, constant } =
                member::method(&mut self.out, info, *fingerprint, role, &mut members);
            types.push_str(&doc_comment::above(info.docs, None, "  "));
            types.push_str(&format!("  {}: {ty};\n", identifier::member(&name)));
            constants.push_str(&format!("    {},\n", identifier::constant_entry(&name, &constant)));
        }
        self.out.declare();
        let (name, methods) = (model.constants.get(at), model.methods_name(at));
        let docs = doc_comment::above(interface.docs, None, "");
        self.out.push(&format!("\n{docs}export interface {methods} {}\n", block(&types, "")));
        self.out.print_plans();
        let exact = if interface.compat == Compat::Exact { " exact: 1," } else { "" };
        self.out.push(&format!(
            "\nexport const {name}: $.Interface<{methods}> = {{\n  channel: {}, version: {}, \
             fingerprint: \"{}\", format: {FORMAT},{exact}\n  methods: {},\n}};\n",
            identifier::quoted(interface.channel),
            identifier::quoted(interface.version),
            fingerprints.interface,
            block(&constants, "  "),
        ));
    }

    fn key(&mut self, name: &str, value: &'static Node, at: usize) {
        let shape = self.model.named.shape(value);
        let ty = self.out.shape(&shape, TypeForm::RECEIVED).text;
        let plan = self.out.plan(&shape, Direction::FromRust);
        let plan = plan.map_or(String::new(), |plan| format!(", p: {plan}"));
        self.out.declare();
        self.out.print_plans();
        let constant = self.model.constants.get(at);
        let key = identifier::quoted(name);
        self.out.push(&format!(
            "\nexport const {constant}: $.StoreKey<{ty}> = {{ key: {key}{plan} }};\n"
        ));
    }

    fn functions(&mut self, sources: &[BindingSource]) {
        let mut names = MemberNames::of(sources.iter().filter_map(|source| match source {
            BindingSource::Function { name, .. } => Some(name.clone()),
            _ => None,
        }));
        let (mut types, mut constants) = (String::new(), String::new());
        for source in sources {
            let BindingSource::Function { name, arguments, output } = source else { continue };
            let MemberText { name, ty, constant } =
                member::function(&mut self.out, name, arguments, output, &mut names);
            types.push_str(&format!("  {}: {ty};\n", identifier::member(&name)));
            constants.push_str(&format!("    {},\n", identifier::constant_entry(&name, &constant)));
        }
        if types.is_empty() {
            return;
        }
        self.out.declare();
        self.out.print_plans();
        self.out.push(&format!(
            "\nexport const {}: $.Functions<{}> = {{\n  format: {FORMAT},\n  methods: {},\n}};\n",
            self.model.constants.functions,
            block(&types, ""),
            block(&constants, "  "),
        ));
    }

    fn events(&mut self, sources: &[BindingSource]) {
        let mut names = MemberNames::of(sources.iter().filter_map(|source| match source {
            BindingSource::Event { name, .. } => Some(name.clone()),
            _ => None,
        }));
        let (mut types, mut constants) = (String::new(), String::new());
        for source in sources {
            let BindingSource::Event { name, arguments } = source else { continue };
            let MemberText { name, ty, constant } =
                member::event(&mut self.out, name, arguments, &mut names);
            types.push_str(&format!("  {}: {ty};\n", identifier::member(&name)));
            constants.push_str(&format!("  {},\n", identifier::constant_entry(&name, &constant)));
        }
        if types.is_empty() {
            return;
        }
        self.out.declare();
        self.out.print_plans();
        self.out.push(&format!(
            "\nexport const {}: $.Events<{}> = {};\n",
            self.model.constants.events,
            block(&types, ""),
            block(&constants, ""),
        ));
    }
}

/// Lines in braces.
fn block(lines: &str, indent: &str) -> String {
    if lines.is_empty() { "{}".to_owned() } else { format!("{{\n{lines}{indent}}}") }
}
