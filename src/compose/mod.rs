//! Letters: templates, dates in the guest's language, MIME, the calendar part.
