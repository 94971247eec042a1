//! By which ways something leaves: the declared mail server and addresses, with secrets looked up when they are needed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dialmark_ingest::secret;
use dialmark_model::secret::Secret;
use dialmark_post::{Login, MailServer, Security};
use dialmark_project::mail::{self, Mail};

use super::signing;

/// Where another program takes posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooked {
    /// Where its address is: whoever knows it may write there.
    pub url: Secret,
    /// Where what posts are signed with is, if they are.
    pub signed_with: Option<Secret>,
}

/// What is declared for sending.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// The mail server, if one is declared.
    pub mail: Option<Mail>,
    /// Where the addresses of other programs are, by name of the channel.
    pub hooks: BTreeMap<String, Hooked>,
    /// The project's folder, which files are relative to.
    pub folder: PathBuf,
}

impl Ways {
    /// The mail server with its password. A sentence where there is none, or where a file or variable cannot be read.
    pub fn mail_server(&self) -> Result<MailServer, String> {
        let mail = self.declared_mail()?;
        let login = mail.login.as_ref().map(|(user, password)| {
            let password = secret(password, "password", &self.folder);
            password.map(|password| Login { user: user.clone(), password })
        });
        let login = login.transpose().map_err(|why| format!("[mail] of dialmark.toml: {why}"))?;
        let trusted = mail.trusted.as_ref().map(|path| {
            let path = self.folder.join(path);
            std::fs::read(&path).map_err(|error| {
                format!("{}, which `trusted` of [mail] names, cannot be read: {error}.", path.display())
            })
        });
        Ok(MailServer {
            host: mail.host.clone(),
            port: mail.port,
            security: match mail.security {
                mail::Security::Tls => Security::Tls,
                mail::Security::StartTls => Security::StartTls,
                mail::Security::None => Security::None,
            },
            login,
            trusted: trusted.transpose()?,
        })
    }

    /// What is declared of the mail server; a sentence where nothing is.
    pub fn declared_mail(&self) -> Result<&Mail, String> {
        self.mail.as_ref().ok_or_else(|| {
            "No mail server is declared. Add `[mail]` with `host` and `from` to dialmark.toml.".to_owned()
        })
    }

    /// The address that a name stands for, and what posts to it are signed with. A sentence where one of them cannot be had: that
    /// is ours to mend, and what is to be posted waits.
    pub(super) fn hook(&self, name: &str) -> Result<(String, Option<Vec<u8>>), String> {
        let declared = self.hooks.get(name);
        let declared = declared.ok_or_else(|| format!("The channel `{name}` is not declared any more."))?;
        let of_channel = |why: String| format!("The channel `{name}`: {why}");
        let url = secret(&declared.url, "url", &self.folder).map_err(of_channel)?.trim().to_owned();
        if !url.starts_with("https://") && !url.starts_with("http://") {
            // What was found there instead may be another secret, so it is not shown.
            return Err(of_channel("what its `url` leads to is no address such as `https://…`.".to_owned()));
        }
        let text = declared.signed_with.as_ref().map(|from| secret(from, "secret", &self.folder));
        let key = text.transpose().and_then(|text| text.map(|text| signing::key(&text)).transpose());
        Ok((url, key.map_err(of_channel)?))
    }
}
