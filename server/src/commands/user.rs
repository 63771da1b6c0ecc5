//! `switchboard user`: people.

use anyhow::Context as _;
use clap::Subcommand;

use super::tenant::find as find_tenant;
use super::{DatabaseOption, Workplace, moment, say};
use server::deeds::Author;
use server::people::{self, LinkPurpose, NewUser, Person, PersonChange, Role, Token, normal_email};
use server::store::Tenant;

/// How many are read at once.
const PAGE: u32 = 500;

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Adds a person to a business and prints the link that lets them in.
    Create {
        /// The business's id.
        #[arg(long)]
        tenant: String,
        /// The e-mail address.
        #[arg(long)]
        email: String,
        /// The name.
        #[arg(long)]
        name: String,
        /// agent, supervisor or admin.
        #[arg(long, default_value = "agent")]
        role: Role,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Lists the people of a business: id, role, state, address, name.
    List {
        /// The business's id.
        #[arg(long)]
        tenant: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Prints a link with which a person chooses a new password.
    ResetLink {
        /// The person's e-mail address.
        email: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Switches a person off, which ends their sessions.
    Disable {
        /// The person's e-mail address.
        email: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Switches a person on again.
    Enable {
        /// The person's e-mail address.
        email: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Gives a person another role.
    SetRole {
        /// The person's e-mail address.
        email: String,
        /// agent, supervisor or admin.
        role: Role,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Create {
                tenant,
                email,
                name,
                role,
                database,
            } => {
                let work = database.open().await?;
                let tenant = find_tenant(&work, &tenant).await?;
                create(&work, &tenant, &NewUser::checked(&email, &name, role)?).await
            }
            Self::List { tenant, database } => {
                let work = database.open_unchanged().await?;
                let tenant = find_tenant(&work, &tenant).await?;
                list(&work, &tenant).await
            }
            Self::ResetLink { email, database } => {
                reset_link(&database.open().await?, &email).await
            }
            Self::Disable { email, database } => {
                let off = PersonChange {
                    disabled: Some(true),
                    ..PersonChange::default()
                };
                change(&database.open().await?, &email, &off).await
            }
            Self::Enable { email, database } => {
                let on = PersonChange {
                    disabled: Some(false),
                    ..PersonChange::default()
                };
                change(&database.open().await?, &email, &on).await
            }
            Self::SetRole {
                email,
                role,
                database,
            } => {
                let role = PersonChange {
                    role: Some(role),
                    ..PersonChange::default()
                };
                change(&database.open().await?, &email, &role).await
            }
        }
    }
}

async fn create(work: &Workplace, tenant: &Tenant, new: &NewUser) -> anyhow::Result<()> {
    let (token, now) = (Token::random(), work.clock.now_ms());
    let expires_at = now + people::INVITATION_LIFE_MS;
    let added = work
        .store
        .people()
        .invite(
            tenant,
            new,
            &token.hash(),
            expires_at,
            &Author::operator(),
            now,
        )
        .await?;
    anyhow::ensure!(added, "Somebody has this e-mail address already.");
    say_link(work, &token, LinkPurpose::Invitation, expires_at);
    Ok(())
}

async fn list(work: &Workplace, tenant: &Tenant) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = work
            .store
            .people()
            .page(tenant, after.as_deref(), PAGE)
            .await?;
        for person in &page {
            say(&format!(
                "{}  {}  {}  {}  {}",
                person.id,
                person.role.name(),
                state(person),
                person.email,
                person.name
            ));
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.id.clone()),
            _ => return Ok(()),
        }
    }
}

fn state(person: &Person) -> String {
    match (person.disabled_at, person.last_sign_in_at) {
        (Some(at), _) => format!("off since {}", moment(at)),
        (None, Some(at)) => format!("signed in {}", moment(at)),
        (None, None) => "never signed in".to_owned(),
    }
}

async fn reset_link(work: &Workplace, email: &str) -> anyhow::Result<()> {
    let (tenant, id) = find(work, email).await?;
    let (token, now) = (Token::random(), work.clock.now_ms());
    let expires_at = now + people::RESET_LIFE_MS;
    let purpose = LinkPurpose::Reset;
    work.store
        .people()
        .replace_password_link(
            &tenant,
            &id,
            purpose,
            &token.hash(),
            expires_at,
            &Author::operator(),
            now,
        )
        .await?;
    say_link(work, &token, purpose, expires_at);
    Ok(())
}

async fn change(work: &Workplace, email: &str, change: &PersonChange) -> anyhow::Result<()> {
    let (tenant, id) = find(work, email).await?;
    let now = work.clock.now_ms();
    work.store
        .people()
        .change(&tenant, &id, change, &Author::operator(), now)
        .await??;
    say("Done.");
    Ok(())
}

async fn find(work: &Workplace, email: &str) -> anyhow::Result<(Tenant, String)> {
    let email = normal_email(email);
    let found = work.store.people().find_person(&email).await?;
    found.with_context(|| format!("Nobody has the e-mail address {email}."))
}

fn say_link(work: &Workplace, token: &Token, purpose: LinkPurpose, expires_at: i64) {
    let path = people::password_path(token, purpose);
    say(&work.config.url_of(&path));
    say(&format!("It works once, until {}.", moment(expires_at)));
}
