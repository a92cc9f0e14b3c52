//! An embedded mail server on loopback, with guests who answer, to rehearse against.
