//! The steps: the only rooms that combine the rooms below.
