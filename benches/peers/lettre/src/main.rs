//! `convoke-bench-lettre PORT CONNECTIONS LETTERS (plain|starttls) CA TEMPLATES`: sends by lettre's pool, as shipped, each letter
//! rendered by handlebars.

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [port, connections, letters, security, ca, templates] = words.as_slice() else { return Err("six words are needed".into()) };
    let (connections, letters): (u32, usize) = (connections.parse()?, letters.parse()?);
    let mut pages = handlebars::Handlebars::new();
    for name in ["letter.txt", "letter.html"] {
        pages.register_template_string(name, std::fs::read_to_string(format!("{templates}/{name}"))?)?;
    }
    let pages = Arc::new(pages);
    let pool = PoolConfig::new().max_size(connections);
    let mut mailer = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("localhost").port(port.parse()?).pool_config(pool);
    if security == "starttls" {
        let trusted = Certificate::from_pem(&std::fs::read(ca)?)?;
        mailer = mailer.tls(Tls::Required(TlsParameters::builder("localhost".to_owned()).add_root_certificate(trusted).build()?));
    }
    let mailer = mailer.build();
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = Vec::new();
    for _ in 0..connections {
        let (pages, mailer, next) = (pages.clone(), mailer.clone(), next.clone());
        workers.push(tokio::spawn(async move {
            let from: Mailbox = "Workshop <workshop@primaria.example>".parse()?;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= letters {
                    return Ok(());
                }
                let (name, email) = (format!("Guest Number {number}"), format!("guest{number}@post.example"));
                let values = BTreeMap::from([("name", name.as_str()), ("email", email.as_str())]);
                let body = MultiPart::alternative_plain_html(pages.render("letter.txt", &values)?, pages.render("letter.html", &values)?);
                let letter = Message::builder().from(from.clone()).to(Mailbox::new(Some(name), email.parse()?));
                mailer.send(letter.subject("Invitation: ECoC-SME online workshop").multipart(body)?).await?;
            }
            #[allow(unreachable_code)]
            Outcome::Ok(())
        }));
    }
    for worker in workers {
        worker.await??;
    }
    Ok(())
}
