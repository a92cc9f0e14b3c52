//! One letter's way through a seat, and what is prepared beside it.

use super::{
    ledger::{Deed, Entry, Settlement, heard},
    office::{Cause, Office},
    seat::{Claim, Job, Seat},
    setback::Whose,
    tray::Taken,
};
use crate::{
    model::Signal,
    net::smtp::{Outcome, Parcel},
    plan::streak::End,
    store::{self, Error, Store, outbox::Upcoming},
    work::{Step, edition::told},
};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};

/// How many letters of a hand are written ahead: the one that is announced behind the dot, and the one after it.
const WRITTEN: usize = 2;
/// How long a settlement may wait for the claim of the next letter, so that both share a commit.
const TOGETHER: Duration = Duration::from_millis(3);
/// How long all connections but one rest, and look again, after a letter without an answer.
const DOUBT: SignedDuration = SignedDuration::from_secs(10);

pub(super) struct Turn<'a> {
    pub office: &'a Arc<Office>,
    pub store: &'a Store,
    pub now: &'a (dyn Fn() -> Timestamp + Sync),
    /// Other letters may be taken before this one is answered.
    pub ahead: bool,
}

impl Turn<'_> {
    fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub async fn take(self, seat: &mut Seat) -> store::Result<Step> {
        if seat.office.is_none() {
            seat.office = Some(self.office.clone());
        }
        if self.office.ledger.is_behind() {
            self.office.settled(self.store).await?;
        }
        if let Some(rest) = self.first(seat).await? {
            return Ok(rest);
        }
        if self.announced(seat).await? && self.claimed(seat).await? {
            self.send(seat).await?;
        }
        Ok(Step::Did)
    }

    /// Sees to it that there is a letter in the hand and a connection for it, or says how long to rest.
    async fn first(&self, seat: &mut Seat) -> store::Result<Option<Step>> {
        let now = self.now();
        if seat.number > 0 && seat.number >= self.office.shared().crowd.allowed(now) {
            seat.put_down("the relay wants fewer connections");
            seat.goodbye().await;
            self.office.settled(self.store).await?;
            return Ok(Some(Step::Rest { until: None }));
        }
        if seat.number > 0
            && let Some(until) = self.doubt(now)
        {
            seat.put_down("the relay did not answer another letter");
            seat.goodbye().await;
            self.office.settled(self.store).await?;
            return Ok(Some(Step::Rest { until }));
        }
        if seat.hand.is_empty() {
            let beyond = if seat.relay.is_some() { 0 } else { usize::try_from(seat.number).unwrap_or(0) };
            let mut anew = true;
            loop {
                match self.office.take(now, beyond) {
                    Taken::Letter(letter) => break seat.hand.push_back(Job::new(letter, now)),
                    Taken::Empty(_) if anew => self.office.look(self.store, now, std::mem::take(&mut anew)).await?,
                    Taken::Rest(until) | Taken::Empty(until) => return Ok(Some(Step::Rest { until })),
                    Taken::Look => {
                        anew = false;
                        self.office.look(self.store, now, false).await?;
                    }
                }
            }
        }
        // On a connection that has announced something, the wire tells by itself what became of it.
        let at_work = seat.relay.is_some() && seat.hand.front().is_some_and(|job| job.announced);
        if at_work || seat.connected(self.office, self.store, self.now).await? {
            return Ok(None);
        }
        seat.put_down("no connection to the relay");
        self.office.settled(self.store).await?;
        let until = self.office.shared().backoff.rests(self.now());
        Ok(Some(Step::Rest { until: until.filter(|_| seat.number == 0) }))
    }

    /// Where the relay left a letter without an answer, only seat 0 goes on until it accepts one, because the others would each lose
    /// one more; until when they rest before they look again, if that is soon.
    fn doubt(&self, now: Timestamp) -> Option<Option<Timestamp>> {
        let since = self.office.shared().streak.in_doubt()?;
        let until = since.saturating_add(DOUBT).unwrap_or(since);
        Some((since <= now && now < until).then_some(until))
    }

    /// True when the server waits for the body of the front letter.
    async fn announced(&self, seat: &mut Seat) -> store::Result<bool> {
        if !self.write(seat, 0).await? {
            return Ok(false);
        }
        let (Some(relay), Some(job)) = (&mut seat.relay, seat.hand.front_mut()) else { return Ok(false) };
        let Some(parcel) = &job.parcel else { return Ok(false) };
        if !job.announced {
            job.announced = true;
            if let Err(outcome) = relay.open(parcel).await {
                self.refused(seat, outcome).await?;
                return Ok(false);
            }
        }
        let ready = match seat.told.take() {
            Some(outcome) => Err(outcome),
            None => relay.ready().await,
        };
        match ready {
            Ok(()) => Ok(true),
            Err(outcome) => {
                self.refused(seat, outcome).await?;
                Ok(false)
            }
        }
    }

    /// The front letter found its end before its body was written.
    async fn refused(&self, seat: &mut Seat, mut outcome: Outcome) -> store::Result<()> {
        let asked = seat.hand.front().is_some_and(|job| !matches!(job.claim, Claim::Unasked));
        let claimed = asked && self.granted(seat).await?;
        let Some(job) = seat.hand.pop_front() else { return Ok(()) };
        let alone = self.deferred_alone(&job, &mut outcome);
        if seat.relay.as_ref().is_some_and(|relay| !relay.usable()) {
            seat.hang_up();
        }
        if asked {
            seat.claims = seat.claims.saturating_sub(1);
        }
        let begun = !matches!(outcome.signal, Signal::NotBegun { .. });
        if !begun {
            self.office.shared().give_back(self.now());
        }
        if claimed || begun && !asked {
            let now = self.now();
            let entries = self.entries(&job, &outcome, now, !claimed);
            self.office.enter(self.store, entries);
        } else {
            self.office.release([job.letter.id]);
        }
        if alone { Ok(()) } else { self.weather(seat, outcome).await }
    }

    /// Defers a letter that was not begun twice in a row while no other met trouble: true. That is no trouble of the relay, so that
    /// the others go on at once.
    fn deferred_alone(&self, job: &Job, outcome: &mut Outcome) -> bool {
        let (Signal::NotBegun { why }, Some(_)) = (&outcome.signal, &outcome.relay_trouble) else { return false };
        let alone = self.office.shared().setbacks.meet(job.letter.id) == Whose::Letters;
        if alone {
            outcome.signal = Signal::Deferred { why: format!("{why}, each time that this letter was tried, and no other") };
            outcome.relay_trouble = None;
        }
        alone
    }

    /// True when the claim of the front letter is on the disk. A letter that is not to be had must not be sent: the
    /// connection on which it is announced is given up.
    async fn claimed(&self, seat: &mut Seat) -> store::Result<bool> {
        if let Some(job) = seat.hand.front_mut()
            && matches!(job.claim, Claim::Unasked)
        {
            let ask = job.ask(self.now());
            seat.claims += 1;
            self.office.enter(self.store, [ask]);
        }
        if self.granted(seat).await? {
            return Ok(true);
        }
        let Some(job) = seat.hand.pop_front() else { return Ok(false) };
        seat.claims = seat.claims.saturating_sub(1);
        seat.hang_up();
        let mut shared = self.office.shared();
        shared.give_back(self.now());
        shared.tray.release([job.letter.id]);
        shared.tray.clear();
        Ok(false)
    }

    /// Waits for the answer to the front letter's claim. Where the disk refuses, everything is put down.
    async fn granted(&self, seat: &mut Seat) -> store::Result<bool> {
        let Some(job) = seat.hand.front_mut() else { return Ok(false) };
        if let Some(granted) = job.granted().await {
            return Ok(granted);
        }
        seat.hang_up();
        seat.put_down("the database could not save that it begins");
        self.office.refused()?;
        Err(Error::Closed)
    }

    /// Writes the front letter, with the next one announced behind its dot, and hears what became of it.
    async fn send(&self, seat: &mut Seat) -> store::Result<()> {
        if self.ahead && seat.hand.len() < WRITTEN {
            let now = self.now();
            if let Taken::Letter(next) = self.office.take(now, 0) {
                seat.hand.push_back(Job::new(next, now));
            }
            self.write(seat, 1).await?;
        }
        let Some(job) = seat.hand.pop_front() else { return Ok(()) };
        let (Some(relay), Some(parcel)) = (&mut seat.relay, &job.parcel) else { return Ok(()) };
        let begun = self.now();
        let sent = match seat.hand.front_mut() {
            Some(next) if next.parcel.is_some() => {
                next.announced = true;
                relay.send(parcel, next.parcel.as_ref()).await
            }
            _ => relay.send(parcel, None).await,
        };
        // What breaks here must not keep the answer from being heard and written down.
        let mut prepared = Ok(());
        let mut outcome = match sent {
            Err(outcome) => outcome,
            Ok(()) => {
                if self.ahead {
                    prepared = self.prepare(seat).await;
                }
                let Some(relay) = &mut seat.relay else { return prepared };
                relay.answer().await
            }
        };
        let alone = self.deferred_alone(&job, &mut outcome);
        let now = self.now();
        seat.used = Some(now);
        seat.claims = seat.claims.saturating_sub(1);
        self.office.shared().speed.letter(now);
        let mut entries = self.entries(&job, &outcome, begun, false);
        entries.extend(self.together(seat).await);
        self.office.enter(self.store, entries);
        let announced = seat.hand.front().is_some_and(|next| next.announced);
        if !announced && seat.relay.as_ref().is_some_and(|relay| !relay.usable()) {
            seat.hang_up();
        }
        if !alone {
            self.weather(seat, outcome).await?;
        }
        prepared
    }

    /// Where the next letter is announced and not claimed, its claim shares the commit that settles this one, if the server
    /// wants it already.
    async fn together(&self, seat: &mut Seat) -> Option<Entry> {
        let (Some(relay), Some(next)) = (&mut seat.relay, seat.hand.front_mut()) else { return None };
        if !next.announced || !matches!(next.claim, Claim::Unasked) || !relay.usable() {
            return None;
        }
        match tokio::time::timeout(TOGETHER, relay.ready()).await {
            Ok(Ok(())) => {
                seat.claims += 1;
                Some(next.ask(self.now()))
            }
            Ok(Err(outcome)) => {
                seat.told = Some(outcome);
                None
            }
            Err(_) => None,
        }
    }

    /// What is to be written down about a letter that found an end, and about its campaign. `begun`: when its body was, if it was.
    fn entries(&self, job: &Job, outcome: &Outcome, begun: Timestamp, unclaimed: bool) -> Vec<Entry> {
        let (letter, at) = (job.letter.id, self.now());
        let Outcome { signal, enhanced, .. } = outcome;
        let (campaign, code) = (job.letter.campaign, outcome.code);
        match signal {
            Signal::Rejected { .. } => tracing::info!(letter, campaign, code, "a letter was refused for good"),
            _ => tracing::debug!(letter, campaign, code, heard = heard(signal), "a letter has been tried"),
        }
        let end = match signal {
            Signal::Accepted { .. } => End::Accepted,
            Signal::Rejected { why } => End::Rejected { enhanced: enhanced.as_deref(), why },
            Signal::Unknown { why } => End::Unanswered { begun, ended: at, why },
            _ => End::Open,
        };
        let pause = self.office.shared().streak.after(job.letter.campaign, &end);
        let patience = match signal {
            Signal::Deferred { .. } => self.office.patience.jittered((self.office.chance)()),
            _ => self.office.patience.clone(),
        };
        let bytes = job.parcel.as_ref().filter(|_| !matches!(signal, Signal::Accepted { .. })).map(|parcel| parcel.raw.clone());
        let unclaimed = unclaimed.then_some(job.letter.stamp.date);
        let enhanced = enhanced.clone();
        let settlement = Settlement { signal: signal.clone(), enhanced, bytes, unclaimed, patience, logged: false };
        let mut entries = vec![Entry { letter, at, deed: Deed::Settle(settlement) }];
        if let Some(why) = pause {
            tracing::warn!(campaign = job.letter.campaign, "a campaign paused itself");
            entries.push(Entry { letter, at, deed: Deed::Pause { campaign: job.letter.campaign, why } });
        }
        entries
    }

    /// What the outcome says of the relay.
    async fn weather(&self, seat: &mut Seat, outcome: Outcome) -> store::Result<()> {
        match outcome.relay_trouble {
            None if matches!(outcome.signal, Signal::NotBegun { .. }) => Ok(()),
            None => self.office.well(self.store).await,
            Some(why) => {
                seat.put_down("the relay had trouble before it");
                let cause = Cause { kind: "a letter was not taken", code: outcome.code, permanent: false };
                self.office.troubled(self.store, why, cause, self.now()).await
            }
        }
    }

    /// Fills the hand while the server reads a letter: letters are taken, at speed claimed, and the first of them written.
    async fn prepare(&self, seat: &mut Seat) -> store::Result<()> {
        let now = self.now();
        let ahead = self.office.shared().speed.ahead(now);
        let (low, want) = if ahead > 1 { (ahead / 2, ahead) } else { (WRITTEN - 1, WRITTEN) };
        if seat.hand.len() <= low {
            let mut looked = false;
            while seat.hand.len() < want {
                match self.office.take(now, 0) {
                    Taken::Letter(letter) => seat.hand.push_back(Job::new(letter, now)),
                    Taken::Look if !looked => {
                        looked = true;
                        self.office.look(self.store, now, false).await?;
                    }
                    Taken::Look | Taken::Empty(_) | Taken::Rest(_) => break,
                }
            }
            self.look_ahead(now);
        }
        if ahead > 1 && seat.claims <= ahead / 2 {
            let mut asks = Vec::new();
            for job in seat.hand.iter_mut().filter(|job| matches!(job.claim, Claim::Unasked)).take(ahead - seat.claims) {
                asks.push(job.ask(now));
            }
            seat.claims += asks.len();
            self.office.enter(self.store, asks);
        }
        for place in 0..WRITTEN {
            while seat.hand.len() > place && !self.write(seat, place).await? {}
        }
        Ok(())
    }

    /// Fetches the next batch in the background, when the tray is low and nobody does so already.
    fn look_ahead(&self, now: Timestamp) {
        if self.office.shared().tray.is_low() && self.office.looking.try_lock().is_ok() {
            let (office, store) = (self.office.clone(), self.store.clone());
            tokio::spawn(async move {
                if let Err(error) = office.look(&store, now, false).await {
                    tracing::error!(%error, "the outbox cannot be read");
                }
            });
        }
    }

    /// Writes a letter of the hand from its edition. One that cannot be written fails and leaves the hand: false.
    async fn write(&self, seat: &mut Seat, place: usize) -> store::Result<bool> {
        let Some(job) = seat.hand.get_mut(place) else { return Ok(false) };
        if job.parcel.is_some() {
            return Ok(true);
        }
        match self.parcel(&mut job.letter).await? {
            Ok(parcel) => {
                job.parcel = Some(parcel);
                Ok(true)
            }
            Err(why) => {
                let Some(job) = seat.hand.remove(place) else { return Ok(false) };
                if !matches!(job.claim, Claim::Unasked) {
                    seat.claims = seat.claims.saturating_sub(1);
                }
                let at = self.now();
                self.office.shared().give_back(at);
                self.office.enter(self.store, [Entry { letter: job.letter.id, at, deed: Deed::Fail(why) }]);
                Ok(false)
            }
        }
    }

    async fn parcel(&self, letter: &mut Upcoming) -> store::Result<Result<Parcel, String>> {
        let raw = match (letter.kept.take(), letter.edition) {
            (Some(raw), _) => raw,
            (None, Some(edition)) => {
                let set = match self.office.editions.get(self.store, edition).await? {
                    Ok(set) => set,
                    Err(why) => return Ok(Err(why)),
                };
                match set.letter(&letter.guest, &letter.stamp) {
                    Ok(letter) => self.office.signers.sign(&letter.raw, self.now()),
                    Err(flaws) => return Ok(Err(told(&flaws))),
                }
            }
            (None, None) => return Ok(Err("neither its bytes nor its templates are in the database".to_owned())),
        };
        Ok(Ok(Parcel { id: letter.id, mail_from: letter.mail_from.clone(), rcpt_to: letter.rcpt_to.clone(), raw }))
    }
}
