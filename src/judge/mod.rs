//! What the mail says: each witness gives evidence, then it is weighed.
