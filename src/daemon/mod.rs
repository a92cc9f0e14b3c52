//! The loops, and the one place they start and stop.
