//! `winmail.dat`: an answer that Outlook wrapped in TNEF.
