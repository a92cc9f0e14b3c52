//! Guest lists as people have them: bytes in, guests and complaints out.
