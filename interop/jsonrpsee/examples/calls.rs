use jsonrpsee::{
    core::client::{ClientT, Error, Subscription, SubscriptionClientT},
    rpc_params,
    ws_client::WsClientBuilder,
};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("ws://127.0.0.1:PORT/")?;
    let client = WsClientBuilder::default().build(url).await?;

    let size: u64 = client.request("demo.archive.size", rpc_params!["a.txt"]).await?;
    println!("{size} bytes");
    match client.request::<u64, _>("demo.archive.size", rpc_params!["none"]).await {
        Err(Error::Call(error)) => {
            println!(
                "{} {} {}",
                error.code(),
                error.message(),
                error.data().map_or("", |data| data.get())
            );
        }
        other => println!("{other:?}"),
    }

    let mut told: Subscription<(String,)> = client.subscribe_to_method("demo.desk.told").await?;
    client.request::<(), _>("demo.archive.tell", rpc_params!["hello"]).await?;
    if let Some(Ok((text,))) = told.next().await {
        println!("told: {text}");
    }

    // The items come to the subscription. Its end comes to who hears the method.
    let mut ends: Subscription<Value> =
        client.subscribe_to_method("demo.archive.countdown").await?;
    let mut countdown: Subscription<u32> =
        client.subscribe("demo.archive.countdown", rpc_params![2], "rpc.unsubscribe").await?;
    loop {
        tokio::select! {
            biased;
            Some(item) = countdown.next() => println!("{}", item?),
            Some(_) = ends.next() => break println!("done"),
        }
    }
    Ok(())
}
