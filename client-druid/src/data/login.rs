//! The login form.

use std::sync::Arc;

use druid::{Data, Lens};
use proto_core::text::Name;
use proto_std::address::{Fingerprint, ServerAddr};
use proto_std::secret::Secret;
use proto_std::session::{Error, ErrorKind};

use super::save_as::capital;

/// What is typed, and what was wrong with it.
#[derive(Clone, Data, Debug, Default, Lens)]
pub(crate) struct Login {
    pub(crate) server: String,
    pub(crate) name: String,
    pub(crate) secret: String,
    /// Whether the field for the secret is shown.
    pub(crate) has_secret: bool,
    /// Whether an attempt runs.
    pub(crate) busy: bool,
    pub(crate) server_error: Option<Arc<str>>,
    pub(crate) name_error: Option<Arc<str>>,
    pub(crate) secret_error: Option<Arc<str>>,
    /// Trouble that belongs to no field.
    #[data(eq)]
    pub(crate) trouble: Option<Arc<Error>>,
    /// A server that was never seen before, waiting for the user's word.
    #[data(eq)]
    pub(crate) contact: Option<Fingerprint>,
}

/// What a filled form means.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) server: ServerAddr,
    pub(crate) name: Name,
    pub(crate) secret: Option<Secret>,
}

impl Login {
    /// Reads the form; marks what is wrong with it.
    pub(crate) fn check(&mut self) -> Option<Credentials> {
        self.forgive();
        let server = self.server.trim().parse::<ServerAddr>();
        let name = Name::parse(self.name.trim());
        let typed = self.secret.trim();
        let secret = match typed {
            "" => Ok(None),
            typed => typed.parse::<Secret>().map(Some),
        };
        if let Err(why) = &server {
            let why = if self.server.trim().is_empty() {
                "Type the server's address, such as 192.168.1.5".to_owned()
            } else {
                capital(&why.to_string())
            };
            self.server_error = Some(why.into());
        }
        if let Err(why) = &name {
            let empty = self.name.trim().is_empty();
            let why = if empty {
                "Type the name that others shall see".to_owned()
            } else {
                capital(&why.to_string())
            };
            self.name_error = Some(why.into());
        }
        if secret.is_err() {
            let why = "A secret has 52 letters and digits";
            self.secret_error = Some(why.into());
        }
        Some(Credentials { server: server.ok()?, name: name.ok()?, secret: secret.ok()? })
    }

    /// Takes the marks away.
    pub(crate) fn forgive(&mut self) {
        self.server_error = None;
        self.name_error = None;
        self.secret_error = None;
        self.trouble = None;
        self.contact = None;
    }

    /// The attempt failed: says so where the eye is.
    pub(crate) fn on_failed(&mut self, error: Error) {
        self.busy = false;
        self.contact = None;
        match error.kind {
            ErrorKind::NameTaken => {
                self.name_error = Some(format!("{}. {}", capital(&error.why), error.next).into());
            }
            ErrorKind::WrongSecret => {
                self.has_secret = true;
                self.secret_error = Some("The server wants its secret, and this is not it".into());
            }
            ErrorKind::Other
            | ErrorKind::Usage
            | ErrorKind::Unreachable
            | ErrorKind::KeyChanged
            | ErrorKind::Refused
            | ErrorKind::NotFound
            | ErrorKind::Checksum
            | ErrorKind::Partial
            | ErrorKind::Disk
            | ErrorKind::Timeout => self.trouble = Some(Arc::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_is_told_at_its_field() {
        let mut login = Login {
            server: "http://x".into(),
            name: "all".into(),
            secret: "short".into(),
            ..Login::default()
        };
        assert!(login.check().is_none());
        assert!(login.server_error.as_ref().unwrap().starts_with("An address begins"));
        assert!(login.name_error.as_ref().unwrap().starts_with("A name cannot"));
        assert!(login.secret_error.is_some());

        login = Login { server: " 10.0.0.1 ".into(), name: " leah".into(), ..Login::default() };
        let credentials = login.check().unwrap();
        assert_eq!(credentials.server.to_string(), "10.0.0.1:50000");
        assert_eq!(credentials.name.as_str(), "leah");
    }

    #[test]
    fn a_taken_name_is_told_at_the_name_and_a_secret_is_asked_for() {
        let mut login = Login { busy: true, ..Login::default() };
        let taken = Error::new(
            ErrorKind::NameTaken,
            "cannot log in as leah",
            "the name is taken",
            "Try leah2.",
        );
        login.on_failed(taken);
        assert_eq!(login.name_error.as_deref(), Some("The name is taken. Try leah2."));
        assert!(!login.busy && !login.has_secret);

        login.on_failed(Error::new(ErrorKind::WrongSecret, "", "", ""));
        assert!(login.has_secret && login.secret_error.is_some());
    }
}
