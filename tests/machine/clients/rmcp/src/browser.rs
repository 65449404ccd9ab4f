use std::error::Error;

use rmcp::transport::auth::AuthorizationCallback;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;

/// $BROWSER, and where it comes back to: a port of this computer.
pub struct Browser {
    pub redirect_uri: String,
    listener: TcpListener,
}

impl Browser {
    pub async fn new() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let redirect_uri = format!("http://{}/callback", listener.local_addr()?);
        Ok(Self {
            redirect_uri,
            listener,
        })
    }

    pub async fn visit(&self, page: &str) -> Result<AuthorizationCallback, Box<dyn Error>> {
        Command::new(std::env::var("BROWSER")?).arg(page).spawn()?;
        let (mut stream, _) = self.listener.accept().await?;
        let mut line = String::new();
        BufReader::new(&mut stream).read_line(&mut line).await?;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .await?;
        let path = line.split(' ').nth(1).unwrap_or_default();
        Ok(AuthorizationCallback::from_redirect_url(&format!(
            "http://localhost{path}"
        ))?)
    }
}
