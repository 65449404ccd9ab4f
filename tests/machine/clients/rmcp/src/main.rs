//! Takes steps at a protected MCP server with rmcp, the official Rust SDK, given nothing but the URL:
//!
//! `rmcp-client URL STEP...`
//!
//! A step is list, or TOOL=ARGUMENTS, the arguments as JSON. Each prints a line of JSON. Logins open $BROWSER. What the
//! SDK asks its application to store is kept in $HOME/mcp.json.

mod browser;
mod store;

use std::error::Error;
use std::process::ExitCode;

use browser::Browser;
use rmcp::ServiceExt;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{ClientInitializeError, RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{
    AuthClient, AuthorizationManager, AuthorizationRequest, OAuthState, WWWAuthenticateParams,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::Value;
use store::FileStore;
use url::Url;

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or_default();
    let Err(error) = run(&url, args).await else {
        return ExitCode::SUCCESS;
    };
    let mut cause: Option<&dyn Error> = Some(error.as_ref());
    while let Some(current) = cause {
        eprintln!("{current}");
        cause = current.source();
    }
    ExitCode::FAILURE
}

async fn run(url: &str, steps: impl Iterator<Item = String>) -> Result<(), Failure> {
    let application = Application::new(url).await?;
    let client = application.connect().await?;
    for step in steps {
        println!("{}", application.take(&client, &step).await?);
    }
    Ok(())
}

struct Application {
    url: Url,
    auth: AuthClient<reqwest::Client>,
    browser: Browser,
}

impl Application {
    async fn new(url: &str) -> Result<Self, Failure> {
        let mut manager = new_manager(url).await?;
        manager.initialize_from_store().await?;
        Ok(Self {
            url: Url::parse(url)?,
            auth: AuthClient::new(reqwest::Client::new(), manager),
            browser: Browser::new().await?,
        })
    }

    async fn connect(&self) -> Result<RunningService<RoleClient, ()>, Failure> {
        match self.try_to_connect().await {
            Err(error) if error.auth_challenge().is_some() => {
                self.log_in(error.auth_challenge().unwrap_or_default())
                    .await?;
                Ok(self.try_to_connect().await?)
            }
            client => Ok(client?),
        }
    }

    async fn try_to_connect(
        &self,
    ) -> Result<RunningService<RoleClient, ()>, ClientInitializeError> {
        let config = StreamableHttpClientTransportConfig::with_uri(self.url.as_str());
        ().serve(StreamableHttpClientTransport::with_client(
            self.auth.clone(),
            config,
        ))
        .await
    }

    async fn take(
        &self,
        client: &RunningService<RoleClient, ()>,
        step: &str,
    ) -> Result<Value, Failure> {
        match take_once(client, step).await {
            Err(error) if error.auth_challenge().is_some() => {
                self.log_in(error.auth_challenge().unwrap_or_default())
                    .await?;
                Ok(take_once(client, step).await?)
            }
            answer => Ok(answer?),
        }
    }

    async fn log_in(&self, challenge: &str) -> Result<(), Failure> {
        let mut manager = self.auth.auth_manager.lock().await;
        let asked = WWWAuthenticateParams::parse(challenge, &self.url);
        if asked.is_insufficient_scope() {
            let page = manager
                .request_scope_upgrade(&asked.scope.unwrap_or_default())
                .await?;
            let back = self.browser.visit(&page).await?;
            manager
                .exchange_code_for_token_with_issuer(
                    &back.code,
                    &back.csrf_token,
                    back.issuer.as_deref(),
                )
                .await?;
            return Ok(());
        }
        let mut state = OAuthState::Unauthorized(new_manager(self.url.as_str()).await?);
        let request = AuthorizationRequest::new(&self.browser.redirect_uri)
            .with_client_name("rmcp client")
            .with_initial_scope_selection()
            .with_challenge(challenge);
        state.start_authorization(request).await?;
        let back = self
            .browser
            .visit(&state.get_authorization_url().await?)
            .await?;
        state
            .handle_callback_with_issuer(&back.code, &back.csrf_token, back.issuer.as_deref())
            .await?;
        *manager = state
            .into_authorization_manager()
            .ok_or("The login did not complete.")?;
        Ok(())
    }
}

async fn new_manager(url: &str) -> Result<AuthorizationManager, Failure> {
    let mut manager = AuthorizationManager::new(url).await?;
    manager.set_credential_store(FileStore::new());
    Ok(manager)
}

async fn take_once(
    client: &RunningService<RoleClient, ()>,
    step: &str,
) -> Result<Value, ServiceError> {
    let answer = match step.split_once('=') {
        None => serde_json::to_value(client.list_tools(None).await?),
        Some((tool, arguments)) => {
            let arguments = serde_json::from_str(arguments).unwrap_or_default();
            let params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
            serde_json::to_value(client.call_tool(params).await?)
        }
    };
    Ok(answer.unwrap_or_default())
}
