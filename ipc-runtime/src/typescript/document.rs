//! The text of the whole file.

use crate::{
    interface::{Compat, InterfaceInfo},
    notation::type_form::{Direction, TypeForm},
    shape::node::Node,
    typescript::{
        binding_source::{BindingSource, Role},
        bindings_file::COMMAND,
        declarations::Declarations,
        doc_comment, identifier,
        member::{self, MemberNames, MemberText},
        model::Model,
        type_text::TypeText,
    },
};

/// What the client of the npm package has to know to read the file.
const FORMAT: u32 = 1;

/// What all types are called as data. No plan's constant has a capital letter after its `$`.
const TYPES: &str = "$Types";

/// The parts of a file, one after another.
struct BindingsDocument<'a> {
    model: &'a Model,
    out: Declarations<'a>,
    checked: CheckedConstants,
}

/// The constants so far, each with what its values are.
#[derive(Debug, Default)]
struct CheckedConstants {
    interfaces: Vec<String>,
    events: Vec<String>,
    keys: Vec<String>,
}

/// Returns the text of the file for these sources. If it is to be checkable, it has all types as
/// data too.
pub(super) fn document(
    sources: &[BindingSource],
    model: &Model,
    package: &str,
    is_checkable: bool,
) -> String {
    // Only what a file imports is in a bundle. Types alone import nothing.
    let import = if has_imports(sources, model) { "import" } else { "import type" };
    let text = format!(
        "// @generated from the Rust interfaces. Renew it: {}\n{import} * as $ from {};\n",
        COMMAND,
        identifier::quoted(package)
    );
    let out = Declarations::new(model, text);
    let mut document = BindingsDocument { model, out, checked: CheckedConstants::default() };
    for (at, source) in sources.iter().enumerate() {
        match source {
            BindingSource::Interface { info, role } => document.interface(info, *role, at),
            BindingSource::Key { name, value } => document.key(name, value, at),
            BindingSource::Event { .. } | BindingSource::Function { .. } => {}
        }
    }
    document.functions(sources);
    document.events(sources);
    if is_checkable {
        document.types();
    }
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

impl BindingsDocument<'_> {
    fn interface(&mut self, interface: &InterfaceInfo, role: Role, at: usize) {
        let model = self.model;
        let wire = interface.methods.iter().map(|info| model.named.method(info).name);
        let mut names = MemberNames::of(wire);
        let mut members = MemberTexts::default();
        let fingerprints = interface.fingerprints();
        for (info, fingerprint) in interface.methods.iter().zip(&fingerprints.methods) {
            let member = member::method(&mut self.out, info, *fingerprint, role, &mut names);
            members.add(member, &doc_comment::above(info.docs, None, "  "));
        }
        let MemberTexts { types, constants, data } = members;
        self.out.declare();
        let (name, methods) = (model.constants.get(at), model.methods_name(at));
        let docs = doc_comment::above(interface.docs, None, "");
        self.out.push(&format!("\n{docs}export interface {methods} {}\n", block(&types, "", "")));
        self.out.print_plans();
        let exact = if interface.compat == Compat::Exact { " exact: 1," } else { "" };
        self.out.push(&format!(
            "\nexport const {name}: $.Interface<{methods}> = {{\n  channel: {}, version: {}, \
             fingerprint: \"{}\", format: {FORMAT},{exact}\n  methods: {},\n}};\n",
            identifier::quoted(interface.channel),
            identifier::quoted(interface.version),
            fingerprints.interface,
            block(&constants, "    ", "  "),
        ));
        self.checked.interfaces.push(row(name, &data));
    }

    fn key(&mut self, name: &str, value: &'static Node, at: usize) {
        let shape = self.model.named.shape(value);
        let TypeText { text: ty, data, .. } = self.out.shape(&shape, TypeForm::RECEIVED);
        let data = self.out.data(&data);
        let plan = self.out.plan(&shape, Direction::FromRust);
        let plan = plan.map_or(String::new(), |plan| format!(", p: {plan}"));
        self.out.declare();
        self.out.print_plans();
        let constant = self.model.constants.get(at);
        let key = identifier::quoted(name);
        self.out.push(&format!(
            "\nexport const {constant}: $.StoreKey<{ty}> = {{ key: {key}{plan} }};\n"
        ));
        self.checked.keys.push(format!("[{constant}, {data}],"));
    }

    fn functions(&mut self, sources: &[BindingSource]) {
        let functions = sources.iter().filter_map(|source| match source {
            BindingSource::Function { name, arguments, output } => {
                Some((&**name, (*arguments, *output)))
            }
            _ => None,
        });
        let functions = functions.collect::<Vec<_>>();
        let members = self.members(&functions, |out, wire, (arguments, output), names| {
            member::function(out, wire, arguments, output, names)
        });
        let Some(MemberTexts { types, constants, data }) = members else { return };
        let name = &self.model.constants.functions;
        self.out.push(&format!(
            "\nexport const {name}: $.Functions<{}> = {{\n  format: {FORMAT},\n  methods: {},\n}};\n",
            block(&types, "", ""),
            block(&constants, "    ", "  "),
        ));
        self.checked.interfaces.push(row(name, &data));
    }

    fn events(&mut self, sources: &[BindingSource]) {
        let events = sources.iter().filter_map(|source| match source {
            BindingSource::Event { name, arguments } => Some((&**name, *arguments)),
            _ => None,
        });
        let members = self.members(&events.collect::<Vec<_>>(), member::event);
        let Some(MemberTexts { types, constants, data }) = members else { return };
        let name = &self.model.constants.events;
        self.out.push(&format!(
            "\nexport const {name}: $.Events<{}> = {};\n",
            block(&types, "", ""),
            block(&constants, "  ", ""),
        ));
        self.checked.events.push(row(name, &data));
    }

    /// What goes by a name, with the types and plans that it reaches before it. None if there is
    /// nothing.
    fn members<T: Copy>(
        &mut self,
        of: &[(&str, T)],
        text: impl Fn(&mut Declarations<'_>, &str, T, &mut MemberNames) -> MemberText,
    ) -> Option<MemberTexts> {
        let mut names = MemberNames::of(of.iter().map(|(name, _)| (*name).to_owned()));
        let mut members = MemberTexts::default();
        for (name, one) in of {
            members.add(text(&mut self.out, name, *one, &mut names), "");
        }
        self.out.declare();
        self.out.print_plans();
        (!of.is_empty()).then_some(members)
    }

    /// All types as data, for the checks of the npm package.
    fn types(&mut self) {
        let types = self.out.data_of_types();
        let CheckedConstants { interfaces, events, keys } = std::mem::take(&mut self.checked);
        let mut parts = vec![format!("types: {},", block(&types, "    ", "  "))];
        for (name, rows) in [("interfaces", interfaces), ("events", events), ("keys", keys)] {
            let rows: Vec<String> = rows.iter().map(|row| format!("    {row}\n")).collect();
            if !rows.is_empty() {
                parts.push(format!("{name}: [\n{}  ],", rows.concat()));
            }
        }
        let parts = block(&parts, "  ", "");
        self.out.push(&format!("\nexport const {TYPES}: $.Types = {parts};\n"));
    }
}

/// A constant with what the values of its members are.
fn row(constant: &str, data: &[String]) -> String {
    format!("[{constant}, {}],", block(data, "      ", "    "))
}

/// The members of an interface or the like, a text for each.
#[derive(Debug, Default)]
struct MemberTexts {
    types: Vec<String>,
    constants: Vec<String>,
    data: Vec<String>,
}

impl MemberTexts {
    /// Adds one, with these docs above its type.
    fn add(&mut self, member: MemberText, docs: &str) {
        let MemberText { name, ty, constant, data } = member;
        self.types.push(format!("{docs}  {}: {ty};", identifier::member(&name)));
        self.constants.push(format!("{},", identifier::constant_entry(&name, &constant)));
        self.data.push(format!("{},", identifier::constant_entry(&name, &data)));
    }
}

/// Lines in braces.
fn block(lines: &[String], indent: &str, end: &str) -> String {
    if lines.is_empty() {
        return "{}".to_owned();
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("{indent}{line}\n")).collect();
    format!("{{\n{}{end}}}", lines.concat())
}
