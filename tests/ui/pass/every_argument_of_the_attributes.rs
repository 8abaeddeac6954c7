use ipc_runtime::{CallContext, Client, interface::{Compat, MethodKind}, ipc_interface};

#[ipc_interface(
    channel = "demo.all-of_it.1",
    version = "1.2.3-beta.1+build.5",
    compat = "exact",
    rename_all = "camelCase"
)]
trait Everything {
    #[ipc(notification)]
    fn tell_it(&self, the_line: &str);
    #[ipc(notification, blocking)]
    fn tell_slowly(&self);
    #[ipc(name = "ls", timeout = "500ms")]
    #[ipc(no_cancel)]
    async fn read_dir(&self, #[ipc(name = "in")] dir_name: &str) -> Vec<String>;
    #[ipc(blocking, timeout = "none")]
    fn slow_sum(&self, #[ipc(context)] call_context: &CallContext, of: &[u8]) -> u64;
    async fn nothing(&self) -> ();
}

fn main() {
    let interface = EverythingClient::INTERFACE;
    assert_eq!(interface.compat, Compat::Exact);
    let names: Vec<_> = interface.methods.iter().map(|method| method.name).collect();
    assert_eq!(names, ["tellIt", "tellSlowly", "ls", "slowSum", "nothing"]);
    assert_eq!(interface.methods[0].kind, MethodKind::Notification);
    assert_eq!(interface.methods[0].arguments[0].name, "theLine");
    assert_eq!(interface.methods[2].arguments[0].name, "in");
    assert!(!interface.methods[2].cancellable);
}
