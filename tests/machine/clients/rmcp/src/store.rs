use std::fs;
use std::path::PathBuf;

use async_trait::async_trait;
use rmcp::transport::auth::{AuthError, CredentialStore, StoredCredentials};

/// The SDK's CredentialStore, in a file.
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    pub fn new() -> Self {
        let home = std::env::var("HOME").unwrap_or_default();
        Self {
            path: PathBuf::from(home).join("mcp.json"),
        }
    }
}

#[async_trait]
impl CredentialStore for FileStore {
    async fn load(&self) -> Result<Option<StoredCredentials>, AuthError> {
        let Ok(content) = fs::read(&self.path) else {
            return Ok(None);
        };
        serde_json::from_slice(&content).map(Some).map_err(failed)
    }

    async fn save(&self, credentials: StoredCredentials) -> Result<(), AuthError> {
        let content = serde_json::to_vec(&credentials).map_err(failed)?;
        fs::write(&self.path, content).map_err(failed)
    }

    async fn clear(&self) -> Result<(), AuthError> {
        fs::remove_file(&self.path).map_err(failed)
    }
}

fn failed(error: impl std::fmt::Display) -> AuthError {
    AuthError::CredentialStoreError(error.to_string())
}
