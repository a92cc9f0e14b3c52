//! placeholder

pub struct Context<'a> { pub sent: &'a [String], pub authserv_id: Option<&'a str> }
pub fn mail(_raw: &[u8], _c: &Context<'_>) -> crate::model::Mail { unimplemented!() }
