//! The calendar part of an answer (RFC 5546), made of what real clients send.

use crate::model::{Address, CalendarReply};

/// One part of a mail that may hold a calendar object.
pub(super) struct CalendarPart<'a> {
    /// The `method` parameter of the content type, as written.
    pub method_param: Option<String>,
    /// `text/calendar`, in lower case.
    pub content_type: String,
    pub file_name: Option<String>,
    /// Transfer-decoded.
    pub bytes: &'a [u8],
    pub charset: Option<String>,
}

/// What the calendar parts of one mail say together.
#[derive(Default)]
pub(super) struct Found {
    /// A REPLY or COUNTER.
    pub reply: Option<CalendarReply>,
    /// Another method: REQUEST, CANCEL, PUBLISH …
    pub other_method: Option<String>,
    pub notes: Vec<String>,
}

/// Reads the calendar parts of one mail; parts inside an attached message are not given to it.
pub(super) fn find(parts: &[CalendarPart<'_>], from: Option<&Address>) -> Found {
    let _ = (parts, from);
    Found::default()
}
