//! Who is due what and when, and how fast we may send; `now` is an argument.
