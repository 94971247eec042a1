//! Handing a letter to a mail server.

use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};

use crate::letter::Sealed;
use crate::unsent::Unsent;

/// Longest time that the server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte, mostly on port 465.
    Tls,
    /// TLS after the greeting, mostly on port 587; without it nothing is sent.
    StartTls,
    /// None, for a server on this machine.
    None,
}

/// By whom the server lets itself be used.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Name of the account.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A server that takes letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// By whom it lets itself be used.
    pub login: Option<Login>,
    /// Certificates in PEM that are trusted besides the machine's own.
    pub trusted: Option<Vec<u8>>,
}

impl MailServer {
    fn transport(&self) -> Result<SmtpTransport, String> {
        let tls = match self.security {
            Security::None => Tls::None,
            Security::Tls => Tls::Wrapper(self.tls()?),
            Security::StartTls => Tls::Required(self.tls()?),
        };
        let mut builder = SmtpTransport::builder_dangerous(self.host.as_str())
            .port(self.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some(login) = &self.login {
            builder = builder.credentials(Credentials::new(login.user.clone(), login.password.clone()));
        }
        Ok(builder.build())
    }

    fn tls(&self) -> Result<TlsParameters, String> {
        let mut tls = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.trusted {
            let certificate = Certificate::from_pem(pem)
                .map_err(|error| format!("The trusted certificates cannot be read: {error}."))?;
            tls = tls.add_root_certificate(certificate);
        }
        tls.build_rustls().map_err(|error| format!("TLS cannot be set up: {error}."))
    }
}

/// Hands a letter over; `Ok` is what the server said as it took it. From then on the letter is its business.
pub fn hand_over(server: &MailServer, letter: &Sealed) -> Result<String, Unsent> {
    let envelope = || -> Result<Envelope, lettre::address::AddressError> {
        Ok(Envelope::new(Some(letter.from.parse()?), vec![letter.to.parse()?])
            .ok()
            .unwrap_or_else(|| unreachable!("there is one recipient")))
    };
    let envelope = envelope()
        .map_err(|error| Unsent::Refused(format!("`{}` cannot be written to: {error}.", letter.to)))?;
    let transport = server.transport().map_err(Unsent::Later)?;
    match transport.send_raw(&envelope, &letter.bytes) {
        Ok(response) => {
            let said: Vec<&str> = response.message().collect();
            Ok(format!("{} {}", response.code(), said.join(" ")))
        }
        Err(error) => {
            let at = format!("{}:{}", server.host, server.port);
            let why = format!("The mail server {at} did not take the letter: {}.", chained(&error));
            // A refused login is the operator's mistake and not the letter's: once it is mended the letter is wanted.
            let is_login = error
                .status()
                .is_some_and(|code| matches!(code.to_string().as_str(), "530" | "534" | "535" | "538"));
            match error.is_permanent() && !is_login {
                true => Err(Unsent::Refused(why)),
                false => Err(Unsent::Later(why)),
            }
        }
    }
}

/// An error with its causes, each said once.
fn chained(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = inner.source();
    }
    text.trim_end_matches('.').to_owned()
}
