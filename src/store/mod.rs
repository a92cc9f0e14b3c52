//! The thread that owns SQLite: migrations, outbox, inbox, journal, views.
