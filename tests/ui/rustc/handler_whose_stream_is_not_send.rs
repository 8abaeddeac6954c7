use ipc_runtime::{Stream, ipc_interface};

#[ipc_interface(channel = "demo.files", version = "1.0.0")]
trait Files {
    #[ipc(subscription)]
    fn ticks(&self) -> impl Stream<Item = u64>;
}

struct Disk;

impl Files for Disk {
    fn ticks(&self) -> impl Stream<Item = u64> {
        let start = std::rc::Rc::new(1);
        futures_util::stream::once(async move { *start })
    }
}

fn main() {}
